"""One client's conversation with a server: what of each message goes on, and what is answered in its place.

Calls are held until they are decided, results until they are scanned, and so is what a server asks of the client's
model or person; all else goes on byte for byte.  Roots are the gateway's to tell, in both directions.  Knows messages,
no pipes and no HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from occasio_core import Json, JsonPath, OccasioError, ToolCall, spans, spliced, written
from occasio_mcp.calls import (
    CAPABILITIES_OF,
    CLIENT_OF,
    ELICITATION,
    MCP,
    OF_SERVERS,
    PROMPTS_GET,
    RESOURCES_READ,
    TASKS_RESULT,
    TOOLS_CALL,
    agent_of,
    call_of,
    call_of_server,
    refused,
)
from occasio_mcp.frames import (
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    REFUSED,
    BadFrameError,
    Id,
    Notification,
    Request,
    Response,
    failed,
    frame,
    ok,
)
from occasio_mcp.gateway import Gateway, Scanned

GOVERNED = (TOOLS_CALL, RESOURCES_READ, PROMPTS_GET)
_GONE = "the server ended before it answered"


@dataclass(frozen=True, slots=True)
class Passed:
    """What goes on, and what goes back: at most one message each way, without its line's end."""

    to_server: bytes = field(default=b"", repr=False)
    to_client: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that is with the other side; `call` is what was decided on, if anything was."""

    request: Request
    call: ToolCall | None = None


class Conversation:
    """Takes messages from either side, each once, and returns what becomes of it."""

    def __init__(self, gateway: Gateway, agent: str = MCP) -> None:
        self.agent = agent
        self._gateway = gateway
        self._asked: dict[Id, _Asked] = {}
        self._deciding: dict[Id, asyncio.Task[object] | None] = {}
        self._asked_by_server: dict[Id, _Asked] = {}

    async def from_client(self, data: bytes) -> Passed:
        """Return what becomes of a message of the client."""
        try:
            said = frame(data)
        except BadFrameError as error:
            return Passed(to_client=failed(None, error.code, f"occasio: {error}"))
        match said:
            case Request():
                return await self._request(said)
            case Notification():
                return self._notification(said)
            case Response() if said.id in self._asked_by_server:
                return await self._answered(said, self._asked_by_server.pop(said.id))
            case Response():
                self._gateway.note("the client answered what nobody asked; the answer was left out")
        return Passed()

    async def from_server(self, data: bytes) -> Passed:
        """Return what becomes of a message of the server."""
        try:
            said = frame(data)
        except BadFrameError as error:
            self._gateway.note(f"the server sent what is no message, and it was left out: {error}")
            return Passed()
        match said:
            case Request(method="roots/list"):
                return Passed(to_server=self._roots(said))
            case Request() if said.method in OF_SERVERS:
                return await self._asks(said)
            case Request():
                self._asked_by_server[said.id] = _Asked(said)
                return Passed(to_client=said.data)
            case Response():
                return await self._response(said)
        return Passed(to_client=said.data)

    async def _asks(self, said: Request) -> Passed:
        """Return what becomes of what the server asks the client's model, or its person."""
        gateway = self._gateway
        call = call_of_server(
            said, server=gateway.server, session=gateway.session, agent=self.agent, cwd=str(gateway.cwd)
        )
        answer = await gateway.decide(call)
        if answer.refuses:
            return Passed(to_server=failed(said.id, REFUSED, answer.text))
        content: Json = dict(said.params)
        scanned = await gateway.scan(call, content, _raw(said.data, "params") if content else "{}", is_error=False)
        if scanned.notice:
            return Passed(to_server=failed(said.id, REFUSED, scanned.notice))
        self._asked_by_server[said.id] = _Asked(said, call)
        return Passed(to_client=_with_texts(said.data, "params", content, scanned))

    async def _answered(self, said: Response, asked: _Asked) -> Passed:
        """Return what the server may have of the client's answer: a secret is none of its business."""
        if asked.call is None:
            return Passed(to_server=said.data)
        is_error = said.member == "error"
        scanned = await self._gateway.scan(asked.call, said.value, _raw(said.data, said.member), is_error=is_error)
        if not scanned.notice:
            return Passed(to_server=_with_texts(said.data, said.member, said.value, scanned))
        self._gateway.note(f"what was answered to the server is held back: {scanned.notice}")
        if asked.request.method == ELICITATION:
            return Passed(to_server=ok(said.id, {"action": "cancel"}))
        return Passed(to_server=failed(said.id, REFUSED, scanned.notice))

    def waits_for(self, name: Id) -> bool:
        """Return whether the server has still to answer that request."""
        return name in self._asked

    async def server_ended(self) -> list[bytes]:
        """Return the answers to everything that the server did not answer, recorded."""
        waiting, self._asked = self._asked, {}
        for asked in waiting.values():
            if asked.call is not None:
                await self._gateway.scan(asked.call, {"error": _GONE}, "", is_error=True)
        return [failed(name, REFUSED, f"occasio: {_GONE}") for name in waiting]

    async def _request(self, said: Request) -> Passed:
        if said.id in self._asked or said.id in self._deciding:
            return Passed(to_client=failed(None, INVALID_REQUEST, "occasio: an `id` that is in use"))
        said = self._introduced(said)
        if said.method in GOVERNED:
            return await self._call(said)
        call = self._gateway.tasks.get(str(said.params.get("taskId"))) if said.method == TASKS_RESULT else None
        if said.method == TASKS_RESULT and call is None:
            return Passed(to_client=failed(said.id, REFUSED, "occasio: no call of this run is that task"))
        self._asked[said.id] = _Asked(said, call)
        return Passed(to_server=said.data)

    async def _call(self, said: Request) -> Passed:
        gateway, tool = self._gateway, str(said.params.get("name"))
        call = call_of(
            said,
            server=gateway.server,
            session=gateway.session,
            agent=self.agent,
            cwd=str(gateway.cwd),
            annotations=gateway.annotations(tool),
            objection=gateway.objection(tool) if said.method == TOOLS_CALL else "",
        )
        self._deciding[said.id] = asyncio.current_task()
        try:
            answer = await gateway.decide(call)
        finally:
            del self._deciding[said.id]
        if answer.refuses:
            return Passed(to_client=refused(said, answer.text))
        self._asked[said.id] = _Asked(said, call)
        return Passed(to_server=said.data)

    def _notification(self, said: Notification) -> Passed:
        if said.method == "notifications/roots/list_changed":
            return Passed()  # they are ours
        name = said.params.get("requestId")
        if said.method == "notifications/cancelled" and isinstance(name, str | int) and name in self._deciding:
            if task := self._deciding[name]:
                task.cancel()
            return Passed()  # the server has not heard of it
        return Passed(to_server=said.data)

    async def _response(self, said: Response) -> Passed:
        asked = self._asked.pop(said.id, None)
        if asked is None:
            self._gateway.note("the server answered what nobody asked; the answer was left out")
            return Passed()
        if asked.call is not None:
            return Passed(to_client=await self._result(said, asked.request, asked.call))
        if asked.request.method == "tools/list" and said.member == "result":
            return Passed(to_client=await self._listed(said))
        return Passed(to_client=said.data)

    async def _result(self, said: Response, request: Request, call: ToolCall) -> bytes:
        """Return the result as it may go on."""
        content = said.value
        if _asks_for_roots(content):
            return refused(request, "Occasio: the server asks for roots, which it is not told")
        is_error = said.member == "error" or (isinstance(content, dict) and content.get("isError") is True)
        scanned = await self._gateway.scan(call, content, _raw(said.data, said.member), is_error=is_error)
        if scanned.notice:
            return refused(request, scanned.notice)
        if task := _task(content):
            self._gateway.tasks[task] = call
        return _with_texts(said.data, said.member, content, scanned)

    async def _listed(self, said: Response) -> bytes:
        """Return the list of tools, less those that wait to be accepted: a model obeys what it reads of them."""
        tools = said.value.get("tools") if isinstance(said.value, dict) else None
        if not isinstance(tools, list):
            return said.data
        try:
            waiting = await self._gateway.learn(tools, self.agent)
        except OccasioError as error:
            self._gateway.note(f"no tools are shown: {error}")
            return failed(said.id, REFUSED, f"occasio: {error}")
        if not waiting:
            return said.data
        shown: list[Json] = [tool for tool in tools if not (isinstance(tool, dict) and tool.get("name") in waiting)]
        return spliced(said.data.decode(), {("result", "tools"): written(shown)}).encode()

    def _introduced(self, said: Request) -> Request:
        """Return the request with the roots that are ours; who the client is stands in it too."""
        if said.method == "initialize":
            self.agent = agent_of(said.params.get("clientInfo"))
            return self._with_our_roots(said, ("capabilities",), said.params.get("capabilities"), offers=True)
        meta = said.params.get("_meta")
        if isinstance(meta, Mapping) and CLIENT_OF in meta:
            self.agent = agent_of(meta[CLIENT_OF])
        if isinstance(meta, Mapping) and CAPABILITIES_OF in meta:
            return self._with_our_roots(said, ("_meta", CAPABILITIES_OF), meta[CAPABILITIES_OF], offers=False)
        return said

    def _with_our_roots(self, said: Request, path: JsonPath, capabilities: Json, *, offers: bool) -> Request:
        if not isinstance(capabilities, dict):
            return said
        ours = {name: value for name, value in capabilities.items() if name != "roots"}
        if offers and self._gateway.roots:
            ours["roots"] = {"listChanged": False}
        if ours == capabilities:
            return said
        data = spliced(said.data.decode(), {("params", *path): written(ours)}).encode()
        changed = frame(data)
        assert isinstance(changed, Request)
        return changed

    def _roots(self, said: Request) -> bytes:
        if not self._gateway.roots:
            return failed(said.id, METHOD_NOT_FOUND, "no roots are told")
        roots: Sequence[Json] = [{"uri": root.as_uri(), "name": root.name} for root in self._gateway.roots]
        return ok(said.id, {"roots": roots})


