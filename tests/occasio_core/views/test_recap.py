"""A recap tells what was done and refused, in markdown that nothing from a row can break out of."""

from __future__ import annotations

import pytest

from occasio_core.views.recap import as_json, as_markdown, quoted, recap_of
from tests.occasio_core.views.rows import Run

CWD = "/home/ada/project"


def run() -> Run:
    made = Run()
    made.call("a", effects=[f"read {CWD}/notes.txt"], inputs={"path": f"{CWD}/notes.txt"})
    made.call("b", "BLOCK", inputs={"path": f"{CWD}/.env"}, reason="path-denied", rule="deny_paths: .env")
    made.call("c", "BLOCK", inputs={"path": f"{CWD}/.env"}, reason="path-denied", rule="deny_paths: .env")
    made.call("d", tool="edit_file", effects=[f"read {CWD}/a.py", f"write {CWD}/a.py"], inputs={"path": f"{CWD}/a.py"})
    made.call("e", tool="grep", effects=[f"read {CWD}", f"read {CWD}/**"])
    made.call("f", tool="shell_bash", effects=["execute pytest"])
    made.result("a").result("d", "transform", returned_size=1).result("f", "withheld", returned_size=1)
    return made


def test_a_recap_has_files_tools_refusals_and_the_last_steps() -> None:
    told = as_json(recap_of(run().rows[2:], CWD))
    assert told == {
        "files": {"modified": ["a.py"], "read": ["notes.txt"]},
        "tools": {"read_file": 1, "edit_file": 1, "grep": 1, "shell_bash": 1},
        "decisions": {
            "blocked": [{"tool": "read_file", "target": ".env", "rule": "deny_paths: .env", "times": 2}],
            "transformed": 1,
            "withheld": 1,
        },
        "last_actions": ["read_file notes.txt", "edit_file a.py", "grep .", "shell_bash pytest"],
        "open_thread": {"last_write": "a.py", "last_command": "pytest"},
    }


def test_the_same_as_markdown() -> None:
    lines = list(as_markdown(recap_of(run().rows[2:], CWD), "Title", "When"))
    assert lines[:3] == ["## Title", "", f"When; paths are from `{CWD}`."]
    assert "- `read_file .env`: `deny_paths: .env` (2 times)" in lines
    assert "- last command: `pytest`" in lines


def test_long_lists_end_with_how_many_there_are() -> None:
    made = Run()
    for number in range(13):
        made.call(f"c{number}", effects=[f"write {CWD}/{number}"], inputs={"path": f"{CWD}/{number}"})
    lines = list(as_markdown(recap_of(made.rows[2:], CWD), "T", "W"))
    assert "- and 3 more" in lines


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a``b`", "``` a``b` ```"),
        ("a\nb\x1b[2J", "`a?b?[2J`"),
    ],
)
def test_a_text_is_code_that_it_cannot_end(value: str, code: str) -> None:
    assert quoted(value) == code
