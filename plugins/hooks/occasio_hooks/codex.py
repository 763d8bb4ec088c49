"""Codex 0.169.

It runs a tool unless the answer is one of few that it knows: no `ask`, no `allow` without a changed input, no empty
reason, no member too many.  A result is replaced by the reason of a block.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from occasio_core import (
    HookAnswer,
    HookEvent,
    HookReply,
    Installation,
    Json,
    Moment,
    Scope,
    call_of,
    result_of_event,
    session_of_event,
    text_of,
)
from occasio_hooks.replies import GOES_ON, WITHOUT_REASON, blocked, said

_MOMENTS = {
    "PreToolUse": Moment.CALL,
    "PostToolUse": Moment.RESULT,
    "UserPromptSubmit": Moment.PROMPT,
    "SessionEnd": Moment.END,
}
_WAITS = {
    "PreToolUse": 590,
    "PostToolUse": 50,
    "UserPromptSubmit": 25,
    "SessionStart": 25,
    "PermissionRequest": 25,
    "SubagentStart": 10,
    "SubagentStop": 10,
    "Stop": 10,
    "SessionEnd": 10,
}


class Codex:
    """The dialect of Codex."""

    name = "codex"
    installation = Installation(
        paths=MappingProxyType({Scope.USER: "~/.codex/hooks.json", Scope.PROJECT: "./.codex/hooks.json"}),
        events=MappingProxyType(_WAITS),
        entry=lambda event, wait, command: {
            "hooks": [{"type": "command", "command": command, "timeout": wait + 5}],
        },
        moved_by="CODEX_HOME",
        notes=(
            (
                "codex leaves hooks out, without a word, until a person trusts them: start codex and do so with "
                "/hooks. `--disable hooks` switches them off, and write_stdin into a running shell asks none"
            ),
        ),
    )

    def event(self, payload: Mapping[str, Json], /) -> HookEvent:
        name, session = text_of(payload, "hook_event_name"), session_of_event(payload, "session_id")
        moment, cwd = _MOMENTS.get(name, Moment.OTHER), text_of(payload, "cwd")
        tool, call = text_of(payload, "tool_name", ""), text_of(payload, "tool_use_id", "")
        given, content = payload.get("tool_input"), payload.get("tool_response")
        asked = None
        if moment is Moment.CALL:
            asked = call_of(agent=self.name, session=session, call=call, tool=tool, given=given, cwd=cwd)
        results = (
            (result_of_event(agent=self.name, session=session, call=call, tool=tool, given=given, content=content),)
            if moment is Moment.RESULT
            else ()
        )
        return HookEvent(
            agent=self.name,
            name=name,
            moment=moment,
            session=session,
            cwd=cwd,
            call=asked,
            results=results,
            prompt=text_of(payload, "prompt", "") if moment is Moment.PROMPT else "",
            about=call if moment is Moment.OTHER else "",
            subagent=text_of(payload, "agent_id", ""),
            payload=payload,
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
            case Moment.RESULT if answer.texts is not None:
                return said({"decision": "block", "reason": "\n".join(answer.texts) or WITHOUT_REASON})
            case Moment.RESULT if answer.refuses or answer.notice is not None:
                return said({"decision": "block", "reason": answer.notice or text})
            case Moment.PROMPT if answer.refuses:
                return said({"decision": "block", "reason": text})
            case _:
                return GOES_ON

    def refusal(self, text: str, /) -> HookReply:
        return blocked(text)
