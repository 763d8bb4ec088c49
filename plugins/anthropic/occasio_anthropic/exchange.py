"""Opens a run's exchanges, joined by what the run remembers."""

from __future__ import annotations

from occasio_anthropic.calls import withdrawn_block
from occasio_anthropic.document import calls_in
from occasio_anthropic.origin import origin_of
from occasio_anthropic.request import Request
from occasio_anthropic.routes import counts_tokens
from occasio_anthropic.stream import StreamAnswer
from occasio_anthropic.usage import MessageTally
from occasio_core import Answer, Archive, CallExchange, CallMemory, CallReader, DocumentAnswer, HttpRequest, RunId


class MessagesWire:
    """All exchanges of one run."""

    def __init__(self, run: RunId, archive: Archive | None = None) -> None:
        self._run = run
        self._memory = CallMemory(archive)

    def exchange(self, request: HttpRequest, cwd: str, /) -> CallExchange:
        """Open an exchange.  Raises `AgentProtocolError` if the body is not what the protocol says."""
        has_calls = not counts_tokens(request.path)
        body = Request(request.body, self._memory, has_calls=has_calls)
        origin = origin_of(request.headers, body.document, self._run, cwd)
        return CallExchange(body, origin, self._memory, _answer_to if has_calls else None)


def _answer_to(calls: CallReader, is_stream: bool) -> Answer:
    if is_stream:
        return StreamAnswer(calls)
    return DocumentAnswer(calls, MessageTally(), calls_in, withdrawn_block)
