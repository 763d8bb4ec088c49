"""Claude Code 2.1.197 to 2.1.330.

A call is denied by `permissionDecision`; otherwise nothing is said, so that the agent's own permissions hold.  A result
can be replaced by one of the same shape.  Last comes the batch of all results of a turn, exactly as the model will get
them: it cannot be changed, and is stopped if a secret is still in it, which is the only way with failed commands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from occasio_core import (
    HookAnswer,
    HookEvent,
    HookReply,
    Installation,
    Json,
    Moment,
    Scope,
    ToolResult,
    call_of,
    object_of,
    result_of_event,
    session_of_event,
    text_of,
    with_notice,
    with_texts,
)
from occasio_hooks.replies import GOES_ON, WITHOUT_REASON, blocked, said

_NEVER_RAN = "<tool_use_error>"  # how the results of calls begin that the agent itself refused
_TOOL_EVENTS = ("PreToolUse", "PostToolUse", "PostToolUseFailure", "PermissionRequest", "PermissionDenied")
_MOMENTS = {
    "PreToolUse": Moment.CALL,
    "PostToolUse": Moment.RESULT,
    "PostToolBatch": Moment.BATCH,
    "UserPromptSubmit": Moment.PROMPT,
    "ConfigChange": Moment.SETTINGS,
    "SessionEnd": Moment.END,
}
_WAITS = {
    "PreToolUse": 590,  # a person may be asked
    "PostToolUse": 50,
    "PostToolUseFailure": 50,
    "PostToolBatch": 50,
    "PermissionRequest": 50,
    "PermissionDenied": 50,
    "UserPromptSubmit": 25,
    "SessionStart": 25,
    "SessionEnd": 5,
    "Stop": 10,
    "SubagentStart": 10,
    "SubagentStop": 10,
    "ConfigChange": 10,
}


class ClaudeCode:
    """The dialect of Claude Code."""

    name = "claude-code"
    installation = Installation(
        paths=MappingProxyType(
            {
                Scope.USER: "~/.claude/settings.json",
                Scope.PROJECT: "./.claude/settings.json",
                Scope.MANAGED: "/etc/claude-code/managed-settings.d/occasio.json",
            }
        ),
        events=MappingProxyType(_WAITS),
        entry=lambda event, wait, command: _entry(event, wait, command),
        moved_by="CLAUDE_CONFIG_DIR",
        post=lambda event, wait, url: _post(event, wait, url),
        program="claude",
        posts_since=(2, 1, 295),
        notes=(
            (
                "a hook cannot refuse where its program is missing or killed, or where the agent is told to leave "
                "hooks out (--bare, disableAllHooks); `occasio claude` has the proxy behind it"
            ),
        ),
    )

    def event(self, payload: Mapping[str, Json], /) -> HookEvent:
        name, session = text_of(payload, "hook_event_name"), session_of_event(payload, "session_id")
        moment = _MOMENTS.get(name, Moment.OTHER)
        cwd = text_of(payload, "cwd")
        tool, call = text_of(payload, "tool_name", ""), text_of(payload, "tool_use_id", "")
        given = payload.get("tool_input")
        asked = None
        if moment is Moment.CALL:
            asked = call_of(agent=self.name, session=session, call=call, tool=tool, given=given, cwd=cwd)
        results: Iterator[ToolResult] = iter(())
        if moment is Moment.RESULT:
            content = payload.get("tool_response")
            results = iter(
                [result_of_event(agent=self.name, session=session, call=call, tool=tool, given=given, content=content)]
            )
        elif moment is Moment.BATCH:
            results = self._batch(payload, session)
        return HookEvent(
            agent=self.name,
            name=name,
            moment=moment,
            session=session,
            cwd=cwd,
            call=asked,
            results=tuple(results),
            prompt=text_of(payload, "prompt", "") if moment is Moment.PROMPT else "",
            file=text_of(payload, "file_path", "") if moment is Moment.SETTINGS else "",
            about=call if moment is Moment.OTHER else "",
            source=_source(payload, moment),
            subagent=text_of(payload, "agent_id", ""),
            payload=payload,
        )

    def _batch(self, payload: Mapping[str, Json], session: str) -> Iterator[ToolResult]:
        calls = payload.get("tool_calls", [])
        for each in calls if isinstance(calls, list) else ():
            if isinstance(each, Mapping):
                content = each.get("tool_response")
                yield result_of_event(
                    agent=self.name,
                    session=session_of_event(payload, "session_id"),
                    call=text_of(each, "tool_use_id"),
                    tool=text_of(each, "tool_name"),
                    given=object_of(each, "tool_input"),
                    content=content,
                    is_error=isinstance(content, str) and content.startswith(_NEVER_RAN),
                )

    def reply(self, event: HookEvent, answer: HookAnswer, /) -> HookReply:
        text = answer.text or WITHOUT_REASON
        match event.moment:
            case Moment.CALL if answer.refuses:
                return said(
                    {
                        "hookSpecificOutput": {
                            "hookEventName": event.name,
                            "permissionDecision": "deny",
                            "permissionDecisionReason": text,
                        }
                    }
                )
            case Moment.RESULT if answer.refuses or answer.notice is not None or answer.texts is not None:
                content = event.payload.get("tool_response")
                output = (
                    with_texts(content, answer.texts)
                    if answer.texts is not None
                    else with_notice(content, answer.notice or text)
                )
                return said({"hookSpecificOutput": {"hookEventName": event.name, "updatedToolOutput": output}})
            case Moment.BATCH | Moment.PROMPT | Moment.SETTINGS if answer.refuses:
                return said({"decision": "block", "reason": text})
            case Moment.OTHER | Moment.END | Moment.SEEN if answer.refuses:
                return said({"systemMessage": text})  # these cannot be refused: the person is told
            case _:
                return GOES_ON

    def refusal(self, text: str, /) -> HookReply:
        return blocked(text)


def _source(payload: Mapping[str, Json], moment: Moment) -> str:
    """Return why a session began or ended, or whose settings changed: words of the agent, never of a person."""
    if moment in (Moment.END, Moment.SETTINGS, Moment.OTHER) and payload.get("hook_event_name") != "PermissionDenied":
        for member in ("source", "reason"):
            if isinstance(value := payload.get(member), str):
                return value[:64]
    return ""


def _post(event: str, wait: int, url: str) -> Json:
    """Return the item that posts; a session's start is never posted, and tells us which process the agent is."""
    if event == "SessionStart":
        return None
    hook: dict[str, Json] = {
        "type": "http",
        "url": url,
        "timeout": wait + 5,
        "headers": {"X-Occasio-Run": "$OCCASIO_RUN"},
        "allowedEnvVars": ["OCCASIO_RUN"],
        "onFailure": "block",
    }
    return {"matcher": "*", "hooks": [hook]} if event in _TOOL_EVENTS else {"hooks": [hook]}


def _entry(event: str, wait: int, command: str) -> Json:
    hook: dict[str, Json] = {"type": "command", "command": command, "timeout": wait + 5}
    return {"matcher": "*", "hooks": [hook]} if event in _TOOL_EVENTS else {"hooks": [hook]}
