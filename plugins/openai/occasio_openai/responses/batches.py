"""Batches: a file of requests that is uploaded, and the file of their answers.

Requests and answers are those of both of the provider's protocols, each told by its own address or shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from occasio_core import (
    Batch,
    CallMemory,
    Found,
    Held,
    Json,
    JsonPath,
    RequestBody,
    Texts,
)
from occasio_openai.chat import calls as chat
from occasio_openai.chat import document as completion
from occasio_openai.chat.request import ChatRequest
from occasio_openai.responses import document as response
from occasio_openai.responses import items
from occasio_openai.responses.request import ResponsesRequest
from occasio_openai.routes import Use, is_chat, use_of_responses

_IN_FORMS_OF_CHAT = ("function", "custom", None)
_BODY: JsonPath = ("response", "body")


def request_of(line: bytes, said: Mapping[str, Json], memory: CallMemory) -> RequestBody | None:
    """Return the request in one line of a batch, None if the line is none.  Raises `AgentProtocolError`."""
    url, method, body = said.get("url"), said.get("method", "POST"), said.get("body")
    if not isinstance(url, str) or not isinstance(method, str) or not isinstance(body, dict):
        return None

    def read(text: bytes) -> RequestBody:
        if is_chat(method, url):
            return ChatRequest(text, memory)
        use = use_of_responses(method, url)
        return ResponsesRequest(text, memory, use) if use in (Use.ANSWER, Use.COMPACT) else Texts(text)

    return Batch(line, lambda _: [("body",)], read)


def calls_in(line: Mapping[str, Json]) -> Iterator[Found]:
    """Yield the calls in one line of a batch's answers.  Raises `UpstreamProtocolError`."""
    said = line.get("response")
    body = said.get("body") if isinstance(said, dict) else None
    if isinstance(body, dict):
        found = completion.calls_in(body) if "choices" in body else response.calls_in(body)
        yield from (one.below(_BODY) for one in found)


def shown(held: Held, prefix: str) -> dict[str, Json]:
    """Return the call as the agent may see it, in the form that it came in."""
    is_of_chat = held.block.get("type") in _IN_FORMS_OF_CHAT
    return chat.shown(held, prefix) if is_of_chat else items.shown(held, prefix)
