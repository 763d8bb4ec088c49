"""Codex runs a tool unless it gets one of the few answers that it knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from occasio_core import AgentProtocolError, HookAnswer, Json, Moment
from occasio_hooks.codex import Codex

Replied = Callable[..., Any]
EMPTIED = HookAnswer(texts=("",))
GOES_ON = HookAnswer()
REFUSED = HookAnswer(refuses=True, text="deny_paths: ./private")
WITHHELD = HookAnswer(notice="[withheld]")
CODEX = Codex()
COMMON: dict[str, Json] = {
    "session_id": "s-1",
    "turn_id": "t",
    "transcript_path": None,
    "cwd": "/w",
    "model": "gpt-5",
    "permission_mode": "default",
}
CALL: dict[str, Json] = {
    **COMMON,
    "hook_event_name": "PreToolUse",
    "tool_name": "Bash",
    "tool_input": {"command": "ls"},
    "tool_use_id": "call_1",
}
RESULT: dict[str, Json] = {**CALL, "hook_event_name": "PostToolUse", "tool_response": "out"}
PROMPT: dict[str, Json] = {**COMMON, "hook_event_name": "UserPromptSubmit", "prompt": "do it"}
OTHER: dict[str, Json] = {**COMMON, "hook_event_name": "Stop"}


def test_a_call_is_read_with_its_id() -> None:
    event = CODEX.event(CALL)
    assert event.call is not None
    assert (event.moment, event.call.call, event.call.tool) == (Moment.CALL, "call_1", "Bash")
    assert CODEX.event(PROMPT).prompt == "do it"
    assert CODEX.event(RESULT).results[0].texts == ("out",)


def test_a_refused_call_is_denied(replied: Replied) -> None:
    assert replied(CODEX, CALL, REFUSED) == {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": "deny_paths: ./private",
        }
    }


def test_a_result_is_replaced_by_the_reason_of_a_block(replied: Replied) -> None:
    assert replied(CODEX, RESULT, WITHHELD) == {"decision": "block", "reason": "[withheld]"}
    assert replied(CODEX, RESULT, HookAnswer(texts=("a", "b"))) == {"decision": "block", "reason": "a\nb"}
    assert replied(CODEX, PROMPT, REFUSED) == {"decision": "block", "reason": "deny_paths: ./private"}
    assert replied(CODEX, RESULT, EMPTIED)["reason"]


@pytest.mark.parametrize("payload", [CALL, RESULT, PROMPT, OTHER])
def test_it_is_never_told_to_ask_to_allow_or_a_member_too_many(
    replied: Replied, payload: dict[str, Json], answer: HookAnswer
) -> None:
    reply = replied(CODEX, payload, answer) or {}
    assert set(reply) in ({"hookSpecificOutput"}, {"decision", "reason"}, set())
    if "hookSpecificOutput" in reply:
        specific = reply["hookSpecificOutput"]
        assert set(specific) == {"hookEventName", "permissionDecision", "permissionDecisionReason"}
        assert (specific["permissionDecision"], bool(specific["permissionDecisionReason"])) == ("deny", True)
    assert reply.get("decision") in (None, "block")
    assert reply.get("reason") != ""


def test_what_goes_on_is_answered_with_nothing(replied: Replied) -> None:
    assert replied(CODEX, CALL, GOES_ON) is None


def test_a_refusal_has_exit_code_2_and_a_reason() -> None:
    assert (CODEX.refusal("").exit_code, bool(CODEX.refusal("").stderr.strip())) == (2, True)
    with pytest.raises(AgentProtocolError):
        CODEX.event({})
