"""Where the calls and results stand in an agent's request, and how the true history is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from occasio_core import AgentProtocolError, CallMemory, Element, Json, JsonPath, RequestBody, Withdrawn, listed
from occasio_gemini.offers import offers_in
from occasio_gemini.parts import CALLS, RESPONSES, answered, key_of, restored, restored_response
from occasio_gemini.routes import counts_tokens, model_of

_MOST_TOKENS = 65_536  # no model of this provider answers with more
_INSTRUCTIONS = ("systemInstruction", "system_instruction", "tools")
_ENCODED = ("inlineData", "inline_data", "thoughtSignature", "thought_signature")  # nothing that can be read as text
_WRAPPERS = ("request", "generateContentRequest", "generate_content_request")  # some requests hold another one


class Request(RequestBody):
    """One request's body."""

    def __init__(self, body: bytes, memory: CallMemory, path: str) -> None:
        super().__init__(body)
        self._path = path
        parts = list(_parts(self.document))
        withdrawn = self._restore_calls(parts, memory)
        self._restore_results(parts, withdrawn, memory)
        for value in _told(self.document):
            self.note_told(value)
        for place, request in _requests(self.document):
            self.offers += offers_in(place, request)

    @property
    def model(self) -> str | None:
        """The model that is asked: the path names it."""
        return super().model or model_of(self._path)

    @property
    def output_limit(self) -> int | None:
        """The most tokens that the answer may have, in all its candidates; None where they are only counted."""
        if counts_tokens(self._path):
            return None
        requests = [one for _, one in _requests(self.document)]
        settings = [one.get(name) for one in requests for name in ("generationConfig", "generation_config")]
        given = next((one for one in settings if isinstance(one, dict)), {})
        limit, count = given.get("maxOutputTokens"), given.get("candidateCount")
        most = limit if type(limit) is int and limit >= 0 else _MOST_TOKENS
        return most * (count if type(count) is int and count > 0 else 1)

    def answered(self, element: Element, text: str, *, is_error: bool) -> str:
        """Return a result as JSON text, its whole content replaced by `text`."""
        return answered(element.members, text, is_error=is_error)

    def content(self, element: Element) -> tuple[JsonPath, Json]:
        """Return what the model reads of a result, and where that stands."""
        key = key_of(element.members, RESPONSES)
        path, response = (*element.path, key), element.members[key]
        if isinstance(response, dict) and "parts" not in response:
            return (*path, "response"), response.get("response")
        members = response if isinstance(response, dict) else {}
        return path, {name: members[name] for name in ("response", "parts") if name in members}

    def skip(self, container: Mapping[str, Json], name: str) -> bool:
        """Return no: a model reads every member of a response, whatever it is called."""
        return False

    def _restore_calls(self, parts: Sequence[Element], memory: CallMemory) -> dict[str, Withdrawn]:
        withdrawn = {}
        for part in parts:
            if key := key_of(part.members, CALLS):
                function = _function(part, key)
                call, name = _id(function), function.string("name")
                truth = memory.withdrawn(call, name)
                self.note_call(call, truth.tool if truth else name, function.members.get("args"))
                if truth:
                    withdrawn[call] = truth
                    self.edit(part.path, restored(part.members, truth))
        return withdrawn

    def _restore_results(
        self, parts: Sequence[Element], withdrawn: Mapping[str, Withdrawn], memory: CallMemory
    ) -> None:
        for part in parts:
            if key := key_of(part.members, RESPONSES):
                function = _function(part, key)
                name = function.members.get("name")
                call = _id(function)
                truth = withdrawn.get(call) or memory.withdrawn(call, name if isinstance(name, str) else "")
                if truth:
                    self.edit(part.path, restored_response(part.members, truth))
                else:
                    self.note_result(call, part)


def _requests(document: Mapping[str, Json]) -> Iterator[tuple[JsonPath, Mapping[str, Json]]]:
    """Yield the request, and the one that it holds."""
    yield (), document
    for name in _WRAPPERS:
        if isinstance(inner := document.get(name), dict):
            yield (name,), inner


def _told(document: Mapping[str, Json]) -> Iterator[list[tuple[JsonPath, Json]]]:
    """Yield what the model reads together and has neither said itself nor got as a tool's result."""
    for path, request in _requests(document):
        for name in _INSTRUCTIONS:
            yield [((*path, name), request.get(name))]
        if isinstance(text := request.get("contents"), str):
            yield [((*path, "contents"), text)]
        for place, message in _messages(path, request.get("contents")):
            if message.get("role") != "model":
                yield [found for part in _parts_of(place, message.get("parts")) for found in _read_in(part)]


def _read_in(part: Element) -> Iterator[tuple[JsonPath, Json]]:
    if not key_of(part.members, CALLS) and not key_of(part.members, RESPONSES):
        yield from (((*part.path, name), value) for name, value in part.members.items() if name not in _ENCODED)


def _parts(document: Mapping[str, Json]) -> Iterator[Element]:
    """Yield every part of every message, whoever's it is."""
    for path, request in _requests(document):
        for place, message in _messages(path, request.get("contents")):
            yield from _parts_of(place, message.get("parts"))


def _messages(path: JsonPath, contents: Json) -> Iterator[tuple[JsonPath, Mapping[str, Json]]]:
    if contents is None or isinstance(contents, str):
        return
    # a single message may stand for a list of one
    messages: list[tuple[JsonPath, Json]] = []
    if isinstance(contents, dict):
        messages.append(((*path, "contents"), contents))
    else:
        numbered = enumerate(listed(contents, "contents"))
        messages += [((*path, "contents", number), message) for number, message in numbered]
    for place, message in messages:
        if not isinstance(message, dict):
            raise AgentProtocolError(f"{'.'.join(map(str, place))} is not an object")
        yield place, message


def _parts_of(place: JsonPath, parts: Json) -> Iterator[Element]:
    for position, part in enumerate(listed([] if parts is None else parts, "parts")):
        if not isinstance(part, dict):
            raise AgentProtocolError(f"part {position} of {'.'.join(map(str, place))} is not an object")
        yield Element((*place, "parts", position), part)


def _function(part: Element, name: str) -> Element:
    members = part.members[name]
    if not isinstance(members, dict):
        raise AgentProtocolError(f"{part.place} has a {name} that is not an object")
    return Element((*part.path, name), members)


def _id(function: Element) -> str:
    """Return the id of a call, or a name for its place where it has none."""
    call = function.members.get("id")
    return call if isinstance(call, str) and call else "_".join(map(str, function.path))
