"""Claude Code is told what its schema has, and nothing else; results are replaced in the shape of the tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from occasio_core import AgentProtocolError, HookAnswer, Json, Moment, Scope
from occasio_hooks.claude import ClaudeCode

Replied = Callable[..., Any]
GOES_ON = HookAnswer()
REFUSED = HookAnswer(refuses=True, text="deny_paths: ./private")
REFUSED_WITHOUT_REASON = HookAnswer(refuses=True)
WITHHELD = HookAnswer(notice="[withheld]")
CLAUDE = ClaudeCode()
COMMON: dict[str, Json] = {"session_id": "s-1", "transcript_path": "/t", "cwd": "/w", "permission_mode": "default"}
BASH: Json = {"stdout": "out", "stderr": "", "interrupted": False, "isImage": False, "noOutputExpected": False}


def told(name: str, **more: Json) -> dict[str, Json]:
    return {**COMMON, "hook_event_name": name, **more}


CALL = told("PreToolUse", tool_name="Bash", tool_input={"command": "ls"}, tool_use_id="toolu_1")
RESULT = {**CALL, "hook_event_name": "PostToolUse", "tool_response": BASH, "duration_ms": 1.5}
BATCH = told(
    "PostToolBatch",
    tool_calls=[
        {"tool_name": "Bash", "tool_input": {"command": "ls"}, "tool_use_id": "toolu_1", "tool_response": "out"},
        {"tool_name": "X", "tool_input": {}, "tool_use_id": "toolu_2", "tool_response": "<tool_use_error>no</…>"},
    ],
)
PROMPT = told("UserPromptSubmit", prompt="do it")
CONFIG = told("ConfigChange", source="project_settings", file_path="/w/.claude/settings.json")


def test_a_call_is_read_with_its_id() -> None:
    event = CLAUDE.event(CALL)
    assert (event.moment, event.session, event.cwd) == (Moment.CALL, "s-1", "/w")
    assert event.call is not None
    assert (event.call.call, event.call.tool, dict(event.call.input)) == ("toolu_1", "Bash", {"command": "ls"})
    assert event.call.protocol == "hook"


def test_a_call_that_may_go_on_is_left_to_the_agents_own_permissions(replied: Replied) -> None:
    assert replied(CLAUDE, CALL, GOES_ON) is None


@pytest.mark.parametrize("answer", [REFUSED, REFUSED_WITHOUT_REASON])
def test_a_refused_call_is_denied_with_a_reason(replied: Replied, answer: HookAnswer) -> None:
    output = replied(CLAUDE, CALL, answer)["hookSpecificOutput"]
    assert (output["hookEventName"], output["permissionDecision"]) == ("PreToolUse", "deny")
    assert output["permissionDecisionReason"]
    assert len(output) == 3


def test_a_result_is_replaced_in_the_shape_of_its_tool(replied: Replied) -> None:
    redacted = replied(CLAUDE, RESULT, HookAnswer(texts=("[REDACTED]", "")))["hookSpecificOutput"]
    assert redacted == {"hookEventName": "PostToolUse", "updatedToolOutput": {**BASH, "stdout": "[REDACTED]"}}  # type: ignore[dict-item]
    withheld = replied(CLAUDE, RESULT, WITHHELD)["hookSpecificOutput"]
    assert withheld["updatedToolOutput"] == {**BASH, "stdout": "[withheld]"}  # type: ignore[dict-item]
    assert replied(CLAUDE, RESULT, GOES_ON) is None


def test_a_result_that_could_not_be_recorded_is_not_shown(replied: Replied) -> None:
    output = replied(CLAUDE, RESULT, REFUSED)["hookSpecificOutput"]["updatedToolOutput"]
    assert output["stdout"] == "deny_paths: ./private"


def test_a_batch_has_what_the_model_is_about_to_get() -> None:
    event = CLAUDE.event(BATCH)
    assert [(result.call, result.texts, result.is_error) for result in event.results] == [
        ("toolu_1", ("out",), False),
        ("toolu_2", ("<tool_use_error>no</…>",), True),
    ]


@pytest.mark.parametrize("payload", [BATCH, PROMPT, CONFIG])
def test_a_batch_a_prompt_and_settings_are_blocked_with_a_reason(replied: Replied, payload: dict[str, Json]) -> None:
    assert replied(CLAUDE, payload, REFUSED) == {"decision": "block", "reason": "deny_paths: ./private"}
    assert replied(CLAUDE, payload, GOES_ON) is None


def test_what_an_event_says_besides_is_kept_for_its_row() -> None:
    config = CLAUDE.event(CONFIG)
    assert (config.moment, config.file, config.source) == (Moment.SETTINGS, CONFIG["file_path"], "project_settings")
    failed = CLAUDE.event({**CALL, "hook_event_name": "PostToolUseFailure", "error": "Exit code 3", "agent_id": "a1"})
    assert (failed.moment, failed.about, failed.subagent) == (Moment.OTHER, "toolu_1", "a1")
    assert CLAUDE.event(told("SessionStart", source="resume")).source == "resume"
    assert CLAUDE.event(told("SessionEnd", reason="logout")).moment is Moment.END
    assert CLAUDE.event(told("PermissionDenied", reason="words of a model")).source == ""
    assert CLAUDE.event(told("Unheard")).moment is Moment.OTHER


def test_where_nothing_can_be_refused_the_person_is_told(replied: Replied) -> None:
    assert replied(CLAUDE, told("SessionStart"), REFUSED) == {"systemMessage": "deny_paths: ./private"}


@pytest.mark.parametrize("missing", ["hook_event_name", "session_id", "cwd"])
def test_an_event_without_its_members_is_refused(missing: str) -> None:
    with pytest.raises(AgentProtocolError):
        CLAUDE.event({name: value for name, value in CALL.items() if name != missing})
    assert CLAUDE.refusal("why").exit_code == 2


@pytest.mark.parametrize("payload", [CALL, RESULT, BATCH, PROMPT, CONFIG, told("Stop"), told("SessionEnd")])
def test_no_answer_asks_allows_or_says_what_the_schema_has_not(
    replied: Replied, payload: dict[str, Json], answer: HookAnswer
) -> None:
    reply = replied(CLAUDE, payload, HookAnswer(texts=("a", "b")) if answer.texts is not None else answer) or {}
    assert set(reply) <= {"hookSpecificOutput", "decision", "reason", "systemMessage"}
    assert reply.get("decision") in (None, "block")
    specific = reply.get("hookSpecificOutput", {})
    assert set(specific) <= {
        *("hookEventName", "permissionDecision", "permissionDecisionReason", "updatedToolOutput"),
    }
    assert specific.get("permissionDecision") in (None, "deny")


def test_an_event_is_posted_so_that_a_failure_blocks_and_a_sessions_start_is_not() -> None:
    for event, wait in ClaudeCode.installation.events.items():
        entry = ClaudeCode.installation.post(event, wait, "http://127.0.0.1:7/s/claude-code")
        if event == "SessionStart":
            assert entry is None
            continue
        assert isinstance(entry, dict)
        assert isinstance(entry["hooks"], list)
        assert entry["hooks"][0] == {
            "type": "http",
            "url": "http://127.0.0.1:7/s/claude-code",
            "timeout": wait + 5,
            "headers": {"X-Occasio-Run": "$OCCASIO_RUN"},
            "allowedEnvVars": ["OCCASIO_RUN"],
            "onFailure": "block",
        }


def test_every_event_has_a_command_with_a_time_out_behind_its_own() -> None:
    for event, wait in ClaudeCode.installation.events.items():
        entry = ClaudeCode.installation.entry(event, wait, "occasio")
        assert isinstance(entry, dict)
        assert entry["hooks"] == [{"type": "command", "command": "occasio", "timeout": wait + 5}]
        assert entry.get("matcher") in (None, "*")  # `A|B` was seen never to fire
    assert set(ClaudeCode.installation.paths) == set(Scope)
