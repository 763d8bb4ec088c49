"""Joins a request and its answer, and a run's exchanges by what they remember.  Knows no sockets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from occasio_anthropic.calls import Answer
from occasio_anthropic.document import DocumentAnswer, UnreadAnswer
from occasio_anthropic.origin import PROTOCOL, origin_of
from occasio_anthropic.request import Request
from occasio_anthropic.routes import counts_tokens
from occasio_anthropic.stream import StreamAnswer
from occasio_core import (
    ANSWERED,
    REFUSED,
    CallId,
    CallMemory,
    CallReader,
    FromUpstream,
    Held,
    HttpRequest,
    Origin,
    RequestDone,
    RunId,
    SessionId,
    ToolResult,
    UpstreamProtocolError,
    Withdrawn,
)

_PING = b'event: ping\ndata: {"type": "ping"}\n\n'
_MOST_TOKENS = 128_000  # no model of this provider answers with more


class MessagesWire:
    """All exchanges of one run."""

    def __init__(self, run: RunId) -> None:
        self._run = run
        self._memory = CallMemory()

    def exchange(self, request: HttpRequest, cwd: str, /) -> MessagesExchange:
        """Open an exchange.  Raises `AgentProtocolError` if the body is not what the protocol says."""
        body = Request(request.body, self._memory)
        origin = origin_of(request.headers, body.document, self._run, cwd)
        return MessagesExchange(body, origin, self._memory, has_calls=not counts_tokens(request.path))


class MessagesExchange:
    """One request and its answer."""

    def __init__(self, request: Request, origin: Origin, memory: CallMemory, *, has_calls: bool) -> None:
        self._request = request
        self._origin = origin
        self._memory = memory
        self._has_calls = has_calls
        self._answer: Answer = UnreadAnswer()
        self._status = 0
        self._pending: list[Held] = []
        self._failure: UpstreamProtocolError | None = None

    @property
    def session(self) -> SessionId:
        """The agent's own session."""
        return self._origin.session

    @property
    def agent(self) -> str:
        """The agent's name, as rows say it."""
        return self._origin.agent

    @property
    def model(self) -> str | None:
        """The model that the request asks for."""
        model = self._request.document.get("model")
        return model if isinstance(model, str) else None

    @property
    def output_limit(self) -> int | None:
        """The most tokens that the answer may have; None where they are only counted."""
        if not self._has_calls:
            return None
        limit = self._request.document.get("max_tokens")
        return limit if isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0 else _MOST_TOKENS

    def results(self) -> Sequence[ToolResult]:
        """Return the result of every tool in the history that the agent ran."""
        return self._request.results(self._origin)

    def return_texts(self, call: CallId, texts: Sequence[str], /) -> None:
        """Put `texts` in the place of the result's texts, one for one."""
        self._request.return_texts(call, texts)

    def withhold(self, call: CallId, notice: str, /) -> None:
        """Put `notice` in the place of the whole result, whatever its shape."""
        self._request.withhold(call, notice)

    def outgoing(self) -> bytes:
        """Return the request's body as it goes upstream, the true history restored."""
        return self._request.outgoing()

    def begin(self, status: int, content_type: str, /) -> None:
        """Say what kind of answer follows.  Only a success can carry calls."""
        self._status = status
        calls = CallReader(self._origin, self._memory, self._request.call_ids)
        if not self._has_calls or not 200 <= status < 300:
            self._answer = UnreadAnswer()
        elif content_type.partition(";")[0].strip().lower() == "text/event-stream":
            self._answer = StreamAnswer(calls)
        else:
            self._answer = DocumentAnswer(calls)

    def receive(self, data: bytes, /) -> Sequence[FromUpstream]:
        """Take the next bytes of the answer; return, in order, bytes for the agent and the calls that are held.

        Raises `UpstreamProtocolError` when the answer breaks the protocol.  What came before the break is returned
        first, however the bytes were split; then every further call raises.
        """
        if self._failure:
            raise self._failure
        items: list[FromUpstream] = []
        try:
            for item in self._handed_out(self._answer.receive(data)):
                items.append(item)
        except UpstreamProtocolError as error:
            self._failure = error
            if not items:
                raise
        return _joined(items)

    def finish(self) -> Sequence[FromUpstream]:
        """Say that the answer has ended; return what was left, and last a `RequestDone`.

        Raises `UpstreamProtocolError` when the answer ended in the middle of a held call, or broke the protocol.
        """
        if self._failure:
            raise self._failure
        return [*_joined(self._handed_out(self._answer.finish())), self._done()]

    def patience(self) -> bytes:
        """Return a `ping` of an event stream; a document comes as a whole, and nothing can be said before."""
        return _PING if isinstance(self._answer, StreamAnswer) else b""

    def release(self, call: CallId, /) -> bytes:
        """Return what is held for `call`, byte for byte as it came; of a document, all when the last is decided."""
        return self._answer.release(self._taken(call))

    def refuse(self, call: CallId, text: str, /) -> bytes:
        """Return `call` in a form that the agent cannot run, and remember `text` as its result."""
        return self._withdraw(call, REFUSED, text, is_error=True)

    def answer(self, call: CallId, text: str, is_error: bool, /) -> bytes:
        """As `refuse`, for a call that Occasio ran itself: `text` is its result."""
        return self._withdraw(call, ANSWERED, text, is_error)

    def _withdraw(self, call: CallId, prefix: str, text: str, is_error: bool) -> bytes:
        held = self._taken(call)
        truth = Withdrawn(tool=held.call.tool, input=held.input, result=text, is_error=is_error)
        self._memory.withdraw(held.shown_id, truth)
        return self._answer.withdraw(held, prefix)

    def _handed_out(self, items: Iterable[bytes | Held]) -> Iterator[FromUpstream]:
        for item in items:
            if isinstance(item, Held):
                self._pending.append(item)
                yield item.call
            else:
                yield item

    def _taken(self, call: CallId) -> Held:
        """Return the first call of that id that waits, for an id may come twice."""
        for position, held in enumerate(self._pending):
            if held.call.call == call:
                return self._pending.pop(position)
        raise ValueError(f"no call `{call}` is held")

    def _done(self) -> RequestDone:
        tally = self._answer.tally
        return RequestDone(
            session=self.session,
            agent=self.agent,
            protocol=PROTOCOL,
            model=tally.model or self.model,
            status=self._status,
            input_tokens=tally.input_tokens,
            output_tokens=tally.output_tokens,
            cache_read_tokens=tally.cache_read_tokens,
            cache_write_tokens=tally.cache_write_tokens,
            complete=tally.complete,
        )


def _joined(items: Iterable[FromUpstream]) -> list[FromUpstream]:
    """Return the items with neighbouring bytes in one."""
    joined: list[FromUpstream] = []
    together: list[bytes] = []
    for item in items:
        if isinstance(item, bytes):
            together.append(item)
            continue
        joined += [*_together(together), item]
        together.clear()
    return joined + _together(together)


def _together(pieces: list[bytes]) -> list[FromUpstream]:
    data = b"".join(pieces)
    return [data] if data else []
