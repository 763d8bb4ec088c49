"""An agent's request: what its tools have answered, and the history as the model knows it.

The body's bytes go upstream as they came, but for the values that must change.  Where calls and results stand in it is
what each protocol's own subclass knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from occasio_core.errors import AgentProtocolError
from occasio_core.model import CallId, ToolResult
from occasio_core.wires.memory import CallMemory
from occasio_core.wires.offers import Offer
from occasio_core.wires.origin import Origin
from occasio_core.wires.splice import JsonPath, spliced, without, written
from occasio_core.wires.texts import texts, with_texts
from occasio_verify import Json, MalformedError, canonical, parse_json

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Element:
    """One object of the history, and where it stands."""

    path: JsonPath
    members: Mapping[str, Json] = field(repr=False)

    def string(self, member: str) -> str:
        """Return a member that must be there.  Raises `AgentProtocolError`."""
        value = self.members.get(member)
        if not isinstance(value, str) or not value:
            raise AgentProtocolError(f"{self.place} has no {member}")
        return value

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return ".".join(map(str, self.path))


class RequestBody:
    """One request's body.  A subclass notes the calls and results that it finds, and says what is read in them.

    `parts` are requests within it, `is_whole` that what it tells goes as it is or not at all, `problem` why that cannot
    be read.
    """

    is_whole = False
    problem = ""
    parts: Sequence[RequestBody] = ()

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.document: Mapping[str, Json] = _document(body)
        self._tools: dict[str, str] = {}  # the true name, by id
        self._inputs: dict[str, Mapping[str, Json]] = {}
        self._results: dict[str, list[Element]] = {}
        self._told: list[list[tuple[JsonPath, str]]] = []
        self._edits: dict[JsonPath, str] = {}
        self.offers: list[Offer] = []  # of tools that the provider runs; a subclass adds to them
        self._taken_out: set[JsonPath] = set()

    @property
    def model(self) -> str | None:
        """The model that is asked."""
        model = self.document.get("model")
        return model if isinstance(model, str) else None

    @property
    def output_limit(self) -> int | None:
        """The most tokens that the answer may have; None for a request that no tokens come of."""
        raise NotImplementedError

    @property
    def call_ids(self) -> frozenset[str]:
        """The ids of all calls in the history."""
        return frozenset(self._tools)

    def results(self, origin: Origin, memory: CallMemory | None = None) -> list[ToolResult]:
        """Return the results of the tools that the agent ran, in the order in which their ids first come.

        `memory` saves work on those that came before.
        """
        memory = memory or CallMemory()
        return [self._result(call, elements, origin, memory) for call, elements in self._results.items()]

    def return_texts(self, call: str, new: Sequence[str]) -> None:
        """Put `new` in the place of the result's texts, one for one."""
        were = list(self._texts(call))
        if len(were) != len(new):
            raise ValueError(f"the result of `{call}` has {len(were)} texts, not {len(new)}")
        for (path, old), text in zip(were, new, strict=True):
            if text != old:
                self._edits[path] = written(text)

    def withhold(self, call: str, notice: str) -> None:
        """Put `notice` in the place of the whole result."""
        for path, _ in self._texts(call):
            self._edits.pop(path, None)
        for element in self._results[call]:
            self._edits[element.path] = self.answered(element, notice, is_error=True)

    def told(self) -> list[tuple[str, ...]]:
        """Return what the request tells the model besides results and its own words: texts that it reads together."""
        return [tuple(text for _, text in group) for group in self._told]

    def retell(self, number: int, new: Sequence[str]) -> None:
        """Put `new` in the place of the texts of that group, one for one."""
        for (path, old), text in zip(self._told[number], new, strict=True):
            if text != old:
                self._edits[path] = written(text)

    def take_out(self, tool: str) -> None:
        """Leave out what offers that tool."""
        self._taken_out.update(place for offer in self.offers if offer.tool == tool for place in offer.places)

    def outgoing(self) -> bytes:
        """Return the body as it goes upstream; the very bytes that came, if nothing had to change."""
        if not self._edits and not self._taken_out:
            return self._body
        return without(spliced(self._body.decode("utf-8"), self._edits), self._taken_out).encode("utf-8")

    # What a protocol's own subclass knows.

    def answered(self, element: Element, text: str, *, is_error: bool) -> str:
        """Return a result as JSON text, its whole content replaced by `text`."""
        raise NotImplementedError

    def content(self, element: Element) -> tuple[JsonPath, Json]:
        """Return what the model reads of a result, and where that stands."""
        raise NotImplementedError

    def skip(self, container: Mapping[str, Json], name: str) -> bool:
        """Return whether a member of a result is nothing that a model reads."""
        raise NotImplementedError

    # What a subclass uses.

    def note_call(self, call: str, tool: str, arguments: Json) -> None:
        """Keep the true name of a call in the history, and its input."""
        self._tools[call] = tool
        if isinstance(arguments, dict):
            self._inputs[call] = arguments

    def note_result(self, call: str, element: Element) -> None:
        """Keep a result of a tool that the agent ran."""
        # a second result for the same id is one more part of it: nothing may go out unseen
        self._results.setdefault(call, []).append(element)

    def note_told(self, values: Iterable[tuple[JsonPath, Json]]) -> None:
        """Keep values that the model reads together, and that are neither results nor its own words."""
        group = [found for path, value in values for found in texts(value, path, self.skip)]
        if group:
            self._told.append(group)

    def edit(self, path: JsonPath, text: str) -> None:
        """Put the JSON text `text` in the place of the value at `path`."""
        self._edits[path] = text

    def _result(self, call: str, elements: Sequence[Element], origin: Origin, memory: CallMemory) -> ToolResult:
        contents = [self.content(element)[1] for element in elements]
        content = contents[0] if len(contents) == 1 else contents
        form = _form(lambda: memory.form(call, content))
        return ToolResult(
            session=origin.session,
            call=CallId(call),
            agent=origin.agent,
            protocol=origin.protocol,
            tool=self._tools.get(call, ""),
            texts=tuple(text for _, text in self._texts(call)),
            digest=form.digest,
            size=form.size,
            is_error=any(element.members.get("is_error") is True for element in elements),
            input=MappingProxyType(self._inputs.get(call, {})),
            rewritten=lambda new: _form(lambda: canonical(with_texts(content, iter(new), self.skip))),
        )

    def _texts(self, call: str) -> Iterator[tuple[JsonPath, str]]:
        for element in self._results[call]:
            path, content = self.content(element)
            yield from texts(content, path, self.skip)


def listed(value: Json, name: str) -> list[Json]:
    """Return a list that must be there.  Raises `AgentProtocolError`."""
    if not isinstance(value, list):
        raise AgentProtocolError(f"{name} is not a list")
    return value


def _document(body: bytes) -> dict[str, Json]:
    try:
        document = parse_json(body, wide_integers=True)
    except MalformedError as error:
        raise AgentProtocolError(f"the request is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise AgentProtocolError("the request is not an object")
    return document


def _form(found: Callable[[], _T]) -> _T:
    try:
        return found()
    except MalformedError as error:
        raise AgentProtocolError(f"a tool's result has no canonical form: {error}") from None
