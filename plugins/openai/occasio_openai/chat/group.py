"""The calls that a stream makes at a time, and the events that say them, from the first one's beginning to the end.

Agents put a call together from its pieces by their number, by their order, or by joining the texts of every member.
Where these would not be the same call, the answer is broken off, or the call has a problem and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from occasio_core import (
    CallReader,
    Held,
    Json,
    JsonPath,
    Slot,
    StreamEvent,
    UpstreamProtocolError,
    rewritten,
    spliced,
    written,
)
from occasio_openai.chat.calls import made_id, read, read_function_call
from occasio_openai.chat.document import objects

OLD_FORM = -1  # the number of a `function_call`, which has none


@dataclass(slots=True, kw_only=True)
class _Call:
    """A call, put together from its pieces."""

    choice: int
    number: int
    form: str
    call: Json
    kind: Json
    name: Json
    pieces: list[str] = field(default_factory=list, repr=False)
    problem: str = ""
    shown: Mapping[str, Json] | None = field(default=None, repr=False)  # in its place, if it was withdrawn

    def add(self, piece: Json) -> None:
        if isinstance(piece, str):
            self.pieces.append(piece)
        elif piece is not None:
            self.problem = "input is not a text"

    @property
    def block(self) -> dict[str, Json]:
        """The call as a document would have it."""
        text = "".join(self.pieces)
        if self.number == OLD_FORM:
            return {"name": self.name, "arguments": text}
        member = "input" if self.form == "custom" else "arguments"
        kind = {"type": self.kind} if self.kind is not None else {}
        return {"id": self.call, **kind, self.form: {"name": self.name, member: text}}


@dataclass(frozen=True, slots=True)
class _Part:
    """What one event says of one call: the number of the event, and where in it the list or the object stands."""

    event: int
    path: JsonPath
    call: _Call
    members: Mapping[str, Json] = field(repr=False)
    is_first: bool


class Group:
    """Takes events as long as a call is open, and returns them as the agent may have them."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.undecided = 0
        self._events: list[StreamEvent] = []
        self._calls: dict[tuple[int, int], _Call] = {}
        self._open: set[int] = set()  # the choices whose calls have not ended
        self._parts: list[_Part] = []

    @property
    def is_open(self) -> bool:
        """Whether a call may still go on."""
        return bool(self._open)

    def add(self, event: StreamEvent, body: Mapping[str, Json]) -> None:
        """Take an event.  Raises `UpstreamProtocolError` where it has two readings."""
        self._events.append(event)
        for position, choice in enumerate(objects(body.get("choices"), "choices")):
            delta = choice.get("delta")
            if isinstance(delta, dict):
                self._add_delta(("choices", position, "delta"), choice, delta, body.get("id"))
            if choice.get("finish_reason") is not None:
                self._open.discard(index_of(choice))

    def end(self) -> None:
        """Say that nothing more comes."""
        self._open.clear()

    def read(self, reader: CallReader, start: int) -> Iterator[Held]:
        """Yield the calls, numbered from `start`, to be decided."""
        self.undecided = len(self._calls)
        for index, call in enumerate(self._calls.values(), start):
            block = call.block
            is_old = call.number == OLD_FORM
            said = read_function_call(block, str(call.call)) if is_old else read(block)
            flaw = call.problem or said.flaw
            yield reader.read(block, said.input, flaw, index, call=said.call, tool=said.tool)

    def withdraw(self, position: int, shown: Mapping[str, Json]) -> None:
        """Put `shown` in the place of one of the calls."""
        list(self._calls.values())[position].shown = shown

    def rendered(self) -> bytes:
        """Return the events as the agent may have them; what was released is the bytes that came."""
        return b"".join(self._rendered(number, event) for number, event in enumerate(self._events))

    def _add_delta(self, path: JsonPath, choice: Mapping[str, Json], delta: Mapping[str, Json], answer: Json) -> None:
        for part in objects(delta.get("tool_calls"), "tool_calls"):
            number = part.get("index")
            if type(number) is not int or number < 0:
                raise UpstreamProtocolError("the answer has a tool call without its index")
            self._add_part((*path, "tool_calls"), index_of(choice), number, part)
        if (function := delta.get("function_call")) is not None:
            if not isinstance(function, dict):
                raise UpstreamProtocolError("the answer's function_call is not an object")
            part = {"id": made_id(answer, index_of(choice)), "function": function}
            self._add_part((*path, "function_call"), index_of(choice), OLD_FORM, part)

    def _add_part(self, path: JsonPath, choice: int, number: int, part: Mapping[str, Json]) -> None:
        form = "custom" if isinstance(part.get("custom"), dict) else "function"
        said = part.get(form)
        members = said if isinstance(said, dict) else {}
        call, is_first = self._calls.get((choice, number)), False
        self._require_last(choice, number)
        if call is None:
            is_first, name = True, members.get("name")
            call = _Call(choice=choice, number=number, form=form, call=part.get("id"), kind=part.get("type"), name=name)
            self._calls[choice, number] = call
            self._open.add(choice)
        else:
            _continue(call, part, members, form)
        call.add(members.get("input" if form == "custom" else "arguments"))
        self._parts.append(_Part(len(self._events) - 1, path, call, part, is_first))

    def _require_last(self, choice: int, number: int) -> None:
        """Make sure that no later call has begun: an agent that goes by order would add the piece to that one."""
        if number != OLD_FORM and any(of == choice and other > number for of, other in self._calls):
            raise UpstreamProtocolError(f"the answer goes back to tool call {number}")

    def _rendered(self, number: int, event: StreamEvent) -> bytes:
        parts = [part for part in self._parts if part.event == number]
        changed = {part.path for part in parts if part.call.shown is not None}
        if not changed or event.data is None:
            return event.raw
        edits = {path: written(_instead([part for part in parts if part.path == path])) for path in changed}
        return rewritten(event, spliced(event.data.decode("utf-8"), edits))


def index_of(choice: Mapping[str, Json]) -> int:
    """Return the number of a choice.  Raises `UpstreamProtocolError` if it has none."""
    index = choice.get("index", 0)
    if type(index) is not int:
        raise UpstreamProtocolError("the answer has a choice without its index")
    return index


def _continue(call: _Call, part: Mapping[str, Json], members: Mapping[str, Json], form: str) -> None:
    if part.get("id") not in (None, "", call.call):
        raise UpstreamProtocolError(f"the answer has two tool calls with the index {call.number}")
    if (part.get("custom") or part.get("function")) and form != call.form:
        raise UpstreamProtocolError(f"the answer says tool call {call.number} in two forms")
    if members.get("name"):
        call.problem = "name was said twice"


def _instead(parts: list[_Part]) -> Json:
    """Return what an agent may see in the place of a delta's calls; nothing of those that were withdrawn but once."""
    kept: list[Json] = []
    for part in parts:
        if part.call.shown is None:
            kept.append(dict(part.members))
        elif part.is_first and part.call.number == OLD_FORM:
            return dict(part.call.shown)
        elif part.is_first:
            kept.append({"index": part.call.number, **part.call.shown})
    return kept or None
