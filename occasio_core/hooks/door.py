"""Takes what one run's hooks say through the run's gate: recorded first, then answered.

A call that another door of the same run has decided is not decided again: the hook confirms it and leaves a row of its
own, and results are left to that door.  A door between agent and tool (MCP) looks again, with what it knows more, and
scans what comes back.  Knows events and answers, not how any agent writes them, and no sockets.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import assert_never

from occasio_core.approvals.question import Ending, Verdict, Waiting
from occasio_core.commands import (
    Again,
    Answer,
    Answered,
    Ask,
    Asked,
    Await,
    Event,
    Prompted,
    Record,
    Refuse,
    RefuseRequest,
    Relayed,
    Release,
    Retell,
    Return,
    Round,
    Run,
    Shown,
    TakeOut,
    Withhold,
)
from occasio_core.driver import Gate
from occasio_core.errors import OccasioError
from occasio_core.hooks.decided import Decided, Known
from occasio_core.hooks.event import HOOK, HookAnswer, HookEvent, Moment
from occasio_core.hooks.reading import call_of, input_digest
from occasio_core.model import CallId, ToolCall, ToolResult
from occasio_verify import Json

_RAN_HERE = "Occasio ran this in place of the agent, as the policy says. Its result:"
_FAILED_HERE = "Occasio ran this in place of the agent, as the policy says, and it failed:"
_TAINTED = (
    "Occasio did not send the prompt: the history of this session holds a secret that no hook can take out; "
    "begin a new session"
)
_CHANGED = (
    "[withheld by Occasio: another hook changed what the tool was given, and the policy does not let that be done; "
    "a person can see it in the log, and take that hook out of the agent's settings]"
)
_GOES_ON = HookAnswer()
_LET_THROUGH = ("PASS", "TRANSFORM")


class Door:
    """One run's hooks.  `objection` says why edited settings must not come into force, and is empty if they may."""

    def __init__(self, gate: Gate, decided: Decided, objection: Callable[[HookEvent], str] = lambda event: "") -> None:
        self._gate = gate
        self._decided = decided
        self._objection = objection
        self._round = Round()
        self._said: dict[str, tuple[str, HookAnswer]] = {}  # by call: the digest that was answered, and the answer
        self._under_way: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._nameless: defaultdict[tuple[str, str], deque[CallId]] = defaultdict(deque)
        self._number = 0
        self.is_tainted = False  # the agent's history has something in it that the model must not get

    async def answer(self, event: HookEvent) -> HookAnswer:
        """Return what becomes of `event`; every row that it leads to is durable then.

        Raises `OccasioError` when something could not be recorded; then nothing may happen.
        """
        self._gate.check()
        event = self._named(event)
        match event.moment:
            case Moment.CALL:
                assert event.call is not None
                async with self._under_way[event.call.call]:  # two hooks may ask about one call at once
                    return await self._on_call(event, event.call)
            case Moment.RESULT:
                return await self._on_result(event, event.results[0])
            case Moment.SEEN:
                return await self._on_seen(event, event.results[0])
            case Moment.BATCH:
                self._round = Round()
                return await self._on_batch(event)
            case Moment.PROMPT:
                self._round = Round()
                return await self._on_prompt(event)
            case Moment.SETTINGS:
                return await self._on_settings(event)
            case Moment.FINDING:
                await self._gate.record(_row(event, "finding", event.finding))
                return _GOES_ON
            case Moment.END | Moment.OTHER:
                await self._note(event)
                return _GOES_ON
        assert_never(event.moment)

    def _named(self, event: HookEvent) -> HookEvent:
        """Return the event with ids for calls that the agent gives none: a result is that of the oldest equal call."""
        if event.call is not None and not event.call.call:
            self._number += 1
            call = replace(event.call, call=CallId(f"{event.session}-{self._number}"))
            self._nameless[call.tool, call.input_digest].append(call.call)
            return replace(event, call=call)
        if event.moment in (Moment.RESULT, Moment.SEEN) and not event.results[0].call:
            result = event.results[0]
            waiting = self._nameless[result.tool, input_digest(result.input)]
            name = waiting.popleft() if waiting else CallId(f"{event.session}-unasked")
            return replace(event, results=(replace(result, call=name),))
        return event

    async def _on_call(self, event: HookEvent, call: ToolCall) -> HookAnswer:
        known = self._decided.find(call.call)
        if call.protocol != HOOK:
            if known is not None and await self._confirms(known, call):
                return await self._carried_out(Again(call, known.is_approved), Round())
            return await self._carried_out(call, Round())
        said = self._said.get(call.call)
        if said is not None and said[0] == call.input_digest:
            return said[1]  # the same hook, installed twice
        if known is not None and await self._confirms(known, call):
            await self._note(event, call_id=call.call, tool_name=call.tool, input_digest=call.input_digest)
            answer = _GOES_ON
        else:
            answer = await self._carried_out(call)
        self._said[call.call] = (call.input_digest, answer)
        return answer

    async def _confirms(self, known: Known, call: ToolCall) -> bool:
        """Return whether the call may go on because another door let this through, and it has not ended yet."""
        if known.protocol == call.protocol or known.action not in _LET_THROUGH or known.has_result or call.problem:
            return False
        if known.input_digest in (call.input_digest, _digest_without_defaults(call.input)):
            return True
        return await self._gate.is_alike(call, known.tool, known.effects)

    async def _on_result(self, event: HookEvent, result: ToolResult) -> HookAnswer:
        is_of_another = self._is_of_another_door(result)
        if event.protocol != HOOK:
            return await self._carried_out(Relayed(result) if is_of_another else result, Round())
        if held := await self._held_as_another_call(event, result):
            return held
        if is_of_another:
            await self._note(event, call_id=result.call, tool_name=result.tool)
            return _GOES_ON
        return await self._carried_out(result)

    async def _held_as_another_call(self, event: HookEvent, result: ToolResult) -> HookAnswer | None:
        """Return why nothing of the result may go on, if what ran is not what was decided and would not have been let.

        Agents let any hook change the input of a call, and ask them all at once: what ran is told with the result.
        """
        known = self._decided.find(result.call)
        if known is None or not result.input or known.action not in _LET_THROUGH:
            return None
        given = dict(result.input)
        if known.input_digest in (input_digest(given), _digest_without_defaults(given)):
            return None
        ran = call_of(
            agent=event.agent, session=event.session, call=result.call, tool=result.tool, given=given, cwd=event.cwd
        )
        if await self._gate.is_alike(ran, known.tool, known.effects):
            return None
        commands = await self._gate.ask([ran], Round())  # its row says what ran
        if any(isinstance(command, Release) for command in commands):
            return None
        return HookAnswer(notice=_CHANGED)

    async def _on_seen(self, event: HookEvent, result: ToolResult) -> HookAnswer:
        if self._is_of_another_door(result):
            await self._note(event, call_id=result.call, tool_name=result.tool)
        else:
            await self._carried_out(Shown(result, is_new=True, can_be_held=False))
        return _GOES_ON

    async def _on_batch(self, event: HookEvent) -> HookAnswer:
        """Hold the whole batch back if one result is not for the model; say of each what the model is about to get."""
        held: list[str] = []
        for result in event.results:
            if self._is_of_another_door(result) or self._was_answered_here(result) or self._never_ran(result):
                continue
            known = self._decided.find(result.call)
            answer = await self._carried_out(Shown(result, is_new=known is None or not known.has_result))
            if answer.notice is not None:
                held.append(f"{result.tool}: {answer.notice}")
        outputs: list[Json] = [
            {"call_id": result.call, "digest": result.digest, "is_error": result.is_error} for result in event.results
        ]
        text = "; ".join(held)
        self.is_tainted = self.is_tainted or bool(held)
        await self._note(event, refuses=bool(held), outputs=outputs)
        return HookAnswer(refuses=bool(held), text=text) if held else _GOES_ON

    async def _on_prompt(self, event: HookEvent) -> HookAnswer:
        """With the next prompt the agent would send its whole history, what was held back included."""
        if not self.is_tainted:
            prompted = Prompted(
                session=event.session, agent=event.agent, protocol=HOOK, name=event.name, text=event.prompt
            )
            return await self._carried_out(prompted)
        await self._note(event, refuses=True)
        return HookAnswer(refuses=True, text=_TAINTED)

    async def _on_settings(self, event: HookEvent) -> HookAnswer:
        text = self._objection(event)
        await self._note(event, refuses=bool(text))
        return HookAnswer(refuses=bool(text), text=text)

    def _is_of_another_door(self, result: ToolResult) -> bool:
        known = self._decided.find(result.call)
        return known is not None and known.protocol != result.protocol

    def _was_answered_here(self, result: ToolResult) -> bool:
        """Return whether what the model gets is our own answer to the call: a refusal, or what a tool gave us."""
        said = self._said.get(result.call)
        return said is not None and said[1].refuses

    def _never_ran(self, result: ToolResult) -> bool:
        return result.is_error and self._decided.find(result.call) is None

    async def _note(self, event: HookEvent, *, refuses: bool = False, **members: Json) -> None:
        """Record that the hook was asked, where no other row says so."""
        optional = {"call_id": event.about, "file": event.file, "source": event.source, "subagent": event.subagent}
        said = {name: value for name, value in optional.items() if value}
        own = {**said, **members, "answer": "deny" if refuses else "none", "event": event.name}
        await self._gate.record(_row(event, "hook_event", own))

    async def _carried_out(self, event: Event, here: Round | None = None) -> HookAnswer:
        """Do what the session says of `event`, in order, and return what that comes to for the agent."""
        answer = _GOES_ON
        here = here or self._round
        for command in await self._gate.ask([event], here):
            match command:
                case Record():
                    await self._gate.record(command)
                case Release():
                    answer = _GOES_ON
                case Refuse(_, text) | RefuseRequest(text):
                    answer = HookAnswer(refuses=True, text=text)
                case Answer(_, text, is_error):
                    told = f"{_FAILED_HERE if is_error else _RAN_HERE}\n{text}"
                    answer = HookAnswer(refuses=True, text=told, given=text, failed=is_error)
                case Return(_, texts):
                    answer = HookAnswer(texts=tuple(texts))
                case Withhold(_, notice):
                    answer = HookAnswer(notice=notice)
                case Retell() | TakeOut():
                    raise AssertionError("no hook tells of a whole request")
                case Run():
                    answer = await self._carried_out(await self._gate.run(command), here)
                case Ask(question):
                    assert self._gate.desk is not None
                    answer = await self._carried_out(Asked(self._gate.desk.prepared(question)), here)
                case Await(waiting):
                    answer = await self._carried_out(Answered(waiting, await self._verdict(waiting)), here)
                case _:
                    assert_never(command)
        return answer

    async def _verdict(self, waiting: Waiting) -> Verdict:
        """Return what a person says; an agent that goes away gets no answer any more."""
        assert self._gate.desk is not None
        verdict = Verdict(answer=Ending.EXPIRED, method="withdrawn", message="nobody waits for it any more")
        try:
            async with aclosing(self._gate.desk.verdict(waiting)) as waits:
                async for said in waits:
                    verdict = said or verdict
        except asyncio.CancelledError:
            await self._gate.note(Answered(waiting, verdict), self._round)
            raise
        except OccasioError as error:  # nobody can be asked: that is a no
            return Verdict(answer=Ending.DENIED, method="unavailable", message=str(error))
        return verdict


def _row(event: HookEvent, kind: str, members: Mapping[str, Json]) -> Record:
    """Return a row that is about the event itself."""
    return Record(kind=kind, agent=event.agent, protocol=event.protocol, session=event.session, members=members)


def _digest_without_defaults(given: Mapping[str, Json]) -> str:
    """Return the digest of the input as the model may have written it: agents add what is false or null."""
    return input_digest({name: value for name, value in given.items() if value is not None and value is not False})
