"""A pattern fits what ripgrep says it fits, and takes no more time for a malicious one."""

from __future__ import annotations

import pytest

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
