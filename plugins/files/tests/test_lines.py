"""Of a file the lines are printed that ripgrep prints; test_like_ripgrep.py compares with the real one."""

from __future__ import annotations

import pytest

from occasio_files.lines import Shown, as_text, matches, printed
from occasio_files.patterns import pattern_of


def lines(pattern, text, prefix="", **shown):
    compiled = pattern_of(pattern, multiline=shown.get("multiline", False)).compiled
    return list(printed(compiled, text.encode(), Shown(**shown), prefix, lambda: False))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({}, ["2:foo", "5:foo"]),
        ({"numbers": False}, ["foo", "foo"]),
        ({"after": 1}, ["2:foo", "3-b", "--", "5:foo"]),
        ({"before": 1}, ["1-a", "2:foo", "--", "4-c", "5:foo"]),
        ({"before": 1, "after": 1}, ["1-a", "2:foo", "3-b", "4-c", "5:foo"]),
        ({"only_matching": True}, ["2:foo", "5:foo"]),
    ],
)
def test_lines_and_what_is_around_them(shown, expected):
    assert lines("foo", "a\nfoo\nb\nc\nfoo\n", **shown) == expected


def test_a_name_stands_before_each_line():
    assert lines("b", "a\nb\n", "/f", before=1) == ["/f-1-a", "/f:2:b"]


def test_each_match_of_a_line_is_told():
    assert lines("o", "foo\n", only_matching=True) == ["1:o", "1:o"]


def test_a_match_that_spans_lines_is_told_line_by_line():
    assert lines("a.b", "xa\nby\n", multiline=True) == ["1:xa", "2:by"]
    assert lines("a.b", "xa\nby\n", multiline=True, only_matching=True) == ["1:a", "2:b"]


@pytest.mark.parametrize(("size", "told"), [(499, "a" * 499), (500, "[Omitted long matching line]")])
def test_a_long_line_is_not_shown(size, told):
    assert lines("a", "a" * size + "\n") == [f"1:{told}"]


def test_a_long_line_beside_a_match_is_not_shown():
    assert lines("b", "a" * 600 + "\nb\n", before=1) == ["1-[Omitted long context line]", "2:b"]


def test_an_empty_file_has_no_lines():
    assert lines("^", "") == []
    assert lines("^", "a\n") == ["1:a"]


def test_a_match_that_runs_over_the_end_of_a_line_counts_if_the_line_has_one():
    compiled = pattern_of("x").compiled
    assert [*matches(compiled, b"x\nx\n", multiline=False)] == [(0, 1), (2, 3)]
    crossing = pattern_of("a[^b]*", multiline=True).compiled
    assert [*matches(crossing, b"xa\nc\na\n", multiline=False)] == [(1, 2), (5, 6)]


def test_enough_is_enough():
    asked = iter([False, True])
    got = list(printed(pattern_of("a").compiled, b"a\n" * 9, Shown(), "", lambda: next(asked)))
    assert got == ["1:a", "2:a"]


@pytest.mark.parametrize(
    "data", [b"h\xc3\xa9", b"\xef\xbb\xbfh\xc3\xa9", "\ufeffhé".encode("utf-16-le"), "\ufeffhé".encode("utf-16-be")]
)
def test_a_text_may_be_written_in_several_ways(data):
    assert as_text(data) == "hé".encode()
