"""Cursor is told what it can enforce; what it cannot is only recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from occasio_core import AgentProtocolError, HookAnswer, Json, Moment
from occasio_hooks.cursor import Cursor

Replied = Callable[..., Any]
GOES_ON = HookAnswer()
REFUSED = HookAnswer(refuses=True, text="deny_paths: ./private")
WITHHELD = HookAnswer(notice="[withheld]")
CURSOR = Cursor()
COMMON: dict[str, Json] = {"conversation_id": "s-1", "generation_id": "g", "workspace_roots": ["/w"], "model": "m"}
CALL: dict[str, Json] = {
    **COMMON,
    "hook_event_name": "preToolUse",
    "tool_name": "Shell",
    "tool_input": {"command": "ls"},
    "tool_use_id": "u1",
    "cwd": "/w/src",
}
SHELL: dict[str, Json] = {**CALL, "hook_event_name": "postToolUse", "tool_output": '{"stdout": "out"}'}
MCP: dict[str, Json] = {**SHELL, "tool_name": "MCP:say", "tool_output": {"content": [{"type": "text", "text": "out"}]}}
PROMPT: dict[str, Json] = {**COMMON, "hook_event_name": "beforeSubmitPrompt", "prompt": "do it"}
OTHER: dict[str, Json] = {**COMMON, "hook_event_name": "stop"}
KNOWN = {"permission", "user_message", "agent_message", "continue", "updated_mcp_tool_output"}


def test_a_call_is_read_where_the_agent_works() -> None:
    event = CURSOR.event(CALL)
    assert event.call is not None
    assert (event.moment, event.session, event.cwd, event.call.call) == (Moment.CALL, "s-1", "/w/src", "u1")
    assert CURSOR.event(PROMPT).cwd == "/w"


def test_a_call_is_allowed_or_denied_in_so_many_words(replied: Replied) -> None:
    assert replied(CURSOR, CALL, GOES_ON) == {"permission": "allow"}
    assert replied(CURSOR, CALL, REFUSED) == {
        "permission": "deny",
        "user_message": "deny_paths: ./private",
        "agent_message": "deny_paths: ./private",
    }
    assert replied(CURSOR, PROMPT, GOES_ON) == {"continue": True}
    assert replied(CURSOR, PROMPT, REFUSED)["continue"] is False


def test_a_result_of_an_mcp_tool_can_be_replaced_and_no_other(replied: Replied) -> None:
    content = {"content": [{"type": "text", "text": "[withheld]"}]}
    assert replied(CURSOR, MCP, WITHHELD) == {"updated_mcp_tool_output": content}
    clean = {"content": [{"type": "text", "text": "clean"}]}
    assert replied(CURSOR, MCP, HookAnswer(texts=("clean",))) == {"updated_mcp_tool_output": clean}
    assert CURSOR.event(SHELL).moment is Moment.SEEN
    assert replied(CURSOR, SHELL, WITHHELD) is None


@pytest.mark.parametrize("payload", [CALL, SHELL, MCP, PROMPT, OTHER])
def test_it_is_told_nothing_that_it_does_not_know_and_never_to_ask(
    replied: Replied, payload: dict[str, Json], answer: HookAnswer
) -> None:
    reply = replied(CURSOR, payload, answer) or {}
    assert set(reply) <= KNOWN
    assert reply.get("permission") in (None, "allow", "deny")


def test_its_entries_fail_closed_and_have_no_other_key() -> None:
    assert Cursor.installation.entry("preToolUse", 590, "occasio") == {
        "command": "occasio",
        "timeout": 595,
        "failClosed": True,
    }
    assert dict(Cursor.installation.base) == {"version": 1}


def test_an_event_that_names_no_place_is_refused() -> None:
    assert CURSOR.refusal("why").exit_code == 2
    with pytest.raises(AgentProtocolError):
        CURSOR.event({"hook_event_name": "preToolUse", "conversation_id": "s", "workspace_roots": []})
