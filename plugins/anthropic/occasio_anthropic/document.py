"""Where the calls stand in an answer that comes as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from occasio_anthropic.calls import CALL, done_id, done_tool, is_done_by_provider, tool_of
from occasio_core import Found, Json, UpstreamProtocolError


def calls_in(document: Mapping[str, Json]) -> Iterator[Found]:
    """Yield every call.  Raises `UpstreamProtocolError` if the document is no message."""
    content = document.get("content", [])
    if not isinstance(content, list):
        raise UpstreamProtocolError("the answer's content is not a list")
    for index, block in enumerate(content):
        if not isinstance(block, dict):
            raise UpstreamProtocolError(f"the answer's content block {index} is not an object")
        path = ("content", index)
        if block.get("type") == CALL:
            yield Found(path=path, block=block, call=block.get("id"), tool=tool_of(block), input=(*path, "input"))
        elif is_done_by_provider(block):
            call, tool = done_id(block, index), done_tool(block)
            yield Found(path=path, block=block, call=call, tool=tool, input=(*path, "input"), done_by_provider=True)
