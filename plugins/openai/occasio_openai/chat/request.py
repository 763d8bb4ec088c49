"""Where the calls and results stand in an agent's request, and how the true history is written."""

from __future__ import annotations

from collections.abc import Mapping

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
from occasio_openai.chat.calls import (
    marked_id,
    read,
    read_function_call,
    restored,
    restored_function,
)
from occasio_openai.contents import is_skipped

_MOST_TOKENS = 128_000  # no model of this provider answers with more
_USAGE = {"include_usage": True}


class ChatRequest(RequestBody):
    """One request's body.

    A stream says what it cost only if that is asked for.  It always is: `asks_for_usage` tells that the agent did not.
    """

    def __init__(self, body: bytes, memory: CallMemory) -> None:
        super().__init__(body)
        self._memory = memory
        self._withdrawn: dict[str, Withdrawn] = {}
        self._last = ""  # the id of the last `function_call`, for the result behind it has none
        for number, message in enumerate(listed(self.document.get("messages"), "messages")):
            if not isinstance(message, dict):
                raise AgentProtocolError(f"messages.{number} is not an object")
            self._note(Element(("messages", number), message))
        for name in ("tools", "functions"):
            self.note_told([((name,), self.document.get(name))])
        self.asks_for_usage = self._ask_for_usage()

    @property
    def output_limit(self) -> int:
        """The most tokens that the answer may have, in all its choices."""
        limits = [self.document.get(name) for name in ("max_completion_tokens", "max_tokens")]
        said = [limit for limit in limits if isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0]
        choices = self.document.get("n")
        return (said[0] if said else _MOST_TOKENS) * (choices if type(choices) is int and choices > 0 else 1)

    def answered(self, element: Element, text: str, *, is_error: bool) -> str:
        """Return a result as JSON text, its whole content replaced by `text`; there is no place for an error's mark."""
        return with_members(element.members, {"content": written(text)})

    def content(self, element: Element) -> tuple[JsonPath, Json]:
        """Return what the model reads of a result, and where that stands."""
        return (*element.path, "content"), element.members.get("content")

    def skip(self, container: Mapping[str, Json], name: str) -> bool:
        """Return whether a member is nothing that a model reads."""
        return is_skipped(container, name)

    def _note(self, message: Element) -> None:
        if message.members.get("tool_calls") is not None:
            for position, call in enumerate(listed(message.members["tool_calls"], f"{message.place}.tool_calls")):
                if not isinstance(call, dict):
                    raise AgentProtocolError(f"{message.place}.tool_calls.{position} is not an object")
                self._note_tool_call(Element((*message.path, "tool_calls", position), call))
        if isinstance(function := message.members.get("function_call"), dict):
            self._note_function_call(Element((*message.path, "function_call"), function))
        match message.members.get("role"):
            case "tool":
                self._note_tool_result(message, message.string("tool_call_id"))
            case "function":
                self._note_tool_result(message, self._last or f"function_message_{message.path[1]}")
                self._last = ""
            case "assistant":
                pass  # the model's own words
            case _:
                self.note_told([((*message.path, "content"), message.members.get("content"))])

    def _note_tool_call(self, call: Element) -> None:
        said, name = read(call.members), call.string("id")
        if not isinstance(said.tool, str) or not said.tool:
            raise AgentProtocolError(f"{call.place} has no name")
        truth = self._memory.withdrawn(name, said.tool)
        self.note_call(name, truth.tool if truth else said.tool, said.arguments)
        if truth:
            self._withdrawn[name] = truth
            self.edit(call.path, restored(call.members, truth))

    def _note_function_call(self, call: Element) -> None:
        name = marked_id(call.members)
        truth = self._memory.withdrawn(name, call.string("name"))
        self._last = name or f"function_message_{call.path[1]}"
        said = read_function_call(call.members, self._last)
        self.note_call(self._last, truth.tool if truth else call.string("name"), said.arguments)
        if truth:
            self._withdrawn[self._last] = truth
            self.edit(call.path, restored_function(call.members, truth.said or {"name": truth.tool}))

    def _note_tool_result(self, message: Element, call: str) -> None:
        truth = self._withdrawn.get(call) or self._memory.withdrawn(call, "")
        if truth:
            self.edit(message.path, self.answered(message, truth.result, is_error=truth.is_error))
        else:
            self.note_result(call, message)

    def _ask_for_usage(self) -> bool:
        if self.document.get("stream") is not True:
            return False
        options = self.document.get("stream_options")
        if options is None and "stream_options" not in self.document:
            self.edit(("stream",), f'true,"stream_options":{written(_USAGE)}')
            return True
        if isinstance(options, dict) and options.get("include_usage") is True:
            return False
        members = options if isinstance(options, dict) else {}
        self.edit(("stream_options",), with_members(members, {"include_usage": "true"}))
        return True
