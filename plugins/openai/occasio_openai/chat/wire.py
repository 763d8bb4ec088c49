"""Chat Completions: a run's exchanges, joined by what the run remembers."""

from __future__ import annotations

from occasio_core import Answer, Archive, CallExchange, CallMemory, CallReader, DocumentAnswer, HttpRequest, RunId
from occasio_openai.chat.calls import shown
from occasio_openai.chat.document import calls_in
from occasio_openai.chat.request import ChatRequest
from occasio_openai.chat.stream import StreamAnswer
from occasio_openai.origin import origin_of
from occasio_openai.usage import ChatTally

PROTOCOL = "openai-chat"


class ChatWire:
    """All exchanges of one run."""

    def __init__(self, run: RunId, archive: Archive | None = None) -> None:
        self._run = run
        self._memory = CallMemory(archive)

    def exchange(self, request: HttpRequest, cwd: str, /) -> CallExchange:
        """Open an exchange.  Raises `AgentProtocolError` if the body is not what the protocol says."""
        body = ChatRequest(request.body, self._memory)
        origin = origin_of(request.headers, body.document, self._run, cwd, PROTOCOL)

        def answered(reader: CallReader, is_stream: bool) -> Answer:
            if is_stream:
                return StreamAnswer(reader, hides_usage=body.asks_for_usage)
            return DocumentAnswer(reader, ChatTally(), calls_in, shown)

        return CallExchange(body, origin, self._memory, answered)
