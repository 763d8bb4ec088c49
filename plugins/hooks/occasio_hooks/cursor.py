"""Cursor's CLI 2026.09.

`permission: deny` refuses a call.  Of results only those of MCP tools can be changed; the others are recorded as they
are.  A key that it does not know makes it throw away its whole file of hooks, and `failClosed` is one that it knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from occasio_core import (
    AgentProtocolError,
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
    with_notice,
    with_texts,
)
from occasio_hooks.replies import GOES_ON, WITHOUT_REASON, blocked, said

_MCP = "MCP:"
_MOMENTS = {
    "preToolUse": Moment.CALL,
    "postToolUse": Moment.RESULT,
    "beforeSubmitPrompt": Moment.PROMPT,
    "sessionEnd": Moment.END,
}
_WAITS = {
    "preToolUse": 590,
    "postToolUse": 50,
    "beforeSubmitPrompt": 25,
    "sessionStart": 25,
    "sessionEnd": 10,
    "stop": 10,
}


class Cursor:
    """The dialect of Cursor."""

    name = "cursor"
    installation = Installation(
        paths=MappingProxyType(
            {
                Scope.USER: "~/.cursor/hooks.json",
                Scope.PROJECT: "./.cursor/hooks.json",
                Scope.MANAGED: "/etc/cursor/hooks.json",
            }
        ),
        events=MappingProxyType(_WAITS),
        entry=lambda event, wait, command: {"command": command, "timeout": wait + 5, "failClosed": True},
        base=MappingProxyType({"version": 1}),
        notes=(
            "cursor lets no hook change what a shell command or a file gave the model; secrets there are only noted",
        ),
    )

    def event(self, payload: Mapping[str, Json], /) -> HookEvent:
        name, session = text_of(payload, "hook_event_name"), session_of_event(payload, "conversation_id")
        moment, cwd = _MOMENTS.get(name, Moment.OTHER), _directory(payload)
        tool, call = text_of(payload, "tool_name", ""), text_of(payload, "tool_use_id", "")
        given, content = payload.get("tool_input"), payload.get("tool_output")
        asked = None
        if moment is Moment.CALL:
            asked = call_of(agent=self.name, session=session, call=call, tool=tool, given=given, cwd=cwd)
        results = (
            (result_of_event(agent=self.name, session=session, call=call, tool=tool, given=given, content=content),)
            if moment is Moment.RESULT
            else ()
        )
        if results and not tool.startswith(_MCP):
            moment = Moment.SEEN
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
            case Moment.CALL if answer.refuses:
                return said({"permission": "deny", "user_message": text, "agent_message": text})
            case Moment.CALL:
                return said({"permission": "allow"})
            case Moment.PROMPT:
                return said({"continue": False, "user_message": text} if answer.refuses else {"continue": True})
            case Moment.RESULT if answer.texts is not None:
                return said({"updated_mcp_tool_output": with_texts(event.payload.get("tool_output"), answer.texts)})
            case Moment.RESULT if answer.refuses or answer.notice is not None:
                notice = answer.notice or text
                return said({"updated_mcp_tool_output": with_notice(event.payload.get("tool_output"), notice)})
            case _:
                return GOES_ON

    def refusal(self, text: str, /) -> HookReply:
        return blocked(text)


def _directory(payload: Mapping[str, Json]) -> str:
    """Return where the agent works.  Raises `AgentProtocolError`."""
    if isinstance(cwd := payload.get("cwd"), str) and cwd:
        return cwd
    roots = payload.get("workspace_roots")
    if isinstance(roots, list) and roots and isinstance(roots[0], str):
        return roots[0]
    raise AgentProtocolError("the hook's event names neither `cwd` nor `workspace_roots`")
