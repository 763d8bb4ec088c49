"""What a client may say of our tools is what their schemas say, and each means one call of a canonical tool."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_core import SessionId, ToolCall
from occasio_mcp.tools import call_of_ours


def made(name: str, **given: Any) -> ToolCall:
    return call_of_ours(name, given, {"callId": "c1"}, session=SessionId("s"), agent="a", cwd="/w")


@pytest.mark.parametrize(
    ("name", "given", "tool", "said"),
    [
        ("read_file", {"path": "a"}, "Read", {"file_path": "a"}),
        (
            "read_file",
            {"path": "a", "start_line": 3, "end_line": 5},
            "Read",
            {"file_path": "a", "offset": 3, "limit": 3},
        ),
        ("read_file", {"path": "a", "end_line": 5}, "Read", {"file_path": "a", "limit": 5}),
        (
            "read_file",
            {"path": "a", "start_line": 5, "end_line": 3},
            "Read",
            {"file_path": "a", "offset": 5, "limit": 1},
        ),
        ("find_files", {"pattern": "notes"}, "Glob", {"pattern": "**/*notes*"}),
        ("find_files", {"pattern": "notes", "extension": ".md"}, "Glob", {"pattern": "**/*notes*.md"}),
        ("find_files", {"pattern": "src/*.py", "path": "."}, "Glob", {"pattern": "src/*.py"}),
        ("find_files", {"pattern": "*.py", "path": "src"}, "Glob", {"pattern": "*.py", "path": "src"}),
        (
            "grep",
            {"pattern": "x"},
            "Grep",
            {"pattern": "x", "output_mode": "content", "-i": True, "head_limit": 50, "-n": True},
        ),
        (
            "grep",
            {"pattern": "x", "case_sensitive": True, "file_glob": "*.py", "max_results": 3, "output_mode": "count"},
            "Grep",
            {"pattern": "x", "output_mode": "count", "-i": False, "head_limit": 3, "glob": "*.py"},
        ),
    ],
)
def test_a_call_is_one_of_a_tool_here(name: str, given: dict[str, Any], tool: str, said: dict[str, Any]) -> None:
    call = made(name, **given)
    assert (call.tool, dict(call.input), call.problem) == (tool, said, "")
    assert (call.call, call.only_here, call.protocol) == ("c1", True, "mcp")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("write_file", {"path": "a"}),
        ("read_file", {}),
        ("read_file", {"path": 7}),
        ("read_file", {"path": "a", "start_line": 0}),
        ("read_file", {"path": "a", "start_line": True}),
        ("read_file", {"path": "a", "odd": 1}),
        ("grep", {"pattern": "x", "output_mode": "all"}),
        ("grep", {"pattern": "x", "case_sensitive": "yes"}),
        ("grep", {"pattern": "x", "max_results": 2**70}),
    ],
)
def test_anything_else_is_a_problem(name: str, given: dict[str, Any]) -> None:
    call = made(name, **given)
    assert call.problem
    assert dict(call.input) == {}
