"""Where the calls and results stand in an agent's request, and how the true history is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from occasio_anthropic.calls import name_of, tool_of
from occasio_anthropic.offers import offers_in
from occasio_core import (
    AgentProtocolError,
    CallMemory,
    Element,
    Json,
    JsonPath,
    RequestBody,
    Withdrawn,
    listed,
    with_members,
    written,
)

_MOST_TOKENS = 128_000  # no model of this provider answers with more
_INSTRUCTIONS = ("system", "tools")
_NOT_CONTENTS = {"cache_control", "media_type", "type"}


class Request(RequestBody):
    """One request's body."""

    def __init__(self, body: bytes, memory: CallMemory, *, has_calls: bool = True) -> None:
        super().__init__(body)
        self._has_calls = has_calls
        blocks = list(_blocks(self.document))
        withdrawn = self._restore_calls(blocks, memory)
        self._restore_results(blocks, withdrawn, memory)
        for value in _told(self.document):
            self.note_told(value)
        self.offers += offers_in(self.document)

    @property
    def output_limit(self) -> int | None:
        """The most tokens that the answer may have; None where they are only counted."""
        if not self._has_calls:
            return None
        limit = self.document.get("max_tokens")
        return limit if isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0 else _MOST_TOKENS

    def answered(self, element: Element, text: str, *, is_error: bool) -> str:
        """Return a result as JSON text, its whole content replaced by `text`."""
        return with_members(element.members, {"content": written(text), "is_error": written(is_error)})

    def content(self, element: Element) -> tuple[JsonPath, Json]:
        """Return what the model reads of a result, and where that stands."""
        return (*element.path, "content"), element.members.get("content")

    def skip(self, container: Mapping[str, Json], name: str) -> bool:
        """Return whether a member is nothing that a model reads; encoded files are not."""
        return name in _NOT_CONTENTS or (name == "data" and container.get("type") == "base64")

    def _restore_calls(self, blocks: Sequence[Element], memory: CallMemory) -> dict[str, Withdrawn]:
        withdrawn = {}
        for block in blocks:
            if block.members.get("type") == "tool_use":
                call, name = block.string("id"), block.string("name")
                truth = memory.withdrawn(call, name)
                self.note_call(call, truth.tool if truth else str(tool_of(block.members)), block.members.get("input"))
                if truth:
                    withdrawn[call] = truth
                    self.edit(block.path, _said(block, truth))
        return withdrawn

    def _restore_results(
        self, blocks: Sequence[Element], withdrawn: Mapping[str, Withdrawn], memory: CallMemory
    ) -> None:
        for block in blocks:
            if block.members.get("type") == "tool_result":
                call = block.string("tool_use_id")
                truth = withdrawn.get(call) or memory.withdrawn(call, "")
                if truth:
                    self.edit(block.path, self.answered(block, truth.result, is_error=truth.is_error))
                else:
                    self.note_result(call, block)


def _blocks(document: Mapping[str, Json]) -> Iterator[Element]:
    """Yield every content block of every message, whoever's it is."""
    for number, message in enumerate(listed(document.get("messages"), "messages")):
        if not isinstance(message, dict):
            raise AgentProtocolError(f"message {number} is not an object")
        content = message.get("content")
        if isinstance(content, str):
            continue
        for position, block in enumerate(listed(content, f"the content of message {number}")):
            if not isinstance(block, dict):
                raise AgentProtocolError(f"block {position} of message {number} is not an object")
            yield Element(("messages", number, "content", position), block)


def _told(document: Mapping[str, Json]) -> Iterator[list[tuple[JsonPath, Json]]]:
    """Yield what the model reads together and has neither said itself nor got as a tool's result."""
    for name in _INSTRUCTIONS:
        yield [((name,), document.get(name))]
    for number, message in enumerate(listed(document.get("messages"), "messages")):
        if isinstance(message, dict) and message.get("role") != "assistant":
            yield list(_read_in(("messages", number, "content"), message.get("content")))


def _read_in(path: JsonPath, content: Json) -> Iterator[tuple[JsonPath, Json]]:
    if isinstance(content, list):
        yield from (((*path, at), block) for at, block in enumerate(content) if not _is_of_a_call(block))
    else:
        yield path, content


def _is_of_a_call(block: Json) -> bool:
    return isinstance(block, dict) and block.get("type") in ("tool_use", "tool_result")


def _said(block: Element, truth: Withdrawn) -> str:
    members = {member: written(value) for member, value in name_of(truth.tool).items()}
    if truth.input is not None:
        members["input"] = truth.input
    return with_members(block.members, members)
