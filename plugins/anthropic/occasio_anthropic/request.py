"""An agent's request: what its tools have answered, and the history as the model knows it.

The body's bytes go upstream as they came, but for the values that must change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_anthropic.origin import PROTOCOL
from occasio_core import (
    AgentProtocolError,
    CallId,
    CallMemory,
    Json,
    JsonPath,
    MalformedError,
    Origin,
    ToolResult,
    Withdrawn,
    canonical,
    parse_json,
    spliced,
    with_members,
    written,
)

_NOT_CONTENTS = {"cache_control", "media_type", "type"}


@dataclass(frozen=True, slots=True)
class _Block:
    """One content block of the history, and where it stands."""

    path: JsonPath
    members: Mapping[str, Json] = field(repr=False)


class Request:
    """One request's body."""

    def __init__(self, body: bytes, memory: CallMemory) -> None:
        self._body = body
        self.document = _document(body)
        self._tools: dict[str, str] = {}  # the true name, by id
        self._inputs: dict[str, Mapping[str, Json]] = {}
        self._results: dict[str, list[_Block]] = {}
        self._edits: dict[JsonPath, str] = {}
        blocks = list(_blocks(self.document))
        withdrawn = self._restore_calls(blocks, memory)
        self._restore_results(blocks, withdrawn, memory)

    @property
    def call_ids(self) -> frozenset[str]:
        """The ids of all calls in the history."""
        return frozenset(self._tools)

    def results(self, origin: Origin) -> list[ToolResult]:
        """Return the results of the tools that the agent ran, in the order in which their ids first come."""
        return [self._result(call, blocks, origin) for call, blocks in self._results.items()]

    def return_texts(self, call: str, texts: Sequence[str]) -> None:
        """Put `texts` in the place of the result's texts, one for one."""
        were = list(self._texts(call))
        if len(were) != len(texts):
            raise ValueError(f"the result of `{call}` has {len(were)} texts, not {len(texts)}")
        for (path, old), new in zip(were, texts, strict=True):
            if new != old:
                self._edits[path] = written(new)

    def withhold(self, call: str, notice: str) -> None:
        """Put `notice` in the place of the whole result."""
        for path, _ in self._texts(call):
            self._edits.pop(path, None)
        for block in self._results[call]:
            self._edits[block.path] = _answered(block, notice, is_error=True)

    def outgoing(self) -> bytes:
        """Return the body as it goes upstream; the very bytes that came, if nothing had to change."""
        if not self._edits:
            return self._body
        return spliced(self._body.decode("utf-8"), self._edits).encode("utf-8")

    def _restore_calls(self, blocks: Sequence[_Block], memory: CallMemory) -> dict[str, Withdrawn]:
        withdrawn = {}
        for block in blocks:
            if block.members.get("type") == "tool_use":
                call, name = _string(block, "id"), _string(block, "name")
                self._tools[call] = name
                if isinstance(given := block.members.get("input"), dict):
                    self._inputs[call] = given
                if truth := memory.withdrawn(call, name):
                    withdrawn[call] = truth
                    self._tools[call] = truth.tool
                    self._edits[block.path] = _said(block, truth)
        return withdrawn

    def _restore_results(
        self, blocks: Sequence[_Block], withdrawn: Mapping[str, Withdrawn], memory: CallMemory
    ) -> None:
        for block in blocks:
            if block.members.get("type") == "tool_result":
                call = _string(block, "tool_use_id")
                truth = withdrawn.get(call) or memory.withdrawn(call, "")
                if truth:
                    self._edits[block.path] = _answered(block, truth.result, truth.is_error)
                else:
                    self._results.setdefault(call, []).append(block)

    def _result(self, call: str, blocks: Sequence[_Block], origin: Origin) -> ToolResult:
        contents = [block.members.get("content") for block in blocks]
        content = contents[0] if len(contents) == 1 else contents
        form = _canonical(content)
        return ToolResult(
            session=origin.session,
            call=CallId(call),
            agent=origin.agent,
            protocol=PROTOCOL,
            tool=self._tools.get(call, ""),
            texts=tuple(text for _, text in self._texts(call)),
            digest=hashlib.sha256(form).hexdigest(),
            size=len(form),
            is_error=any(block.members.get("is_error") is True for block in blocks),
            input=MappingProxyType(self._inputs.get(call, {})),
            rewritten=lambda texts: hashlib.sha256(_canonical(_with_texts(content, iter(texts)))).hexdigest(),
        )

    def _texts(self, call: str) -> Iterator[tuple[JsonPath, str]]:
        # a second result for the same id is one more part of it: nothing may go out unseen
        for block in self._results[call]:
            yield from _texts(block.members.get("content"), (*block.path, "content"))


def _document(body: bytes) -> dict[str, Json]:
    try:
        document = parse_json(body, wide_integers=True)
    except MalformedError as error:
        raise AgentProtocolError(f"the request is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise AgentProtocolError("the request is not an object")
    return document


def _blocks(document: Mapping[str, Json]) -> Iterator[_Block]:
    """Yield every content block of every message, whoever's it is."""
    for number, message in enumerate(_list(document.get("messages"), "messages")):
        if not isinstance(message, dict):
            raise AgentProtocolError(f"message {number} is not an object")
        content = message.get("content")
        if isinstance(content, str):
            continue
        for position, block in enumerate(_list(content, f"the content of message {number}")):
            if not isinstance(block, dict):
                raise AgentProtocolError(f"block {position} of message {number} is not an object")
            yield _Block(("messages", number, "content", position), block)


def _list(value: Json, name: str) -> list[Json]:
    if not isinstance(value, list):
        raise AgentProtocolError(f"{name} is not a list")
    return value


def _string(block: _Block, member: str) -> str:
    value = block.members.get(member)
    if not isinstance(value, str) or not value:
        raise AgentProtocolError(f"block {block.path[3]} of message {block.path[1]} has no {member}")
    return value


def _texts(value: Json, path: JsonPath) -> Iterator[tuple[JsonPath, str]]:
    """Yield every string that a model may read in `value`, known shape or not; encoded files are not among them."""
    match value:
        case str():
            yield path, value
        case list():
            for position, element in enumerate(value):
                yield from _texts(element, (*path, position))
        case dict():
            is_file = value.get("type") == "base64"
            for name, member in value.items():
                if name not in _NOT_CONTENTS and not (is_file and name == "data"):
                    yield from _texts(member, (*path, name))


def _with_texts(value: Json, texts: Iterator[str]) -> Json:
    """Return `value` with the next of `texts` in the place of each string that `_texts` yields, in its order."""
    match value:
        case str():
            return next(texts)
        case list():
            return [_with_texts(element, texts) for element in value]
        case dict():
            is_file = value.get("type") == "base64"
            return {
                name: member if name in _NOT_CONTENTS or (is_file and name == "data") else _with_texts(member, texts)
                for name, member in value.items()
            }
        case _:
            return value


def _said(block: _Block, truth: Withdrawn) -> str:
    members = {"name": written(truth.tool)}
    if truth.input is not None:
        members["input"] = truth.input
    return with_members(block.members, members)


def _answered(block: _Block, text: str, is_error: bool) -> str:
    return with_members(block.members, {"content": written(text), "is_error": written(is_error)})


def _canonical(value: Json) -> bytes:
    try:
        return canonical(value)
    except MalformedError as error:
        raise AgentProtocolError(f"a tool's result has no canonical form: {error}") from None
