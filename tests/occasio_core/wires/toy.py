"""The smallest protocol there can be, for what adapters of all protocols share.

A request is `{"history": [{"call": ID, "tool": NAME, "in": {...}} | {"of": ID, "out": ...}], "say": ...}`,
an answer `{"do": [...]}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from occasio_core.model import SessionId
from occasio_core.wires.answer import Answer
from occasio_core.wires.body import Element, RequestBody
from occasio_core.wires.calls import CallReader, Held
from occasio_core.wires.document import DocumentAnswer, Found
from occasio_core.wires.exchange import CallExchange
from occasio_core.wires.memory import CallMemory
from occasio_core.wires.origin import Origin
from occasio_core.wires.splice import JsonPath, with_members, written
from occasio_core.wires.usage import Tally, tokens
from occasio_verify import Json

ORIGIN = Origin(session=SessionId("session-1"), agent="toy", protocol="toy-http", cwd="/work")


class ToyBody(RequestBody):
    """A request of the toy protocol."""

    def __init__(self, body: bytes, memory: CallMemory | None = None) -> None:
        super().__init__(body)
        history: Any = self.document["history"]
        for index, members in enumerate(history):
            element = Element(("history", index), members)
            if "of" not in members:
                self.note_call(element.string("call"), element.string("tool"), members.get("in"))
            elif truth := memory and memory.withdrawn(members["of"], ""):
                self.edit(element.path, self.answered(element, truth.result, is_error=truth.is_error))
            else:
                self.note_result(members["of"], element)

        self.note_told([(("say",), self.document.get("say"))])

    @property
    def output_limit(self) -> int | None:
        return 10

    def answered(self, element: Element, text: str, *, is_error: bool) -> str:
        return with_members(element.members, {"out": written(text)})

    def content(self, element: Element) -> tuple[JsonPath, Json]:
        return (*element.path, "out"), element.members.get("out")

    def skip(self, container: Mapping[str, Json], name: str) -> bool:
        return name == "kind"


class ToyTally(Tally):
    """Reads one number."""

    __slots__ = ()

    def note_usage(self, usage: Json) -> None:
        self.output_tokens = tokens(usage, self.output_tokens)


def calls_in(document: Mapping[str, Json]) -> Iterator[Found]:
    done: Any = document.get("do", [])
    for index, block in enumerate(done):
        path = ("do", index)
        yield Found(path=path, block=block, call=block.get("call"), tool=block.get("tool"), input=(*path, "in"))


def shown(held: Held, prefix: str) -> dict[str, Json]:
    return {**held.block, "call": held.shown_id, "tool": prefix + held.call.tool, "in": {}}


def answer(calls: CallReader, is_stream: bool = False) -> Answer:
    return DocumentAnswer(calls, ToyTally(), calls_in, shown)


def exchange(
    body: bytes = b'{"history":[]}', memory: CallMemory | None = None, *, has_calls: bool = True
) -> CallExchange:
    memory = memory or CallMemory()
    return CallExchange(ToyBody(body, memory), ORIGIN, memory, answer if has_calls else None)
