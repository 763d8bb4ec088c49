"""A run's exchanges, joined by what the run remembers."""

from __future__ import annotations

from occasio_core import (
    Answer,
    Archive,
    CallExchange,
    CallMemory,
    CallReader,
    DocumentAnswer,
    HttpRequest,
    Origin,
    RunId,
    agent_of,
    session_of,
)
from occasio_gemini.parts import calls_in_document, shown
from occasio_gemini.request import Request
from occasio_gemini.routes import counts_tokens
from occasio_gemini.stream import StreamAnswer
from occasio_gemini.usage import STREAMED, GeminiTally

PROTOCOL = "gemini"

_KNOWN = {"geminicli": "gemini-cli", "geminicli-tui": "gemini-cli"}


class GeminiWire:
    """All exchanges of one run."""

    def __init__(self, run: RunId, archive: Archive | None = None) -> None:
        self._run = run
        self._memory = CallMemory(archive)

    def exchange(self, request: HttpRequest, cwd: str, /) -> CallExchange:
        """Open an exchange.  Raises `AgentProtocolError` if the body is not what the protocol says."""
        body = Request(request.body, self._memory, request.path)
        origin = Origin(
            session=session_of((request.headers.get("x-session-id"),), self._run),  # agents seldom name theirs
            agent=agent_of(request.headers, _KNOWN),
            protocol=PROTOCOL,
            cwd=cwd,
        )
        return CallExchange(body, origin, self._memory, None if counts_tokens(request.path) else _answered)


def _answered(reader: CallReader, is_stream: bool) -> Answer:
    if is_stream:
        return StreamAnswer(reader)
    return DocumentAnswer(reader, GeminiTally(), calls_in_document, shown, items=STREAMED)
