"""No dialect changes what a tool is given: nothing in the policy's language says how an input should be another one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from occasio_core import HookAnswer, HookDialect, Json
from occasio_hooks.claude import ClaudeCode
from occasio_hooks.cline import Cline
from occasio_hooks.codex import Codex
from occasio_hooks.cursor import Cursor
from occasio_hooks.gemini import Gemini

# By which members agents take another input.
_REWRITES = {"updatedInput", "updated_input", "tool_input", "overrideInput", "modifiedArgs"}
_CALLS: list[tuple[HookDialect, Mapping[str, Json]]] = [
    (
        dialect,
        {
            "hook_event_name": name,
            "session_id": "s",
            "conversation_id": "s",
            "cwd": "/w",
            "workspace_roots": ["/w"],
            "timestamp": "2026-01-01T00:00:00Z",
            "tool_name": "Bash",
            "tool_input": {"command": "ls"},
            "tool_use_id": "c",
            "command": "ls",
            "taskId": "s",
            "hookName": "PreToolUse",
            "preToolUse": {"toolName": "run_commands", "parameters": {"commands": ["ls"]}},
            "workspaceRoots": ["/w"],
        },
    )
    for dialect, name in (
        (ClaudeCode(), "PreToolUse"),
        (Codex(), "PreToolUse"),
        (Gemini(), "BeforeTool"),
        (Cursor(), "beforeShellExecution"),
        (Cline(), ""),
    )
]


def members(value: Json) -> Iterator[str]:
    for name, member in value.items() if isinstance(value, dict) else ():
        yield name
        yield from members(member)


@pytest.mark.parametrize(("dialect", "payload"), _CALLS, ids=[dialect.name for dialect, _ in _CALLS])
def test_no_answer_to_a_call_says_another_input(
    dialect: HookDialect, payload: Mapping[str, Json], answer: HookAnswer
) -> None:
    reply = dialect.reply(dialect.event(payload), answer)
    said = json.loads(reply.stdout) if reply.stdout else {}
    assert _REWRITES.isdisjoint(members(said))
