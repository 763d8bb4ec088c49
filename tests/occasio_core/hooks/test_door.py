"""What a hook asks is recorded before it is answered, and a call that another door let through is not decided again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from occasio_core.approvals.desk import Desk
from occasio_core.approvals.question import Ending
from occasio_core.approvals.store import Box
from occasio_core.commands import Record
from occasio_core.driver import Gate
from occasio_core.errors import LedgerError, OccasioError
from occasio_core.hooks.decided import Decided
from occasio_core.hooks.door import Door
from occasio_core.hooks.event import HookAnswer, HookEvent, Moment
from occasio_core.hooks.reading import input_digest
from occasio_core.model import Action, Limits, Policy, ToolPolicy
from occasio_verify import Json
from tests.occasio_core.gates import POLICY, SECRET, Reads, Rows, RunsReads, session
from tests.occasio_core.hooks.hooked import SESSION, asks, event, got

GOES_ON = HookAnswer()


class Opened:
    """A door and what it wrote."""

    def __init__(
        self, policy: Policy = POLICY, handler: Reads | None = None, *, fails: str = "", desk: Desk | None = None
    ) -> None:
        self.rows, self.decided = Rows(fails), Decided()
        self.gate = Gate(session(policy, handler, can_ask=desk is not None), self._append, desk=desk)
        self.door = Door(self.gate, self.decided, lambda event: "no way" if event.file == "bad" else "")

    def _append(self, record: Record) -> None:
        self.rows.append(record)
        self.decided.note(record)

    def by_proxy(self, action: str, given: dict[str, str], *, ended: bool = False, approved: bool = False) -> None:
        members: dict[str, Json] = {"call_id": "c1", "action": action, "input_digest": input_digest(given)}
        members |= {"tool_name": "read_file", "effects": [f"read /w/{path}" for path in given.values()]}
        members |= {"approval_id": "a"} if approved else {}
        self.decided.note(Record(kind="tool_call", agent="a", protocol="anthropic-http", session="s", members=members))
        if ended:
            self.decided.note(
                Record(kind="tool_result", agent="a", protocol="anthropic-http", session="s", members={"call_id": "c1"})
            )


@pytest.fixture
def opened() -> Iterator[Opened]:
    one = Opened()
    yield one
    one.gate.close()


async def test_a_call_that_the_policy_lets_through_goes_on_and_has_its_row(opened: Opened) -> None:
    assert await opened.door.answer(asks()) == GOES_ON
    (row,) = opened.rows.records
    assert (row.kind, row.protocol, row.members["action"]) == ("tool_call", "hook", "PASS")


async def test_a_denied_call_is_refused_with_the_rule(opened: Opened) -> None:
    answer = await opened.door.answer(asks("denied.txt"))
    assert answer.refuses
    assert "deny_paths: denied" in answer.text
    assert opened.rows.of("tool_call")[0]["action"] == "BLOCK"


async def test_nothing_is_answered_that_could_not_be_recorded() -> None:
    opened = Opened(fails="tool_call")
    with pytest.raises(LedgerError):
        await opened.door.answer(asks())
    with pytest.raises(OccasioError):  # and the gate stays shut
        await opened.door.answer(event(Moment.OTHER))
    opened.gate.close()


async def test_a_hook_that_is_installed_twice_is_answered_twice_and_counted_once(opened: Opened) -> None:
    answers = await asyncio.gather(opened.door.answer(asks("denied.txt")), opened.door.answer(asks("denied.txt")))
    assert answers[0] == answers[1]
    assert opened.rows.kinds == ["tool_call"]


@pytest.mark.parametrize("action", ["PASS", "TRANSFORM"])
async def test_a_call_that_the_proxy_let_through_is_confirmed(opened: Opened, action: str) -> None:
    opened.by_proxy(action, {"file_path": "notes.txt"})
    assert await opened.door.answer(asks()) == GOES_ON
    (row,) = opened.rows.of("hook_event")
    assert (row["answer"], row["call_id"], row["tool_name"]) == ("none", "c1", "Read")
    assert opened.rows.of("tool_call") == []


async def test_what_the_agent_adds_to_an_input_by_default_does_not_change_the_call(opened: Opened) -> None:
    opened.by_proxy("PASS", {"file_path": "notes.txt"})
    await opened.door.answer(asks(replace_all=False, limit=None))
    assert opened.rows.kinds == ["hook_event"]


async def test_another_spelling_of_what_the_proxy_let_through_is_confirmed(opened: Opened) -> None:
    opened.by_proxy("PASS", {"path": "notes.txt"})
    await opened.door.answer(asks(offset=7))
    assert opened.rows.kinds == ["hook_event"]


async def test_a_call_of_which_no_effect_is_known_is_like_no_other(opened: Opened) -> None:
    opened.by_proxy("PASS", {})
    await opened.door.answer(asks())
    assert opened.rows.kinds == ["tool_call"]


async def test_another_input_than_the_proxy_let_through_is_decided_anew(opened: Opened) -> None:
    opened.by_proxy("PASS", {"file_path": "notes.txt"})
    assert (await opened.door.answer(asks("denied.txt"))).refuses
    assert opened.rows.of("tool_call")[0]["action"] == "BLOCK"


@pytest.mark.parametrize(("action", "ended"), [("BLOCK", False), ("LOCAL", True), ("PASS", True)])
async def test_a_call_that_the_agent_should_not_have_is_decided_anew(
    opened: Opened, action: str, *, ended: bool
) -> None:
    opened.by_proxy(action, {"file_path": "notes.txt"}, ended=ended)
    await opened.door.answer(asks())
    assert opened.rows.kinds == ["tool_call"]


async def test_a_result_with_a_secret_is_replaced_by_a_notice(opened: Opened) -> None:
    await opened.door.answer(asks())
    answer = await opened.door.answer(got(f"the word is {SECRET}"))
    assert answer.notice == "[withheld by Occasio: it holds secrets (word)]"
    assert opened.rows.of("tool_result")[0]["result_kind"] == "withheld"


async def test_what_another_hook_made_of_a_call_is_judged_by_what_ran(opened: Opened) -> None:
    await opened.door.answer(asks("notes"))
    held = await opened.door.answer(got("the plans", path="denied"))
    assert held.notice is not None
    assert "another hook changed" in held.notice
    said = [(row["action"], row["effects"]) for row in opened.rows.of("tool_call")]
    assert said == [("PASS", ["read /w/notes"]), ("BLOCK", ["read /w/denied"])]
    assert opened.rows.of("tool_result") == []


async def test_what_another_hook_made_of_a_call_and_may_be_done_has_its_row_and_goes_on(opened: Opened) -> None:
    await opened.door.answer(asks("notes"))
    assert await opened.door.answer(got("other", path="other")) == GOES_ON
    assert [row["effects"] for row in opened.rows.of("tool_call")] == [["read /w/notes"], ["read /w/other"]]
    assert len(opened.rows.of("tool_result")) == 1


async def test_what_another_hook_made_of_a_call_of_the_proxy_is_held_too(opened: Opened) -> None:
    opened.by_proxy("PASS", {"file_path": "notes"})
    assert (await opened.door.answer(got("the plans", path="denied"))).notice is not None


async def test_a_result_is_redacted_where_the_policy_says_so() -> None:
    opened = Opened(replace(POLICY, redact_secrets_in_tool_results=True))
    await opened.door.answer(asks())
    answer = await opened.door.answer(got(f"the word is {SECRET}"))
    assert answer.texts == ("the word is [REDACTED:word]",)
    opened.gate.close()


async def test_the_results_of_the_proxys_calls_are_left_to_the_proxy(opened: Opened) -> None:
    opened.by_proxy("PASS", {"file_path": "notes.txt"})
    for moment in (Moment.RESULT, Moment.SEEN, Moment.BATCH):
        assert await opened.door.answer(got(f"the word is {SECRET}", moment=moment)) == GOES_ON
    assert opened.rows.kinds == ["hook_event"] * 3


async def test_a_result_that_nobody_can_change_is_recorded_as_the_model_gets_it(opened: Opened) -> None:
    await opened.door.answer(asks())
    assert await opened.door.answer(got(f"the word is {SECRET}", moment=Moment.SEEN)) == GOES_ON
    (row,) = opened.rows.of("tool_result")
    assert (row["result_kind"], row["secret_labels"]) == ("pass", ["word"])
    assert "secrets_redacted" not in row


async def test_a_batch_with_a_secret_stops_and_so_does_every_later_prompt(opened: Opened) -> None:
    await opened.door.answer(asks())
    answer = await opened.door.answer(got(f"the word is {SECRET}", moment=Moment.BATCH))
    assert (answer.refuses, answer.text) == (True, "Read: [withheld by Occasio: it holds secrets (word)]")
    assert opened.rows.of("tool_result")[0]["result_kind"] == "withheld"
    assert opened.rows.of("hook_event")[0]["answer"] == "deny"
    again = await opened.door.answer(event(Moment.PROMPT, prompt="go on"))
    assert "begin a new session" in again.text


async def test_a_batch_says_of_each_call_what_the_model_is_about_to_get(opened: Opened) -> None:
    await opened.door.answer(asks())
    await opened.door.answer(got("tea"))
    assert await opened.door.answer(got("tea", moment=Moment.BATCH)) == GOES_ON
    (outcome,) = opened.rows.of("tool_result")  # recorded once
    (row,) = opened.rows.of("hook_event")
    assert row["outputs"] == [{"call_id": "c1", "digest": outcome["content_digest"], "is_error": False}]


async def test_our_own_refusal_and_the_agents_own_are_no_results_in_a_batch(opened: Opened) -> None:
    await opened.door.answer(asks("denied.txt"))
    await opened.door.answer(got("Refused by policy", moment=Moment.BATCH))
    await opened.door.answer(got("no such tool", call="c2", moment=Moment.BATCH, is_error=True))
    assert opened.rows.of("tool_result") == []


async def test_a_result_without_a_decision_in_a_batch_is_recorded_all_the_same(opened: Opened) -> None:
    await opened.door.answer(got("tea", call="c9", moment=Moment.BATCH))
    assert [row["call_id"] for row in opened.rows.of("tool_result")] == ["c9"]


async def test_a_prompt_is_scanned_and_never_written_down(opened: Opened) -> None:
    assert await opened.door.answer(event(Moment.PROMPT, prompt="make tea")) == GOES_ON
    answer = await opened.door.answer(event(Moment.PROMPT, prompt=f"log in with {SECRET}"))
    assert answer.refuses
    assert [row["answer"] for row in opened.rows.of("hook_event")] == ["none", "deny"]
    assert opened.rows.of("hook_event")[1]["secret_labels"] == ["word"]
    assert SECRET not in str(opened.rows.records)


async def test_a_prompt_with_a_secret_goes_on_where_results_may_have_secrets() -> None:
    opened = Opened(replace(POLICY, block_secrets_in_tool_results=False))
    assert await opened.door.answer(event(Moment.PROMPT, prompt=SECRET)) == GOES_ON
    assert opened.rows.of("hook_event")[0]["secret_labels"] == ["word"]
    opened.gate.close()


async def test_edited_settings_come_into_force_only_without_an_objection(opened: Opened) -> None:
    assert await opened.door.answer(event(Moment.SETTINGS, file="good", source="user_settings")) == GOES_ON
    assert await opened.door.answer(event(Moment.SETTINGS, file="bad")) == HookAnswer(refuses=True, text="no way")
    assert [(row["file"], row["answer"]) for row in opened.rows.of("hook_event")] == [("good", "none"), ("bad", "deny")]


async def test_a_tool_that_is_run_here_gives_its_result_with_the_refusal() -> None:
    policy = replace(POLICY, tools={"Read": ToolPolicy(action=Action.LOCAL)})
    opened = Opened(policy, RunsReads())
    answer = await opened.door.answer(asks())
    assert answer.refuses
    assert answer.text.endswith("Its result:\ncontents of notes.txt")
    failed = await opened.door.answer(asks("fails.txt", call="c2"))
    assert "it failed:\nthe tool failed with OSError" in failed.text
    assert opened.rows.kinds == ["tool_call", "tool_result"] * 2
    opened.gate.close()


async def test_equal_calls_without_ids_are_told_apart_and_get_their_results_in_order(opened: Opened) -> None:
    for _ in range(2):
        await opened.door.answer(asks(call=""))
    for text in ("first", "second", "third"):
        await opened.door.answer(got(text, call=""))
    names = [row["call_id"] for row in opened.rows.of("tool_call")]
    assert names == [f"{SESSION}-1", f"{SESSION}-2"]
    assert [row["call_id"] for row in opened.rows.of("tool_result")] == [*names, f"{SESSION}-unasked"]


def _asking(place: Path, answer: Ending | None) -> Desk:
    """Return a desk at which the question is answered as soon as it is seen; None: nobody ever does."""
    box = Box(place)

    def tell(waiting: object) -> None:
        if answer is not None:
            (question,) = box.questions()
            box.answer(str(question["approval_id"]), str(question["digest"]), answer, "ada", "terminal", "")

    return Desk(box, "run", tell=tell)


@pytest.mark.parametrize(("said", "refuses"), [(Ending.GRANTED, False), (Ending.DENIED, True)])
async def test_a_call_is_held_until_a_person_has_answered(tmp_path: Path, said: Ending, *, refuses: bool) -> None:
    policy = replace(POLICY, tools={"Read": ToolPolicy(action=Action.ASK)})
    opened = Opened(policy, desk=_asking(tmp_path, said))
    assert (await opened.door.answer(asks())).refuses is refuses
    assert opened.rows.kinds == ["approval_requested", f"approval_{said}", "tool_call"]
    opened.gate.close()


async def test_an_agent_that_goes_away_gets_no_answer_and_the_question_is_withdrawn(tmp_path: Path) -> None:
    policy = replace(POLICY, tools={"Read": ToolPolicy(action=Action.ASK)})
    seen = asyncio.Event()
    loop = asyncio.get_running_loop()
    desk = Desk(Box(tmp_path), "run", tell=lambda waiting: loop.call_soon(seen.set))
    opened = Opened(policy, desk=desk)
    waiting = asyncio.ensure_future(opened.door.answer(asks()))
    await seen.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert opened.rows.kinds[:2] == ["approval_requested", "approval_expired"]
    assert opened.rows.of("tool_call")[0]["action"] == "BLOCK"
    assert list(Box(tmp_path).questions()) == []
    opened.gate.close()


def by_mcp(path: str = "notes.txt", call: str = "c1", **more: object) -> HookEvent:
    """A call that comes by another door, between agent and tool."""
    asked = asks(path, call=call)
    assert asked.call is not None
    changed = replace(asked.call, protocol="mcp", **more)  # type: ignore[arg-type]
    return replace(asked, protocol="mcp", call=changed)


def back_by_mcp(text: str, call: str = "c1") -> HookEvent:
    event = got(text, call=call)
    return replace(event, protocol="mcp", results=(replace(event.results[0], protocol="mcp"),))


async def test_a_door_behind_the_proxy_decides_no_call_anew_and_records_what_comes_back(opened: Opened) -> None:
    opened.by_proxy("PASS", {"file_path": "notes.txt"})
    assert await opened.door.answer(by_mcp()) == GOES_ON
    assert (await opened.door.answer(back_by_mcp(f"it is {SECRET}"))).notice is not None
    assert opened.rows.kinds == ["tool_result"]


async def test_a_door_that_knows_more_refuses_what_another_let_through(opened: Opened) -> None:
    opened.by_proxy("PASS", {"file_path": "notes.txt"})
    answer = await opened.door.answer(by_mcp(objection="it has changed"))
    assert answer.refuses
    assert "tool-changed" in answer.text
    assert [row["reason"] for row in opened.rows.of("tool_call")] == ["tool-changed"]


async def test_a_call_of_another_input_is_decided_by_the_door_that_it_comes_by(opened: Opened) -> None:
    opened.by_proxy("PASS", {"file_path": "notes.txt"})
    assert (await opened.door.answer(by_mcp("denied.txt"))).refuses


async def test_the_same_call_twice_at_such_a_door_has_two_rows(opened: Opened) -> None:
    for _ in range(2):
        assert await opened.door.answer(by_mcp()) == GOES_ON
    assert len(opened.rows.of("tool_call")) == 2


async def test_what_only_occasio_can_carry_out_is_carried_out_though_the_proxy_let_it_go() -> None:
    opened = Opened(handler=RunsReads())
    opened.by_proxy("PASS", {"file_path": "notes.txt"})
    answer = await opened.door.answer(by_mcp(only_here=True))
    assert (answer.given, answer.failed) == ("contents of notes.txt", False)
    assert opened.rows.kinds == ["tool_result"]
    opened.gate.close()


async def test_bytes_that_another_door_counts_are_not_counted_twice() -> None:
    opened = Opened(replace(POLICY, limits=Limits(max_bytes_to_model_per_run=10)))
    opened.by_proxy("PASS", {"file_path": "notes.txt"})
    assert await opened.door.answer(back_by_mcp("more than ten bytes")) == GOES_ON
    opened.gate.close()


async def test_what_a_person_has_let_through_is_not_asked_again_and_all_else_is(tmp_path: Path) -> None:
    policy = replace(POLICY, tools={"Read": ToolPolicy(action=Action.ASK)})
    opened = Opened(policy, desk=Desk(Box(tmp_path), "r", life=0))
    opened.by_proxy("PASS", {"file_path": "notes.txt"}, approved=True)
    assert await opened.door.answer(by_mcp()) == GOES_ON
    opened.by_proxy("PASS", {"file_path": "notes.txt"})
    assert "approval-expired" in (await opened.door.answer(by_mcp())).text
    opened.gate.close()


async def test_a_finding_is_a_row(opened: Opened) -> None:
    finding: dict[str, Json] = {"detector": "d", "severity": "low", "message": "m", "rows": [], "tags": []}
    told = replace(event(Moment.FINDING, finding=finding), protocol="mcp")
    assert await opened.door.answer(told) == GOES_ON
    assert [(row.kind, row.protocol, row.members) for row in opened.rows.records] == [("finding", "mcp", finding)]
