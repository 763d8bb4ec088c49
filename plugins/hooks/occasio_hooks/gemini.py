"""Gemini CLI 0.61.

It gives calls no id, so that a result belongs to the oldest equal call.  `decision: deny` refuses a call, and hides a
result behind the reason; of Claude Code's words it knows none.
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
    "BeforeTool": Moment.CALL,
    "AfterTool": Moment.RESULT,
    "BeforeAgent": Moment.PROMPT,
    "SessionEnd": Moment.END,
}
_WAITS = {"BeforeTool": 590, "AfterTool": 50, "BeforeAgent": 25, "SessionStart": 25, "SessionEnd": 10}


class Gemini:
    """The dialect of Gemini CLI."""

    name = "gemini"
    installation = Installation(
        paths=MappingProxyType(
            {
                Scope.USER: "~/.gemini/settings.json",
                Scope.PROJECT: "./.gemini/settings.json",
                Scope.MANAGED: "/etc/gemini-cli/settings.json",
            }
        ),
        events=MappingProxyType(_WAITS),
        entry=lambda event, wait, command: _entry(event, wait, command),
    )

    def event(self, payload: Mapping[str, Json], /) -> HookEvent:
        name, session = text_of(payload, "hook_event_name"), session_of_event(payload, "session_id")
        moment, cwd = _MOMENTS.get(name, Moment.OTHER), text_of(payload, "cwd")
        tool, given, content = (
            text_of(payload, "tool_name", ""),
            payload.get("tool_input"),
            payload.get("tool_response"),
        )
        asked = None
        if moment is Moment.CALL:
            asked = call_of(agent=self.name, session=session, call="", tool=tool, given=given, cwd=cwd)
        results = (
            (result_of_event(agent=self.name, session=session, call="", tool=tool, given=given, content=content),)
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
            payload=payload,
        )

    def reply(self, event: HookEvent, answer: HookAnswer, /) -> HookReply:
        text = answer.text or WITHOUT_REASON
        match event.moment:
            case Moment.CALL | Moment.PROMPT if answer.refuses:
                return said({"decision": "deny", "reason": text})
            case Moment.RESULT if answer.texts is not None:
                return said({"decision": "deny", "reason": "\n".join(answer.texts) or WITHOUT_REASON})
            case Moment.RESULT if answer.refuses or answer.notice is not None:
                return said({"decision": "deny", "reason": answer.notice or text})
            case _:
                return GOES_ON

    def refusal(self, text: str, /) -> HookReply:
        return blocked(text)


def _entry(event: str, wait: int, command: str) -> Json:
    hook: dict[str, Json] = {"type": "command", "command": command, "timeout": (wait + 5) * 1000}  # milliseconds
    return {"matcher": "*", "hooks": [hook]} if event.endswith("Tool") else {"hooks": [hook]}
