"""Where the calls stand in an answer that comes as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from occasio_core import Found, Json, JsonPath, UpstreamProtocolError
from occasio_openai.chat.calls import made_id, read, read_function_call


def calls_in(document: Mapping[str, Json]) -> Iterator[Found]:
    """Yield every call of every choice.  Raises `UpstreamProtocolError` if the document is no completion."""
    for number, choice in enumerate(objects(document.get("choices"), "choices")):
        message = choice.get("message")
        if message is None:
            continue
        if not isinstance(message, dict):
            raise UpstreamProtocolError(f"the answer's choice {number} has a message that is not an object")
        path: JsonPath = ("choices", number, "message")
        for position, call in enumerate(objects(message.get("tool_calls"), "tool_calls")):
            said = read(call)
            place = (*path, "tool_calls", position)
            yield Found(path=place, block=call, call=said.call, tool=said.tool, input=said.input, flaw=said.flaw)
        if (function := message.get("function_call")) is not None:
            if not isinstance(function, dict):
                raise UpstreamProtocolError("the answer's function_call is not an object")
            said = read_function_call(function, made_id(document.get("id"), number))
            place = (*path, "function_call")
            yield Found(path=place, block=function, call=said.call, tool=said.tool, input=said.input, flaw=said.flaw)


def objects(value: Json, name: str) -> list[dict[str, Json]]:
    """Return a list of objects, empty if there is none.  Raises `UpstreamProtocolError` for anything else."""
    items = [] if value is None else value
    if not isinstance(items, list):
        raise UpstreamProtocolError(f"the answer's {name} is not a list")
    found = [item for item in items if isinstance(item, dict)]
    if len(found) != len(items):
        raise UpstreamProtocolError(f"the answer's {name} has something that is not an object")
    return found