def may_wait(data: bytes) -> bool:
    """Return whether what a server says may have to wait for a person, and must not keep what comes behind it."""
    try:
        said = frame(data)
    except BadFrameError:
        return False
    return isinstance(said, Request) and said.method in OF_SERVERS


def _raw(data: bytes, member: str) -> str:
    """Return a member of the message as it was written."""
    text = data.decode()
    return text[slice(*spans(text, [(member,)])[member,])]


def _with_texts(data: bytes, member: str, content: Json, scanned: Scanned) -> bytes:
    """Return the message with the texts that may go on in the places of those of its member."""
    edits = {(member, *path): written(new) for path, new in (scanned.texts or {}).items()}
    changed = {path: new for path, new in edits.items() if new != _written_at(content, path[1:])}
    return spliced(data.decode(), changed).encode() if changed else data


def _written_at(content: Json, path: JsonPath) -> str:
    for step in path:
        content = content[step]  # type: ignore[index]
    return written(content)


def _task(content: Json) -> str:
    """Return the id of the task that goes on behind this answer, empty if there is none."""
    task = content.get("task") if isinstance(content, dict) else None
    name = task.get("taskId") if isinstance(task, dict) else None
    return name if isinstance(name, str) else ""


def _asks_for_roots(content: Json) -> bool:
    asked = content.get("inputRequests") if isinstance(content, dict) else None
    each = asked.values() if isinstance(asked, dict) else ()
    return any(isinstance(one, dict) and one.get("method") == "roots/list" for one in each)
