"""Joins a request and its answer, whatever protocol they are in.  Knows no sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from occasio_core.errors import UpstreamProtocolError
from occasio_core.interfaces import FromUpstream
from occasio_core.model import CallId, RequestDone, SessionId, ToolResult
from occasio_core.wires.answer import Answer, UnreadAnswer
from occasio_core.wires.body import RequestBody
from occasio_core.wires.calls import CallReader, Held
from occasio_core.wires.memory import ANSWERED, REFUSED, CallMemory, Withdrawn
from occasio_core.wires.offers import OFFERED, Offered, offered
from occasio_core.wires.origin import Origin

# Given who reads the calls and whether the answer is an event stream.  None for requests that no call can come of.
AnswerTo: TypeAlias = "Callable[[CallReader, bool], Answer]"


class CallExchange:
    """One request and its answer; `answer_to` returns the answer that a status and a content type announce."""

    def __init__(self, request: RequestBody, origin: Origin, memory: CallMemory, answer_to: AnswerTo | None) -> None:
        self._request = request
        self._origin = origin
        self._memory = memory
        self._answer_to = answer_to
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
        return self._request.model

    @property
    def output_limit(self) -> int | None:
        """The most tokens that the answer may have; None where there is none to pay for."""
        return self._request.output_limit

    @property
    def is_whole(self) -> bool:
        """Whether what the request tells goes as it is or not at all."""
        return self._request.is_whole

    @property
    def problem(self) -> str:
        """Why what the request tells cannot be read, empty if it can."""
        return self._request.problem

    def parts(self) -> Sequence[CallExchange]:
        """Return the requests that this one is made of, each judged as if it were sent alone."""
        return [CallExchange(part, self._origin, self._memory, None) for part in self._request.parts]

    def results(self) -> Sequence[ToolResult]:
        """Return the result of every tool in the history that the agent ran."""
        return self._request.results(self._origin, self._memory)

    def return_texts(self, call: CallId, texts: Sequence[str], /) -> None:
        """Put `texts` in the place of the result's texts, one for one."""
        self._request.return_texts(call, texts)

    def withhold(self, call: CallId, notice: str, /) -> None:
        """Put `notice` in the place of the whole result, whatever its shape."""
        self._request.withhold(call, notice)

    def told(self) -> Sequence[tuple[str, ...]]:
        """Return what the request tells the model besides results and its own words: texts that it reads together."""
        return self._request.told()

    def retell(self, number: int, texts: Sequence[str], /) -> None:
        """Put `texts` in the place of those of that number, one for one."""
        self._request.retell(number, texts)

    def offered(self) -> Sequence[Offered]:
        """Return the tools that the request has the provider run on its own side."""
        return [offered(offer, self._origin) for offer in self._request.offers]

    def take_out(self, call: CallId, /) -> None:
        """Leave what is offered by that name out of the request."""
        self._request.take_out(call.removeprefix(OFFERED))

    def outgoing(self) -> bytes:
        """Return the request's body as it goes upstream, the true history restored."""
        return self._request.outgoing()

    def begin(self, status: int, content_type: str, /) -> None:
        """Say what kind of answer follows.  Only a success can carry calls."""
        self._status = status
        if self._answer_to is not None and 200 <= status < 300:
            is_stream = content_type.partition(";")[0].strip().lower() == "text/event-stream"
            self._answer = self._answer_to(CallReader(self._origin, self._memory, self._request.call_ids), is_stream)

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
        """Return what keeps the agent waiting, in the form of its protocol."""
        return self._answer.patience

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
        truth = Withdrawn(tool=held.call.tool, input=held.input, result=text, is_error=is_error, said=held.block)
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
            protocol=self._origin.protocol,
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
