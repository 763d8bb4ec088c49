"""A pattern fits what ripgrep says it fits, and takes no more time for a malicious one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_files.globs import GlobError, Globs, glob_line, glob_pattern


def fits(line, path, *, is_folder=False):
    glob = Globs([glob_line(line)]).last(path, is_folder=is_folder)
    return glob is not None


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("*.py", "a.py"),
        ("*.py", "a/b/c.py"),
        ("a", "x/a"),
        ("/a", "a"),
        ("a/b", "a/b"),
        ("**/b", "a/x/b"),
        ("a/**", "a/x/y"),
        ("a/**/b", "a/b"),
        ("a/**/b", "a/x/y/b"),
        ("{a,b}.py", "b.py"),
        ("[a-c]", "b"),
        ("[!a]", "b"),
        ("\\*", "*"),
        ("**", "a/b"),
        ("a\\ ", "a "),
    ],
)
def test_a_pattern_fits(line, path):
    assert fits(line, path)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("*.py", "a.pyc"),
        ("/a", "x/a"),
        ("a/b", "x/a/b"),
        ("a/**", "a"),
        ("a*b", "a/b"),
        ("?", "é"),
        ("[!a]", "/"),
        ("a ", "a "),
        ("a**b", "a/b"),
        ("a/", "a"),
    ],
)
def test_a_pattern_does_not_fit(line, path):
    assert not fits(line, path)


def test_a_slash_at_the_end_is_for_folders():
    assert fits("a/", "a", is_folder=True)


def test_the_last_line_that_fits_decides():
    globs = Globs([glob_line("*.log"), glob_line("!keep.log")])
    assert globs.last("keep.log", is_folder=False).negated
    assert not globs.last("x.log", is_folder=False).negated
    assert globs.last("x.txt", is_folder=False) is None


@pytest.mark.parametrize("line", ["", "  ", "# a", "#"])
def test_a_comment_or_an_empty_line_is_none(line):
    assert glob_line(line) is None


@pytest.mark.parametrize("text", ["[a", "{a", "a}", "a\\", "{a,{b}"])
def test_a_pattern_that_is_none_is_an_error(text):
    with pytest.raises(GlobError):
        glob_pattern(text)


def test_a_pattern_that_would_explode_elsewhere_does_not_here():
    assert not fits("*a" * 200 + "b", "a" * 250)


def test_a_name_that_is_no_utf_8_can_be_found():
    assert fits("a*", "a\udcff")


def test_many_lines_are_tried_together():
    globs = Globs(glob_line(f"{'x' * 200}{number}") for number in range(200))
    assert globs.last("x" * 200 + "150", is_folder=False)
    assert globs.last("y", is_folder=False) is None
    assert len(list(globs)) == len(globs) == 200


LINES = st.lists(
    st.sampled_from(
        ["a", "*.a", "**/b", "**/*.b", "!a", "b/", "/a", "*", "**", "a/b", "*a*", ".a", "a.b", "!*.b", "é"]
    ),
    max_size=4,
)
PATHS = st.lists(st.sampled_from(["a", "b", ".a", "x.a", "a.b", ".b", "é", "a b"]), min_size=1, max_size=3).map(
    "/".join
)


@settings(max_examples=500, deadline=None)
@given(LINES, PATHS, st.booleans())
def test_lines_that_need_no_search_fit_what_a_search_would_find(lines, path, is_folder):
    globs = Globs(glob for line in lines if (glob := glob_line(line)))
    searched = Globs(replace(glob, ending="", is_name=False) for glob in globs)
    found, expected = (one.last(path, is_folder=is_folder) for one in (globs, searched))
    assert (found and found.pattern) is (expected and expected.pattern)


def test_lines_that_look_at_names_alone_say_so():
    told = [Globs(filter(None, map(glob_line, lines))).by_name for lines in (["a", "*.b"], ["a", "a/b"], ["/a"], [])]
    assert told == [True, False, False, True]
