"""One call in a stream, from its first event to its last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from occasio_core import CallReader, Held, Json, Slot, UpstreamProtocolError, event_bytes
from occasio_openai.responses.items import read

ADDED, DONE = "response.output_item.added", "response.output_item.done"

_INPUTS = {"function_call": "arguments", "custom_tool_call": "input"}
_STEMS = {"function_call": "response.function_call_arguments", "custom_tool_call": "response.custom_tool_call_input"}
# Events that say a part of a call have no place outside of one.
PARTS = (*_STEMS.values(), "response.shell_call_command", "response.apply_patch_call_operation_diff")
# What an agent may take from the first event as well as from the last.
_SAID_TWICE = ("type", "id", "call_id", "name", "namespace", "server_label")


@dataclass(slots=True, kw_only=True)
class StreamedCall:
    """A call: `started` is its item as the first event has it, if there was one, `item` as the last has it.

    `seen` is its item as the agent was shown it.
    """

    index: int
    slot: Slot
    started: Mapping[str, Json] | None = field(default=None, repr=False)
    item: Mapping[str, Json] | None = field(default=None, repr=False)
    seen: Mapping[str, Json] | None = field(default=None, repr=False)
    _numbers: list[Json] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list, repr=False)
    _wholes: list[Json] = field(default_factory=list, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether its last event has not come."""
        return self.item is None

    @property
    def item_id(self) -> Json:
        """The id of its item, by which events may name it."""
        return (self.started or {}).get("id")

    def hold(self, body: Mapping[str, Json]) -> None:
        """Take what an event says of the call.  Raises `UpstreamProtocolError` where that has two readings."""
        self._numbers.append(body.get("sequence_number"))
        kind = str(body.get("type"))
        if kind == DONE:
            self._finish(body.get("item"))
        elif kind.endswith(".delta"):
            piece = body.get("delta")
            self._pieces.append(piece if isinstance(piece, str) else "")
        elif kind.endswith(".done"):
            self._wholes += [body[name] for name in ("arguments", "input") if name in body]

    def read(self, reader: CallReader) -> Held:
        """Return the call, to be decided.  Raises `UpstreamProtocolError` if it has no id or no name."""
        assert self.item is not None
        said, raw = read(self.item), b"".join(self.slot.raw)
        flaw = said.flaw or self._flaw(self.item)
        return reader.read(self.item, said.input, flaw, self.index, raw, call=said.call, tool=said.tool)

    def events(self, item: Mapping[str, Json]) -> bytes:
        """Return events that say `item`, a function or custom call, in the place of the call."""
        done = self._event(DONE, -1, {"item": dict(item)})
        if self.started is None:
            return done
        kind = str(item["type"])
        member, given = _INPUTS[kind], item[_INPUTS[kind]]
        begun = {**item, member: "", **({"status": "in_progress"} if "status" in item else {})}
        named = {"item_id": item["id"]} if "id" in item else {}
        return b"".join(
            (
                self._event(ADDED, 0, {"item": begun}),
                self._event(f"{_STEMS[kind]}.delta", 0, {**named, "delta": given}),
                self._event(f"{_STEMS[kind]}.done", -1, {**named, member: given}),
                done,
            )
        )

    def _event(self, kind: str, which: int, members: Mapping[str, Json]) -> bytes:
        number = self._numbers[which]
        numbered: dict[str, Json] = {} if number is None else {"sequence_number": number}
        return event_bytes(kind, {**numbered, "output_index": self.index, **members})

    def _finish(self, item: Json) -> None:
        if not isinstance(item, dict):
            raise UpstreamProtocolError(f"the answer ends call {self.index} without its item")
        for name in _SAID_TWICE:
            if self.started is not None and self.started.get(name) != item.get(name):
                raise UpstreamProtocolError(f"the answer says the {name} of call {self.index} in two ways")
        self.item = item

    def _flaw(self, item: Mapping[str, Json]) -> str:
        """Return what is wrong with how the input was said: an agent may put it together from its pieces."""
        member = _INPUTS.get(str(item.get("type")))
        if member is None:
            return ""
        at_first = (self.started or {}).get(member)
        said = [*self._wholes, *(["".join(self._pieces)] if self._pieces else []), *([at_first] if at_first else [])]
        return "" if all(one == item.get(member) for one in said) else "input was said in two ways"
