"""Names are found in the agent's place as Claude Code's Glob finds them, of permitted files only."""

from __future__ import annotations

import os

import pytest

from occasio_files import find


@pytest.fixture(autouse=True)
def work(tmp_path):
    """A small project; what is listed first was written first."""
    for age, name in enumerate(["b.py", "a.py", "src/c.py", "src/deep/d.py", "private/key.py", ".gitignore", "x.log"]):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("*.log\n", encoding="utf-8")
        os.utime(tmp_path / name, (1000 + age, 1000 + age))
    return tmp_path


def allowed(effect):
    return "private" not in effect.target


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"pattern": "*.py"}, "b.py\na.py\nsrc/c.py\nsrc/deep/d.py"),
        ({"pattern": "**/*.py"}, "b.py\na.py\nsrc/c.py\nsrc/deep/d.py"),
        ({"pattern": "src/*.py"}, "src/c.py"),
        ({"pattern": "*.py", "path": "src/deep"}, "src/deep/d.py"),
        ({"pattern": "*.log"}, "x.log"),
        ({"pattern": ".*"}, ".gitignore"),
        ({"pattern": "{a,c}.py"}, "a.py\nsrc/c.py"),
        ({"pattern": "private/*"}, "No files found"),
        ({"pattern": "zz"}, "No files found"),
        ({"pattern": "src"}, "No files found"),
    ],
    ids=str,
)
def test_what_was_found_is_told_as_the_agent_does(run, arguments, text):
    assert run("Glob", arguments, allowed) == (text, False)


def test_a_pattern_may_begin_in_full(run, work):
    assert run("Glob", {"pattern": f"{work}/src/*.py"}) == ("src/c.py\nsrc/deep/d.py", False)
    assert run("Glob", {"pattern": f"{work}/src/c.py"}) == ("src/c.py", False)


def test_what_lies_elsewhere_is_told_in_full(run, work):
    (work.parent / "other").mkdir()
    (work.parent / "other" / "f").write_text("", encoding="utf-8")
    assert run("Glob", {"pattern": "f", "path": "../other"}) == (f"{work.parent}/other/f", False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"path": "nope"}, "<tool_use_error>Directory does not exist: nope. Note: your current working directory is"),
        ({"path": "a.py"}, "<tool_use_error>Path is not a directory: a.py</tool_use_error>"),
        ({"pattern": "[a"}, "Error: this cannot be looked for here: a class is not closed."),
        ({"path": "/proc/self/fd"}, "Error: this folder cannot be looked at"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_an_error_in_one_line(run, arguments, told):
    text, failed = run("Glob", {"pattern": "*.py", **arguments})
    assert failed
    assert text.startswith(told)
    assert "\n" not in text


def test_more_than_a_hundred_are_counted(run, work):
    for number in range(find.HEAD + 5):
        (work / f"n{number}.new").write_text("", encoding="utf-8")
    lines = run("Glob", {"pattern": "*.new"})[0].split("\n")
    assert len(lines) == find.HEAD + 1
    assert lines[-1] == (
        "(Showing 100 of 105 matching files; 5 more are not listed. Narrow the pattern or path to see the rest.)"
    )
