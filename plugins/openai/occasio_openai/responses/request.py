"""Where the calls and results stand in an agent's request, and how the true history is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from occasio_core import AgentProtocolError, CallMemory, Element, Json, JsonPath, RequestBody, Withdrawn
from occasio_openai.contents import is_skipped
from occasio_openai.responses.items import (
    answered,
    call_id,
    is_call,
    is_result,
    read,
    restored_call,
    restored_result,
)
from occasio_openai.responses.offers import offers_in
from occasio_openai.routes import Use

_MOST_TOKENS = 128_000  # no model of this provider answers with more
_LISTS = {Use.STORE: "items"}


class ResponsesRequest(RequestBody):
    """One request's body.  A history on the provider's side is known by what this run remembers of it."""

    def __init__(self, body: bytes, memory: CallMemory, use: Use = Use.ANSWER) -> None:
        super().__init__(body)
        self._use = use
        items = list(_items(self.document, _LISTS.get(use, "input")))
        withdrawn = self._restore_calls(items, memory)
        self._restore_results(items, withdrawn, memory)
        for name in ("instructions", "tools"):
            self.note_told([((name,), self.document.get(name))])
        self._note_what_was_said(items, _LISTS.get(use, "input"))
        self.offers += offers_in(self.document)

    @property
    def output_limit(self) -> int | None:
        """The most tokens that the answer may have; None where no model answers."""
        if self._use not in (Use.ANSWER, Use.COMPACT):
            return None
        limit = self.document.get("max_output_tokens")
        return limit if isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0 else _MOST_TOKENS

    def answered(self, element: Element, text: str, *, is_error: bool) -> str:
        """Return a result as JSON text, its whole content replaced by `text`."""
        return answered(element.members, text, is_error=is_error)

    def content(self, element: Element) -> tuple[JsonPath, Json]:
        """Return what the model reads of a result, and where that stands."""
        if "output" in element.members and not _has_more(element.members):
            return (*element.path, "output"), element.members["output"]
        return element.path, dict(element.members)

    def skip(self, container: Mapping[str, Json], name: str) -> bool:
        """Return whether a member is nothing that a model reads."""
        return is_skipped(container, name)

    def _note_what_was_said(self, items: Sequence[Element], name: str) -> None:
        if isinstance(text := self.document.get(name), str):
            self.note_told([((name,), text)])
        for item in items:
            is_told = item.members.get("role", "assistant") != "assistant"
            if is_told and not is_call(item.members) and not is_result(item.members):
                self.note_told([((*item.path, "content"), item.members.get("content"))])

    def _restore_calls(self, items: Sequence[Element], memory: CallMemory) -> dict[str, Withdrawn]:
        withdrawn = {}
        for item in items:
            if is_call(item.members):
                call, said = _id(item), read(item.members)
                if not isinstance(said.tool, str) or not said.tool:
                    raise AgentProtocolError(f"{item.place} has no name")
                truth = memory.withdrawn(call, said.tool)
                self.note_call(call, truth.tool if truth else said.tool, said.arguments)
                if truth:
                    withdrawn[call] = truth
                    self.edit(item.path, restored_call(item.members, truth))
        return withdrawn

    def _restore_results(
        self, items: Sequence[Element], withdrawn: Mapping[str, Withdrawn], memory: CallMemory
    ) -> None:
        for item in items:
            if is_result(item.members):
                call = _id(item)
                truth = withdrawn.get(call) or memory.withdrawn(call, "")
                if truth:
                    self.edit(item.path, restored_result(item.members, truth))
                elif item.members.get("type") != "mcp_approval_response":  # a person's word, not a tool's
                    self.note_result(call, item)


def _items(document: Mapping[str, Json], name: str) -> Iterator[Element]:
    items = document.get(name)
    if items is None or isinstance(items, str):
        return
    if not isinstance(items, list):
        raise AgentProtocolError(f"{name} is not a list")
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            raise AgentProtocolError(f"{name}.{number} is not an object")
        yield Element((name, number), item)


def _id(item: Element) -> str:
    call = call_id(item.members)
    if not isinstance(call, str) or not call:
        raise AgentProtocolError(f"{item.place} has no call_id")
    return call


def _has_more(item: Mapping[str, Json]) -> bool:
    """Return whether a result says more than its output: kinds that are not known may say anything anywhere."""
    return str(item.get("type")) not in _PLAIN


_PLAIN = frozenset(
    f"{kind}_output"
    for kind in ("apply_patch_call", "custom_tool_call", "function_call", "local_shell_call", "shell_call")
)
