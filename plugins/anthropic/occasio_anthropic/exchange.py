"""Opens a run's exchanges, joined by what the run remembers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from occasio_anthropic.calls import withdrawn_block
from occasio_anthropic.document import calls_in
from occasio_anthropic.origin import origin_of
from occasio_anthropic.request import Request
from occasio_anthropic.routes import Use, use_of
from occasio_anthropic.stream import StreamAnswer
from occasio_anthropic.usage import MessageTally
from occasio_core import (
    AgentProtocolError,
    Answer,
    AnswerTo,
    Archive,
    Batch,
    CallExchange,
    CallMemory,
    CallReader,
    DocumentAnswer,
    Fetch,
    Found,
    HttpRequest,
    Json,
    JsonPath,
    LinesAnswer,
    RequestBody,
    RunId,
    Texts,
    Upload,
    listed,
)


class MessagesWire:
    """All exchanges of one run."""

    def __init__(self, run: RunId, archive: Archive | None = None) -> None:
        self._run = run
        self._memory = CallMemory(archive)

    def exchange(self, request: HttpRequest, cwd: str, /) -> CallExchange:
        """Open an exchange.  Raises `AgentProtocolError` if the body is not what the protocol says."""
        use = use_of(request.method, request.path) or Use.ANSWER
        body = self._body(request, use)
        origin = origin_of(request.headers, body.document, self._run, cwd)
        return CallExchange(body, origin, self._memory, _ANSWERS.get(use))

    def _body(self, request: HttpRequest, use: Use) -> RequestBody:
        match use:
            case Use.ANSWER | Use.COUNT:
                return Request(request.body, self._memory, has_calls=use is Use.ANSWER)
            case Use.BATCH:
                return Batch(request.body, _requests, lambda body: Request(body, self._memory))
            case Use.UPLOAD:
                kind = request.headers.get("content-type", "")
                is_form = kind.lower().lstrip().startswith("multipart/")
                return Upload(request.body, kind) if is_form else Texts(request.body)
            case Use.RESULTS:
                return Fetch(request.body)


def _requests(batch: RequestBody) -> Iterator[JsonPath]:
    """Yield where the requests of a batch stand.  Raises `AgentProtocolError` where one has none."""
    for number, one in enumerate(listed(batch.document.get("requests"), "requests")):
        if not isinstance(one, dict) or not isinstance(one.get("params"), dict):
            raise AgentProtocolError(f"requests.{number} has no params")
        yield "requests", number, "params"


def _answered(calls: CallReader, is_stream: bool) -> Answer:
    if is_stream:
        return StreamAnswer(calls)
    return DocumentAnswer(calls, MessageTally(), calls_in, withdrawn_block)


def _of_a_batch(calls: CallReader, is_stream: bool) -> Answer:
    return LinesAnswer(calls, _calls_in_line, withdrawn_block)


def _calls_in_line(line: Mapping[str, Json]) -> Iterator[Found]:
    result = line.get("result")
    message = result.get("message") if isinstance(result, dict) else None
    if isinstance(message, dict):
        yield from (found.below(("result", "message")) for found in calls_in(message))


_ANSWERS: dict[Use, AnswerTo] = {Use.ANSWER: _answered, Use.RESULTS: _of_a_batch}
