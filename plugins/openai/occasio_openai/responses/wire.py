"""The Responses API: a run's exchanges, joined by what the run remembers."""

from __future__ import annotations

from collections.abc import Mapping

from occasio_core import (
    Answer,
    AnswerTo,
    Archive,
    CallExchange,
    CallMemory,
    CallReader,
    DocumentAnswer,
    Fetch,
    HttpRequest,
    Json,
    LinesAnswer,
    RequestBody,
    RunId,
    Texts,
    UnreadAnswer,
    Upload,
)
from occasio_openai.origin import origin_of
from occasio_openai.responses import batches
from occasio_openai.responses.document import calls_in, no_calls
from occasio_openai.responses.items import shown
from occasio_openai.responses.request import ResponsesRequest
from occasio_openai.responses.stream import StreamAnswer
from occasio_openai.routes import Use, use_of_responses
from occasio_openai.usage import ResponsesTally

PROTOCOL = "openai-responses"


class ResponsesWire:
    """All exchanges of one run."""

    def __init__(self, run: RunId, archive: Archive | None = None) -> None:
        self._run = run
        self._memory = CallMemory(archive)

    def exchange(self, request: HttpRequest, cwd: str, /) -> CallExchange:
        """Open an exchange.  Raises `AgentProtocolError` if the body is not what the protocol says."""
        use = use_of_responses(request.method, request.path) or Use.ANSWER
        body = self._body(request, use)
        origin = origin_of(request.headers, body.document, self._run, cwd, PROTOCOL)
        return CallExchange(body, origin, self._memory, _ANSWERS.get(use))

    def _body(self, request: HttpRequest, use: Use) -> RequestBody:
        match use:
            case Use.RETRIEVE | Use.CONTENT:
                return Fetch(request.body)
            case Use.UPLOAD:
                kind = request.headers.get("content-type", "")
                is_form = kind.lower().lstrip().startswith("multipart/")
                return Upload(request.body, kind, self._in_line) if is_form else Texts(request.body)
            case Use.BATCH:
                return Texts(request.body)
            case _:
                return ResponsesRequest(request.body, self._memory, use)

    def _in_line(self, line: bytes, said: Mapping[str, Json]) -> RequestBody | None:
        return batches.request_of(line, said, self._memory)


def _answered(reader: CallReader, is_stream: bool) -> Answer:
    if is_stream:
        return StreamAnswer(reader)
    return DocumentAnswer(reader, ResponsesTally(), calls_in, shown)


def _compacted(reader: CallReader, is_stream: bool) -> Answer:
    return UnreadAnswer() if is_stream else DocumentAnswer(reader, ResponsesTally(), no_calls, shown)


def _fetched(reader: CallReader, is_stream: bool) -> Answer:
    return LinesAnswer(reader, batches.calls_in, batches.shown, mark="custom_id")


_ANSWERS: dict[Use, AnswerTo] = {
    Use.ANSWER: _answered,
    Use.RETRIEVE: _answered,
    Use.COMPACT: _compacted,
    Use.CONTENT: _fetched,
}
