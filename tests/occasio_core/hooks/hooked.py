"""What the tests of hooks share: events of an agent that nobody has, and a dialect that says what it was told to say."""

from __future__ import annotations

import json
from collections.abc import Mapping

from occasio_core.errors import AgentProtocolError
from occasio_core.hooks.event import HookAnswer, HookEvent, HookReply, Installation, Moment, Scope
from occasio_core.hooks.reading import call_of, result_of_event
from occasio_core.model import SessionId
from occasio_verify import Json

SESSION = SessionId("s-1")


def asks(path: str = "notes.txt", call: str = "c1", **more: Json) -> HookEvent:
    given = {"file_path": path, **more}
    asked = call_of(agent="tester", session=SESSION, call=call, tool="Read", given=given, cwd="/w")
    return event(Moment.CALL, call=asked)


def got(
    text: str, call: str = "c1", moment: Moment = Moment.RESULT, *, is_error: bool = False, path: str = "notes.txt"
) -> HookEvent:
    result = result_of_event(
        agent="tester",
        session=SESSION,
        call=call,
        tool="Read",
        given={"file_path": path},
        content=text,
        is_error=is_error,
    )
    return event(moment, results=(result,))


def event(moment: Moment, **more: object) -> HookEvent:
    given: dict[str, object] = {"agent": "tester", "name": f"On{moment}", "session": SESSION, "cwd": "/w", **more}
    return HookEvent(moment=moment, **given)  # type: ignore[arg-type]


class Plain:
    """A dialect: `{"ask": path}` is a call; a refusal is its text, and exit code 2."""

    name = "tester"
    installation = Installation(
        paths={Scope.USER: "~/.tester/settings.json", Scope.PROJECT: "./.tester/settings.json"},
        events={"Before": 590, "After": 50},
        entry=lambda event, wait, command: {"hooks": [{"type": "command", "command": command, "timeout": wait + 5}]},
        base={"version": 1},
        moved_by="TESTER_HOME",
        notes=("it is no agent",),
    )

    def event(self, payload: Mapping[str, Json], /) -> HookEvent:
        if "ends" in payload:
            return event(Moment.END)
        path = payload.get("ask")
        if not isinstance(path, str):
            raise AgentProtocolError("the event has no `ask`")
        if path == "breaks":
            raise KeyError(path)
        return asks(path, call=str(payload.get("call", "c1")))

    def reply(self, event: HookEvent, answer: HookAnswer, /) -> HookReply:
        if answer.text == "breaks":
            raise KeyError(answer.text)
        return HookReply(stdout=json.dumps({"refuses": answer.refuses, "text": answer.text}).encode())

    def refusal(self, text: str, /) -> HookReply:
        return HookReply(exit_code=2, stderr=text.encode())
