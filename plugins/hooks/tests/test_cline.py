"""Cline takes nothing but `cancel` for a no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from occasio_core import AgentProtocolError, HookAnswer, Json, Moment, Scope
from occasio_hooks.cline import Cline

Replied = Callable[..., Any]
GOES_ON = HookAnswer()
CLINE = Cline()
COMMON: dict[str, Json] = {"clineVersion": "3.0.65", "taskId": "t-1", "workspaceRoots": ["/w"], "userId": "u"}
ASKED: Json = {"toolName": "run_commands", "parameters": {"commands": ["ls"]}}
CALL: dict[str, Json] = {**COMMON, "hookName": "PreToolUse", "preToolUse": ASKED}
RESULT: dict[str, Json] = {
    **COMMON,
    "hookName": "PostToolUse",
    "postToolUse": {"toolName": "run_commands", "parameters": {"commands": ["ls"]}, "result": "out", "success": True},
}
PROMPT: dict[str, Json] = {**COMMON, "hookName": "UserPromptSubmit", "userPromptSubmit": {"prompt": "do it"}}


def test_a_call_stands_under_the_name_of_its_event() -> None:
    event = CLINE.event(CALL)
    assert event.call is not None
    assert (event.moment, event.session, event.cwd, event.call.tool) == (Moment.CALL, "t-1", "/w", "run_commands")
    assert CLINE.event(RESULT).results[0].texts == ("out",)
    assert CLINE.event(PROMPT).prompt == "do it"
    assert CLINE.event({**COMMON, "hookName": "TaskComplete"}).moment is Moment.END


@pytest.mark.parametrize("payload", [CALL, RESULT, PROMPT])
def test_whatever_may_not_go_on_ends_the_run_and_nothing_else_is_said(
    replied: Replied, payload: dict[str, Json], answer: HookAnswer
) -> None:
    reply = replied(CLINE, payload, answer)
    if answer == GOES_ON:
        assert reply is None
    else:
        assert set(reply) == {"cancel", "errorMessage"}
        assert (reply["cancel"], bool(reply["errorMessage"])) == (True, True)


def test_a_refusal_is_no_exit_code() -> None:
    refusal = CLINE.refusal("why")
    assert (refusal.exit_code, refusal.stdout) == (0, b'{"cancel": true, "errorMessage": "why"}\n')


def test_an_event_without_a_workspace_is_refused() -> None:
    for roots in ([], None, [1]):
        with pytest.raises(AgentProtocolError):
            CLINE.event({**CALL, "workspaceRoots": roots})  # type: ignore[dict-item]


def test_its_hooks_are_programs() -> None:
    assert dict(Cline.installation.scripts) == {Scope.USER: ".py", Scope.PROJECT: ""}
