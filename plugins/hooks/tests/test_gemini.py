"""Gemini CLI is told `deny` or nothing; Claude Code's words are not its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from occasio_core import AgentProtocolError, HookAnswer, Json, Moment
from occasio_hooks.gemini import Gemini

Replied = Callable[..., Any]
GOES_ON = HookAnswer()
REFUSED = HookAnswer(refuses=True, text="deny_paths: ./private")
WITHHELD = HookAnswer(notice="[withheld]")
GEMINI = Gemini()
COMMON: dict[str, Json] = {
    "session_id": "s-1",
    "transcript_path": "/t",
    "cwd": "/w",
    "timestamp": "2026-01-01T00:00:00Z",
}
CALL: dict[str, Json] = {
    **COMMON,
    "hook_event_name": "BeforeTool",
    "tool_name": "run_shell_command",
    "tool_input": {"command": "ls"},
}
RESULT: dict[str, Json] = {
    **CALL,
    "hook_event_name": "AfterTool",
    "tool_response": {"llmContent": "Output: out", "returnDisplay": "out"},
}
PROMPT: dict[str, Json] = {**COMMON, "hook_event_name": "BeforeAgent", "prompt": "do it"}
OTHER: dict[str, Json] = {**COMMON, "hook_event_name": "SessionStart", "source": "startup"}


def test_a_call_has_no_id_of_its_own() -> None:
    event = GEMINI.event(CALL)
    assert event.call is not None
    assert (event.moment, event.call.call, event.call.tool) == (Moment.CALL, "", "run_shell_command")
    assert GEMINI.event(RESULT).results[0].texts == ("Output: out",)
    assert GEMINI.event(PROMPT).prompt == "do it"


def test_calls_prompts_and_results_are_denied_with_a_reason(replied: Replied) -> None:
    assert replied(GEMINI, CALL, REFUSED) == {"decision": "deny", "reason": "deny_paths: ./private"}
    assert replied(GEMINI, PROMPT, REFUSED) == {"decision": "deny", "reason": "deny_paths: ./private"}
    assert replied(GEMINI, RESULT, WITHHELD) == {"decision": "deny", "reason": "[withheld]"}
    assert replied(GEMINI, RESULT, HookAnswer(texts=("clean",))) == {"decision": "deny", "reason": "clean"}


@pytest.mark.parametrize("payload", [CALL, RESULT, PROMPT, OTHER])
def test_it_is_told_deny_with_a_reason_or_nothing(
    replied: Replied, payload: dict[str, Json], answer: HookAnswer
) -> None:
    reply = replied(GEMINI, payload, answer)
    assert reply is None or (set(reply) == {"decision", "reason"} and reply["decision"] == "deny" and reply["reason"])


def test_what_goes_on_is_answered_with_nothing(replied: Replied) -> None:
    assert replied(GEMINI, CALL, GOES_ON) is None


def test_time_outs_are_milliseconds() -> None:
    entry = Gemini.installation.entry("BeforeTool", 590, "occasio")
    assert entry == {"matcher": "*", "hooks": [{"type": "command", "command": "occasio", "timeout": 595_000}]}


def test_an_event_without_its_members_is_refused() -> None:
    assert GEMINI.refusal("why").exit_code == 2
    with pytest.raises(AgentProtocolError):
        GEMINI.event({"hook_event_name": "BeforeTool"})
