"""Cline CLI 3.0.

Its only no is `cancel`, which ends the whole run; an exit code is none.  A result cannot be changed, so one that the
model must not get ends the run too.  Hooks are programs in a directory, one for each event.
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
    object_of,
    result_of_event,
    session_of_event,
    text_of,
)
from occasio_hooks.replies import GOES_ON, WITHOUT_REASON, said

_MOMENTS = {
    "PreToolUse": Moment.CALL,
    "PostToolUse": Moment.RESULT,
    "UserPromptSubmit": Moment.PROMPT,
    "TaskComplete": Moment.END,
    "TaskCancel": Moment.END,
}
_WAITS = {"PreToolUse": 110, "PostToolUse": 25, "UserPromptSubmit": 25, "TaskStart": 25, "TaskComplete": 10}


class Cline:
    """The dialect of Cline."""

    name = "cline"
    installation = Installation(
        paths=MappingProxyType({Scope.USER: "~/.cline/hooks", Scope.PROJECT: "./.clinerules/hooks"}),
        events=MappingProxyType(_WAITS),
        scripts=MappingProxyType({Scope.USER: ".py", Scope.PROJECT: ""}),
        notes=("cline knows no refusal of one call: what the policy refuses ends the whole run",),
    )

    def event(self, payload: Mapping[str, Json], /) -> HookEvent:
        name, session = text_of(payload, "hookName"), session_of_event(payload, "taskId")
        moment, cwd = _MOMENTS.get(name, Moment.OTHER), _directory(payload)
        about = object_of(payload, f"{name[:1].lower()}{name[1:]}")
        tool, given = text_of(about, "toolName", ""), about.get("parameters")
        asked = None
        if moment is Moment.CALL:
            asked = call_of(agent=self.name, session=session, call="", tool=tool, given=given, cwd=cwd)
        results = (
            (
                result_of_event(
                    agent=self.name, session=session, call="", tool=tool, given=given, content=about.get("result")
                ),
            )
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
            prompt=text_of(about, "prompt", "") if moment is Moment.PROMPT else "",
            payload=payload,
        )

    def reply(self, event: HookEvent, answer: HookAnswer, /) -> HookReply:
        if answer.refuses or answer.notice is not None:
            return self.refusal(answer.text or answer.notice or WITHOUT_REASON)
        if answer.texts is not None:
            return self.refusal("[withheld by Occasio: the policy shapes this result, and cline's hooks cannot]")
        return GOES_ON

    def refusal(self, text: str, /) -> HookReply:
        return said({"cancel": True, "errorMessage": text or WITHOUT_REASON})


def _directory(payload: Mapping[str, Json]) -> str:
    """Return the first root of the workspace.  Raises `AgentProtocolError`."""
    roots = payload.get("workspaceRoots")
    if isinstance(roots, list) and roots and isinstance(roots[0], str):
        return roots[0]
    raise AgentProtocolError("the hook's event names no `workspaceRoots`")
