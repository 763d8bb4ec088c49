"""Where the calls stand in an answer that comes as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from occasio_core import Found, Json, UpstreamProtocolError
from occasio_openai.responses.items import is_call, is_done_by_provider, read, read_done


def calls_in(document: Mapping[str, Json]) -> Iterator[Found]:
    """Yield every call.  Raises `UpstreamProtocolError` if the document is no response."""
    for index, item in enumerate(output_of(document)):
        if is_call(item):
            said = read(item)
            path = ("output", index)
            yield Found(path=path, block=item, call=said.call, tool=said.tool, input=said.input, flaw=said.flaw)
        elif is_done_by_provider(item):
            said = read_done(item, index)
            path = ("output", index)
            found = Found(path=path, block=item, call=said.call, tool=said.tool, input=said.input, flaw=said.flaw)
            yield replace(found, done_by_provider=True)


def no_calls(document: Mapping[str, Json]) -> Iterator[Found]:
    """Yield nothing: a shortened history has calls that were decided long ago."""
    yield from ()


def output_of(response: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Return the items of a response.  Raises `UpstreamProtocolError` if they are no list of objects."""
    output = response.get("output")
    items = [] if output is None else output
    if not isinstance(items, list):
        raise UpstreamProtocolError("the answer's output is not a list")
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) != len(items):
        raise UpstreamProtocolError("the answer's output has an item that is not an object")
    return objects
