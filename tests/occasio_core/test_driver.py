"""The driver carries commands out in order, and lets nothing through once anything has failed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import pytest

from occasio_core.approvals.desk import Desk
from occasio_core.approvals.question import Ending, Waiting
from occasio_core.approvals.store import Box
from occasio_core.driver import Driver, Gate
from occasio_core.errors import LedgerError, OccasioError, RequestRefusedError
from occasio_core.interfaces import FromUpstream, Permit
from occasio_core.model import (
    Action,
    CallId,
    Effect,
    EffectKind,
    RequestDone,
    SessionId,
    ToolCall,
    ToolPolicy,
    ToolResult,
)
from occasio_core.wires.offers import Offer, Offered, offered
from occasio_verify import canonical
from tests.occasio_core.gates import POLICY, SECRET, Rows, RunsReads, gate, session
from tests.occasio_core.wires.toy import ORIGIN


def call(path: str, number: int = 1) -> ToolCall:
    return ToolCall(
        session=SessionId("s"),
        call=CallId(f"toolu_{number}"),
        agent="a",
        protocol="p",
        tool="Read",
        input=MappingProxyType({"file_path": path}),
        input_digest="1" * 64,
        cwd="/work",
    )


def result(text: str, number: int = 1) -> ToolResult:
    form = canonical(text)
    return ToolResult(
        session=SessionId("s"),
        call=CallId(f"toolu_{number}"),
        agent="a",
        protocol="p",
        tool="Read",
        texts=(text,),
        digest=hashlib.sha256(form).hexdigest(),
        size=len(form),
    )


DONE = RequestDone(session=SessionId("s"), agent="a", protocol="p", model="m", status=200)


@dataclass
class Scripted:
    """An exchange that hands out what the test gives it, and notes what is done with it."""

    history: Sequence[ToolResult] = ()
    items: Sequence[FromUpstream] = ()
    session: SessionId = DONE.session
    agent: str = "a"
    model: str | None = "m"
    output_limit: int | None = 100
    patient: bytes = b""
    groups: Sequence[tuple[str, ...]] = ()
    offers: Sequence[Offered] = ()
    requests: Sequence[Scripted] = ()
    is_whole: bool = False
    problem: str = ""
    done: list[str] = field(default_factory=list)

    def parts(self) -> Sequence[Scripted]:
        return self.requests

    def results(self) -> Sequence[ToolResult]:
        return self.history

    def return_texts(self, call: CallId, texts: Sequence[str], /) -> None:
        self.done.append(f"return {call} {' '.join(texts)}")

    def withhold(self, call: CallId, notice: str, /) -> None:
        self.done.append(f"withhold {call}")

    def told(self) -> Sequence[tuple[str, ...]]:
        return self.groups

    def retell(self, number: int, texts: Sequence[str], /) -> None:
        self.done.append(f"retell {number} {' '.join(texts)}")

    def offered(self) -> Sequence[Offered]:
        return self.offers

    def take_out(self, call: CallId, /) -> None:
        self.done.append(f"take out {call}")

    def outgoing(self) -> bytes:
        return b"body"

    def begin(self, status: int, content_type: str, /) -> None:
        self.done.append(f"begin {status} {content_type}")

    def receive(self, data: bytes, /) -> Sequence[FromUpstream]:
        return self.items

    def finish(self) -> Sequence[FromUpstream]:
        return [b"end", DONE]

    def patience(self) -> bytes:
        return self.patient

    def release(self, call: CallId, /) -> bytes:
        return f"<{call} released>".encode()

    def refuse(self, call: CallId, text: str, /) -> bytes:
        return f"<{call} refused>".encode()

    def answer(self, call: CallId, text: str, is_error: bool, /) -> bytes:
        return f"<{call} answered {text} {is_error}>".encode()


async def all_of(pieces: AsyncIterator[bytes]) -> list[bytes]:
    return [piece async for piece in pieces]


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def shared(rows: Rows) -> Iterator[Gate]:
    opened = gate(rows)
    yield opened
    opened.close()


@pytest.fixture
def local(rows: Rows) -> Iterator[Gate]:
    opened = gate(rows, replace(POLICY, tools={"read_file": ToolPolicy(action=Action.LOCAL)}), RunsReads())
    yield opened
    opened.close()


async def test_bytes_and_decided_calls_come_in_the_order_in_which_they_were_said(shared: Gate) -> None:
    exchange = Scripted(items=[b"one", call("a"), b"two", call("denied", 2), b"three"])
    pieces = await all_of(Driver(shared, exchange, "p").receive(b""))
    assert pieces == [b"one", b"<toolu_1 released>", b"two", b"<toolu_2 refused>", b"three"]


async def test_each_call_has_its_row_before_it_is_let_go(rows: Rows, shared: Gate) -> None:
    released = Driver(shared, Scripted(items=[call("a")]), "p").receive(b"")
    await anext(released)
    assert rows.kinds == ["tool_call"]


async def test_a_local_call_is_run_recorded_and_answered(rows: Rows, local: Gate) -> None:
    pieces = await all_of(Driver(local, Scripted(items=[call("a")]), "p").receive(b""))
    assert (rows.kinds, pieces) == (["tool_call", "tool_result"], [b"<toolu_1 answered contents of a False>"])


async def test_what_a_tool_that_runs_here_was_not_let_open_is_counted_in_its_row(rows: Rows) -> None:
    class Looks(RunsReads):
        def run(self, call: ToolCall, permit: Permit, /) -> tuple[str, bool]:
            return str([permit(Effect(EffectKind.READ, path)) for path in ("a", "denied/b", "denied/c")]), False

    looking = gate(rows, replace(POLICY, tools={"read_file": ToolPolicy(action=Action.LOCAL)}), Looks())
    pieces = await all_of(Driver(looking, Scripted(items=[call("a")]), "p").receive(b""))
    looking.close()
    assert pieces == [b"<toolu_1 answered [True, False, False] False>"]
    assert rows.of("tool_result")[0]["left_out"] == 2


async def test_a_tool_that_fails_here_is_an_error_result_without_its_message(local: Gate) -> None:
    pieces = await all_of(Driver(local, Scripted(items=[call("fails")]), "p").receive(b""))
    assert pieces == [b"<toolu_1 answered the tool failed with OSError True>"]


async def test_the_end_of_an_answer_is_recorded(rows: Rows, shared: Gate) -> None:
    driver = Driver(shared, Scripted(), "p")
    await driver.outgoing()
    assert await all_of(driver.finish()) == [b"end"]
    assert rows.kinds == []
    await driver.close()
    assert rows.of("request")[0]["status"] == 200


async def test_a_decision_is_in_the_log_before_anything_is_done_about_it(rows: Rows, shared: Gate) -> None:
    seen: list[list[str]] = []

    class Watched(Scripted):
        def release(self, call: CallId, /) -> bytes:
            seen.append(rows.kinds)
            return super().release(call)

    await all_of(Driver(shared, Watched(items=[call("a"), call("a")]), "p").receive(b""))
    assert seen == [["tool_call"], ["tool_call", "tool_call"]]


async def test_results_are_recorded_and_shaped_before_the_request_goes_out(rows: Rows, shared: Gate) -> None:
    exchange = Scripted(history=[result("clean"), result(SECRET, 2)])
    assert await Driver(shared, exchange, "p").outgoing() == b"body"
    assert (rows.kinds, exchange.done) == (["tool_result", "tool_result"], ["withhold toolu_2"])


async def test_each_part_of_a_batch_is_judged_as_if_it_were_sent_alone_and_has_a_row(rows: Rows, shared: Gate) -> None:
    parts = [Scripted(history=[result(SECRET)]), Scripted(groups=[(f"the word is {SECRET}",)]), Scripted()]
    driver = Driver(shared, Scripted(requests=parts, output_limit=None), "p")
    assert await driver.outgoing() == b"body"
    assert [part.done[0].partition(" ")[0] for part in parts if part.done] == ["withhold", "retell"]
    driver.begin(200, "application/json")
    assert [piece async for piece in driver.finish()] == [b"end"]
    await driver.close()
    assert rows.kinds == ["tool_result", "request", "request", "request"]
    rest = [(row["status"], row["complete"], row.get("secret_labels")) for row in rows.of("request")]
    assert rest == [(200, False, None), (200, False, ["word"]), (200, False, None)]


async def test_every_part_has_its_row_whenever_the_agent_goes_away(rows: Rows, shared: Gate) -> None:
    driver = Driver(shared, Scripted(requests=[Scripted(), Scripted(), Scripted()], output_limit=None), "p")
    await driver.outgoing()
    closing = asyncio.ensure_future(driver.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert rows.kinds == ["request"] * 3


async def test_one_part_over_the_budget_keeps_the_whole_batch_back_and_takes_nothing_from_the_rest(rows: Rows) -> None:
    shared = gate(rows, budget=500)
    parts = [Scripted(output_limit=100), Scripted(output_limit=100), Scripted(output_limit=100)]
    driver = Driver(shared, Scripted(requests=parts, output_limit=None), "p")
    with pytest.raises(RequestRefusedError, match="budget"):
        await driver.outgoing()
    await driver.close()
    again = Driver(shared, Scripted(requests=parts[:2], output_limit=None), "p")
    assert await again.outgoing() == b"body"


async def test_what_is_sent_as_a_whole_is_not_sent_with_a_secret_in_it(rows: Rows, shared: Gate) -> None:
    driver = Driver(shared, Scripted(groups=[(SECRET,)], is_whole=True, output_limit=None), "p")
    with pytest.raises(RequestRefusedError, match="holds secrets"):
        await driver.outgoing()
    await driver.close()
    assert rows.kinds == ["finding"]


async def test_what_cannot_be_read_is_not_sent(rows: Rows, shared: Gate) -> None:
    with pytest.raises(RequestRefusedError, match="it is no text"):
        await Driver(shared, Scripted(problem="it is no text"), "p").outgoing()
    assert rows.kinds == ["finding"]


async def test_a_refused_offer_is_recorded_and_then_taken_out(rows: Rows) -> None:
    policy = replace(POLICY, tools={"web_search": ToolPolicy(action=Action.BLOCK)})
    search, other = (offered(Offer(tool=name, places=()), ORIGIN) for name in ("web_search", "other"))
    exchange = Scripted(offers=[other, search])
    assert await Driver(gate(rows, policy), exchange, "p").outgoing() == b"body"
    assert (rows.kinds, exchange.done) == (["tool_call"], ["take out offered:web_search"])


async def test_nothing_goes_out_that_insists_on_a_refused_offer(rows: Rows) -> None:
    policy = replace(POLICY, tools={"web_search": ToolPolicy(action=Action.BLOCK)})
    exchange = Scripted(offers=[offered(Offer(tool="web_search", places=(), is_chosen=True), ORIGIN)])
    with pytest.raises(RequestRefusedError, match="tool-denied"):
        await Driver(gate(rows, policy), exchange, "p").outgoing()
    assert rows.kinds == ["tool_call"]


async def test_secrets_are_taken_out_of_what_a_request_tells_before_it_goes_out_and_its_row_says_so(
    rows: Rows, shared: Gate
) -> None:
    exchange = Scripted(groups=[("clean",), ("hello", f"the word is {SECRET}")])
    driver = Driver(shared, exchange, "p")
    assert await driver.outgoing() == b"body"
    assert exchange.done == ["retell 1 hello the word is [REDACTED:word]"]
    await driver.close()
    (row,) = rows.of("request")
    assert (row["secret_labels"], row["secrets_redacted"]) == (["word"], 1)


@pytest.mark.parametrize("kind", ["tool_call", "tool_result"])
async def test_a_log_that_cannot_be_written_lets_no_call_go(rows: Rows, local: Gate, kind: str) -> None:
    rows.fails = kind
    pieces: list[bytes] = []
    with pytest.raises(LedgerError):
        async for piece in Driver(local, Scripted(items=[call("a"), b"behind"]), "p").receive(b""):
            pieces.append(piece)
    assert pieces == []


async def test_a_log_that_cannot_be_written_lets_no_request_out(rows: Rows, shared: Gate) -> None:
    rows.fails = "tool_result"
    with pytest.raises(LedgerError):
        await Driver(shared, Scripted(history=[result("clean")]), "p").outgoing()


async def test_once_the_log_has_failed_nothing_goes_through_even_if_the_log_recovers(rows: Rows, shared: Gate) -> None:
    rows.fails = "tool_call"
    with pytest.raises(LedgerError):
        await all_of(Driver(shared, Scripted(items=[call("a")]), "p").receive(b""))
    rows.fails = ""
    with pytest.raises(LedgerError):
        await Driver(shared, Scripted(), "p").outgoing()


async def test_an_unforeseen_failure_closes_the_gate_without_saying_what_it_was_about() -> None:
    def broken(_: object) -> None:
        raise RuntimeError(SECRET)

    failing = Gate(session(), broken)
    with pytest.raises(OccasioError, match=r"^the gate failed with RuntimeError$"):
        await all_of(Driver(failing, Scripted(items=[call("a")]), "p").receive(b""))
    failing.close()


async def test_a_request_that_broke_off_is_recorded_once(rows: Rows, shared: Gate) -> None:
    driver = Driver(shared, Scripted(), "p")
    await driver.outgoing()
    driver.begin(200, "text/event-stream")
    await driver.close()
    await driver.close()
    assert [(row["status"], row["complete"]) for row in rows.of("request")] == [(200, False)]


async def test_a_request_that_ended_is_not_recorded_again(rows: Rows, shared: Gate) -> None:
    driver = Driver(shared, Scripted(), "p")
    await driver.outgoing()
    await all_of(driver.finish())
    await driver.close()
    assert rows.kinds == ["request"]


@pytest.mark.parametrize("steps", range(12))
async def test_the_end_of_a_request_is_recorded_whenever_its_agent_goes_away(
    rows: Rows, shared: Gate, steps: int
) -> None:
    driver = Driver(shared, Scripted(), "p")
    await driver.outgoing()
    ending = asyncio.ensure_future(all_of(driver.finish()))
    for _ in range(steps):
        await asyncio.sleep(0)
    ending.cancel()
    await asyncio.wait([ending])
    await driver.close()
    assert rows.kinds == ["request"]


async def test_a_request_that_never_went_out_is_not_recorded(rows: Rows, shared: Gate) -> None:
    await Driver(shared, Scripted(), "p").close()
    assert rows.kinds == []


async def test_a_request_over_the_budget_is_refused_and_has_no_row_of_its_own(rows: Rows) -> None:
    opened = gate(rows, budget=1)
    driver = Driver(opened, Scripted(), "p")
    with pytest.raises(RequestRefusedError, match=r"is left of the budget of"):
        await driver.outgoing()
    await driver.close()
    assert rows.kinds == ["limit_exceeded"]
    assert opened.failure is None
    opened.close()


async def test_a_request_that_only_counts_is_not_limited(rows: Rows) -> None:
    opened = gate(rows, budget=1)
    assert await Driver(opened, Scripted(output_limit=None), "p").outgoing() == b"body"
    opened.close()


async def test_a_request_that_is_cancelled_while_it_is_asked_for_gives_its_share_back(rows: Rows) -> None:
    opened = gate(rows, budget=300)
    driver = Driver(opened, Scripted(), "p")
    asking = asyncio.create_task(driver.outgoing())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await driver.close()
    assert await Driver(opened, Scripted(), "p").outgoing() == b"body"
    opened.close()


async def test_the_policy_is_looked_after_before_each_event(rows: Rows) -> None:
    looks: list[int] = []
    opened = Gate(session(), rows.append, lambda: looks.append(len(rows.records)))
    await all_of(Driver(opened, Scripted(items=[call("a"), call("b", 2)]), "p").receive(b""))
    assert looks == [0, 1]
    opened.close()


async def test_a_policy_that_cannot_be_looked_after_closes_the_gate(rows: Rows) -> None:
    def broken() -> None:
        raise LedgerError("no space left on device")

    opened = Gate(session(), rows.append, broken)
    with pytest.raises(LedgerError):
        await all_of(Driver(opened, Scripted(items=[call("a")]), "p").receive(b""))
    assert opened.failure is not None
    opened.close()


ASKS = replace(POLICY, tools={"read_file": ToolPolicy(action=Action.ASK)})


class Desked:
    """A gate whose desk answers as the test says; each call is asked about by its path."""

    def __init__(self, rows: Rows, place: Path, says: Callable[[Waiting, Box], object], life: float = 300.0) -> None:
        self.box = Box(place)
        self.desk = Desk(self.box, "run-1", tell=lambda waiting: says(waiting, self.box), life=life)
        self.gate = Gate(session(ASKS, can_ask=True), rows.append, desk=self.desk)


def says(ending: Ending) -> Callable[[Waiting, Box], object]:
    def answer(waiting: Waiting, box: Box) -> None:
        question = box.question(waiting.approval_id)
        assert question is not None
        box.answer(waiting.approval_id, str(question["digest"]), ending, "ada", "cli", "")

    return answer


def nothing(waiting: Waiting, box: Box) -> None:
    """Let it wait."""


@pytest.mark.parametrize(
    ("ending", "piece"), [(Ending.GRANTED, b"<toolu_1 released>"), (Ending.DENIED, b"<toolu_1 refused>")]
)
async def test_a_held_call_goes_as_the_person_says_and_what_is_behind_it_follows(
    rows: Rows, tmp_path: Path, ending: Ending, piece: bytes
) -> None:
    at = Desked(rows, tmp_path, says(ending))
    exchange = Scripted(items=[b"before", call("a"), b"between", call("denied", 2), b"behind"])
    pieces = await all_of(Driver(at.gate, exchange, "p").receive(b""))
    assert pieces == [b"before", piece, b"between", b"<toolu_2 refused>", b"behind"]
    assert rows.kinds == ["approval_requested", f"approval_{ending}", "tool_call", "tool_call"]
    at.gate.close()


async def test_an_agent_is_kept_patient_while_a_call_is_held(
    rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("occasio_core.approvals.desk.KEEP_ALIVE_SECONDS", 0.0)
    monkeypatch.setattr("occasio_core.approvals.desk._LOOK_SECONDS", 0.0)
    at = Desked(rows, tmp_path, nothing, life=0.05)
    pieces = await all_of(Driver(at.gate, Scripted(items=[call("a")], patient=b"ping"), "p").receive(b""))
    assert pieces[0] == b"ping"
    assert pieces[-1] == b"<toolu_1 refused>"
    assert rows.kinds == ["approval_requested", "approval_expired", "tool_call"]
    at.gate.close()


async def test_an_agent_that_goes_away_while_a_call_is_held_leaves_its_rows_and_no_question(
    rows: Rows, tmp_path: Path
) -> None:
    seen = asyncio.Event()
    at = Desked(rows, tmp_path, lambda waiting, box: seen.set())
    driving = asyncio.create_task(all_of(Driver(at.gate, Scripted(items=[call("a")]), "p").receive(b"")))
    await seen.wait()
    driving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await driving
    assert rows.kinds == ["approval_requested", "approval_expired", "tool_call"]
    assert rows.of("approval_expired")[0]["method"] == "withdrawn"
    assert rows.of("tool_call")[0]["action"] == "BLOCK"
    assert list(at.box.questions()) == []
    at.gate.close()


async def test_two_calls_are_held_at_once_and_each_has_its_own_answer(rows: Rows, tmp_path: Path) -> None:
    waiting: list[Waiting] = []
    both = asyncio.Event()

    def noted(one: Waiting, box: Box) -> None:
        waiting.append(one)
        if len(waiting) == 2:
            both.set()

    at = Desked(rows, tmp_path, noted)
    tasks = [
        asyncio.create_task(all_of(Driver(at.gate, Scripted(items=[call("a", number)]), "p").receive(b"")))
        for number in (1, 2)
    ]
    await both.wait()
    by_call = {one.question.call.call: one for one in waiting}
    says(Ending.DENIED)(by_call[CallId("toolu_1")], at.box)
    says(Ending.GRANTED)(by_call[CallId("toolu_2")], at.box)
    assert [await task for task in tasks] == [[b"<toolu_1 refused>"], [b"<toolu_2 released>"]]
    at.gate.close()


async def test_a_question_that_cannot_be_asked_is_a_refusal_and_the_run_goes_on(rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "approvals").write_bytes(b"in the way")
    at = Desked(rows, tmp_path, nothing)
    assert await all_of(Driver(at.gate, Scripted(items=[call("a")]), "p").receive(b"")) == [b"<toolu_1 refused>"]
    assert rows.of("approval_denied")[0]["method"] == "unavailable"
    assert at.gate.failure is None
    at.gate.close()


async def test_a_question_whose_row_cannot_be_written_is_shown_to_nobody(rows: Rows, tmp_path: Path) -> None:
    rows.fails = "approval_requested"
    at = Desked(rows, tmp_path, nothing)
    with pytest.raises(LedgerError):
        await all_of(Driver(at.gate, Scripted(items=[call("a")]), "p").receive(b""))
    assert not at.box.directory.exists()
    at.gate.close()
