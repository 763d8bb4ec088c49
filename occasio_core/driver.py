"""Carries out what a run's session says, in order, and stops at the first thing that fails.

Everything that may block (deciding, scanning, the log, tools that run here) happens in threads; the wire is touched
on the event loop alone.  Knows no sockets and no rows' form.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager, suppress
from typing import TypeVar, assert_never

from occasio_core.approvals.desk import Desk
from occasio_core.approvals.question import Ending, Verdict, Waiting
from occasio_core.commands import (
    Answer,
    Answered,
    Ask,
    Asked,
    Await,
    Command,
    Event,
    Ran,
    Record,
    Refuse,
    RefuseRequest,
    Release,
    RequestAsked,
    Retell,
    Return,
    Round,
    Run,
    TakeOut,
    Told,
    Withhold,
)
from occasio_core.errors import OccasioError, RequestRefusedError
from occasio_core.interfaces import Exchange, FromUpstream
from occasio_core.model import RequestDone, ToolCall
from occasio_core.session import Session

THREADS = 32  # each waits for the disk most of its time, and those that wait together share one flush

_T = TypeVar("_T")


class Gate:
    """What all exchanges of a run share.  Once anything failed in it, it lets nothing through any more.

    `append` returns when the row is durable, and raises `LedgerError` when it cannot be; `refresh` is called before
    each event, and puts another policy in force where there is one.  Both are called in threads.
    """

    def __init__(
        self,
        session: Session,
        append: Callable[[Record], object],
        refresh: Callable[[], object] = lambda: None,
        desk: Desk | None = None,
    ) -> None:
        self.failure: OccasioError | None = None
        self.results = asyncio.Lock()  # a result that two requests carry is recorded before either of them goes on
        self._session = session
        self._append = append
        self._refresh = refresh
        self.desk = desk  # where people are asked; a session that can ask has one
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="occasio")

    def close(self) -> None:
        """Wait for what is under way in threads, and end them."""
        self._threads.shutdown()

    def check(self) -> None:
        """Raise what made the gate fail, if anything did."""
        if self.failure is not None:
            raise self.failure

    async def ask(self, events: Sequence[Event], here: Round) -> list[Command]:
        """Return what must be done about `events` of a round, in order, behind the rows that come first.

        Those are durable by then.  Raises `LedgerError` when they cannot be.
        """

        def asked() -> list[Command]:
            self._refresh()
            commands = [command for event in events for command in self._session.receive(event, here)]
            recorded = 0
            for command in commands:
                if not isinstance(command, Record):
                    break
                self._append(command)
                recorded += 1
            return commands[recorded:]

        return await self._in_thread(asked) if events else []

    def ask_at_once(self, event: RequestAsked, here: Round) -> list[Command]:
        """As `ask`, for what needs neither disk nor thread, right behind something that was asked."""
        self.check()
        with self._closing_on_failure():
            return self._session.receive(event, here)

    async def record(self, record: Record) -> None:
        """Return once the row is durable.  Raises `LedgerError`."""
        await self._in_thread(lambda: self._append(record))

    async def is_alike(self, call: ToolCall, tool: str, effects: tuple[str, ...]) -> bool:
        """Return what the session says of two spellings of one call."""
        return await self._in_thread(lambda: self._session.is_alike(call, tool, effects))

    async def note(self, event: Event, here: Round) -> None:
        """Write down what the session says of `event`, and do nothing else of it."""
        for command in await self.ask([event], here):
            if isinstance(command, Record):
                await self.record(command)

    async def run(self, command: Run) -> Ran:
        """Return what came of a call that is carried out here; what goes wrong in it is a result too."""
        return await self._in_thread(lambda: carried_out(command))

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        self.check()
        working = asyncio.get_running_loop().run_in_executor(self._threads, work)
        with self._closing_on_failure():
            return await _whole(working)

    @contextmanager
    def _closing_on_failure(self) -> Iterator[None]:
        try:
            yield
        except OccasioError as error:
            self.failure = self.failure or error
            raise
        except Exception as error:  # what nobody foresaw must not open the gate
            self.failure = self.failure or OccasioError(f"the gate failed with {type(error).__name__}")
            raise self.failure from error


async def _whole(working: asyncio.Future[_T]) -> _T:
    """Return what comes of `working`; whoever waits may be cancelled, but not before it is done: a thread cannot be."""
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        while not working.done():
            with suppress(asyncio.CancelledError):  # whoever cancels twice waits too
                await asyncio.wait([working])
        raise


class Driver:
    """Takes one exchange through the gate."""

    def __init__(self, gate: Gate, exchange: Exchange, protocol: str) -> None:
        self._gate = gate
        self._exchange = exchange
        self._protocol = protocol
        self._round = Round()
        self._status = 0
        self._is_open = False  # asked for, and not yet recorded as ended
        self._ending: RequestDone | None = None  # how it ended, if it came to its end
        self._parts: list[Driver] = []  # of a batch, as far as they were asked about

    async def outgoing(self) -> bytes:
        """Return the request's body once all that it tells the model is recorded and shaped.

        Raises `OccasioError`; then nothing of it may go upstream.
        """
        self._gate.check()
        for exchange in self._exchange.parts():
            self._parts.append(Driver(self._gate, exchange, self._protocol))
            await self._parts[-1].outgoing()
        events: list[Event] = [*self._exchange.results(), *self._told(), *self._exchange.offered()]
        async with self._gate.results:
            for command in await self._gate.ask(events, self._round):
                await self._put(command)
        body = self._exchange.outgoing()
        self._is_open = True
        asked = self._asked(len(body))
        if asked is None:
            return body
        is_fresh = bool(events)  # the policy was looked at just now
        commands = (
            self._gate.ask_at_once(asked, self._round) if is_fresh else await self._gate.ask([asked], self._round)
        )
        for command in commands:
            await self._put(command)
        return body

    def _told(self) -> list[Told]:
        groups = self._exchange.told()
        exchange = self._exchange
        told = Told(
            session=exchange.session,
            agent=exchange.agent,
            protocol=self._protocol,
            groups=groups,
            is_whole=exchange.is_whole,
            problem=exchange.problem,
        )
        return [told] if groups or told.problem else []

    def _asked(self, size: int) -> RequestAsked | None:
        limit = self._exchange.output_limit
        if limit is None:
            return None
        return RequestAsked(
            session=self._exchange.session,
            agent=self._exchange.agent,
            protocol=self._protocol,
            model=self._exchange.model,
            size=size,
            output_limit=limit,
        )

    def begin(self, status: int, content_type: str) -> None:
        """Say what kind of answer follows."""
        self._status = status
        for part in self._parts:
            part._status = status
        self._exchange.begin(status, content_type)

    async def receive(self, data: bytes) -> AsyncGenerator[bytes]:
        """Take the next bytes of the answer; yield those that the agent may have now.

        Raises `OccasioError` when a call could not be recorded or the answer breaks its protocol.
        """
        async with aclosing(self._pass(self._exchange.receive(data))) as pieces:
            async for released in pieces:
                yield released

    async def finish(self) -> AsyncGenerator[bytes]:
        """Say that the answer has ended; yield the rest.  The request's row is left to `close`."""
        async with aclosing(self._pass(self._exchange.finish())) as pieces:
            async for released in pieces:
                yield released

    async def close(self) -> None:
        """Record the end of a request that went out, or was about to; what is still held stays held.

        The row tells what the answer has cost; each part of a batch has its own.  It permits nothing, so nobody needs
        to wait for it.
        """
        if self._parts:
            await _whole(asyncio.ensure_future(self._close_parts()))
        if self._is_open and not self._parts and self._gate.failure is None:
            await self._done(self._ending or self._broken_off())

    async def _close_parts(self) -> None:
        for part in self._parts:
            await part.close()  # its answer comes another day: what it may cost stays spent

    def _broken_off(self) -> RequestDone:
        return RequestDone(
            session=self._exchange.session,
            agent=self._exchange.agent,
            protocol=self._protocol,
            model=self._exchange.model,
            status=self._status,
            complete=False,
        )

    async def _pass(self, items: Sequence[FromUpstream]) -> AsyncGenerator[bytes]:
        for item in items:
            if isinstance(item, bytes):
                yield item
            elif isinstance(item, RequestDone):
                self._ending = item
            else:
                async with aclosing(self._handle(item)) as pieces:
                    async for released in pieces:
                        yield released

    async def _handle(self, event: ToolCall | Ran | Asked | Answered) -> AsyncGenerator[bytes]:
        """Carry out what the session says of `event`; yield what the agent may have, as soon as it may."""
        for command in await self._gate.ask([event], self._round):
            match command:
                case Run():
                    further = self._handle(await self._gate.run(command))
                case Ask(question):
                    assert self._gate.desk is not None
                    further = self._handle(Asked(self._gate.desk.prepared(question)))
                case Await(waiting):
                    further = self._held(waiting)
                case _:
                    if released := await self._put(command):
                        yield released
                    continue
            async with aclosing(further) as pieces:
                async for released in pieces:
                    yield released

    async def _done(self, done: RequestDone) -> None:
        """Record the end of the request; whoever waits may be cancelled, the record is made all the same."""
        self._is_open = False

        async def recorded() -> None:
            for command in await self._gate.ask([done], self._round):
                await self._put(command)

        await _whole(asyncio.ensure_future(recorded()))

    async def _held(self, waiting: Waiting) -> AsyncGenerator[bytes]:
        """Keep a call held until a person has answered; an agent that goes away gets no answer any more."""
        assert self._gate.desk is not None
        verdict = Verdict(answer=Ending.EXPIRED, method="withdrawn", message="nobody waits for it any more")
        try:
            async with aclosing(self._gate.desk.verdict(waiting)) as waits:
                async for said in waits:
                    if said is None and (patience := self._exchange.patience()):
                        yield patience
                    verdict = said or verdict
        except (asyncio.CancelledError, GeneratorExit):
            await self._gate.note(Answered(waiting, verdict), self._round)
            raise
        except OccasioError as error:  # nobody can be asked: that is a no
            verdict = Verdict(answer=Ending.DENIED, method="unavailable", message=str(error))
        async with aclosing(self._handle(Answered(waiting, verdict))) as pieces:
            async for released in pieces:
                yield released

    async def _put(self, command: Command) -> bytes:
        """Carry out a command that needs nobody; return what the agent may have of it."""
        match command:
            case Record():
                await self._gate.record(command)
            case Release(call):
                return self._exchange.release(call)
            case Refuse(call, text):
                return self._exchange.refuse(call, text)
            case Answer(call, text, is_error):
                return self._exchange.answer(call, text, is_error)
            case Return(call, texts):
                self._exchange.return_texts(call, texts)
            case Retell(number, texts):
                self._exchange.retell(number, texts)
            case Withhold(call, notice):
                self._exchange.withhold(call, notice)
            case TakeOut(call):
                self._exchange.take_out(call)
            case RefuseRequest(text):
                self._is_open = False
                raise RequestRefusedError(text)
            case Run() | Ask() | Await():
                raise AssertionError(f"{type(command).__name__} needs somebody")
            case _:
                assert_never(command)
        return b""


def carried_out(command: Run) -> Ran:
    """Return what came of a call that is carried out here; what goes wrong in it is a result too."""
    try:
        text, is_error = command.runner.run(command.call, command.permit)
        left_out = command.permit.refused
        return Ran(call=command.call, text=str(text), is_error=bool(is_error), left_out=left_out)
    except Exception as error:  # noqa: BLE001 - a tool that fails is a result, and its message may quote secrets
        return Ran(call=command.call, text=f"the tool failed with {type(error).__name__}", is_error=True)
