"""A session is a run: opened by its first event, closed by its last, or when its agent is gone."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core import run_rows
from occasio_core.detection import lookout
from occasio_core.engine import engine
from occasio_core.errors import OccasioError
from occasio_core.git_state import git_state
from occasio_core.hooks import runs
from occasio_core.hooks.event import Moment
from occasio_core.hooks.runs import HookRuns
from occasio_core.ledger import Ledger
from occasio_core.model import SessionId
from occasio_core.policy import load_policy
from occasio_core.run_state import is_alive
from occasio_verify import Json, Row, parse_json, parse_row
from tests.occasio_core.hooks.hooked import asks, event


class Home:
    """A home with a log, and the runs in it."""

    def __init__(self, root: Path) -> None:
        self.place = places.prepared(root / "occasio")
        self.work = root
        self.now = 0.0
        self.ledger = Ledger(places.log_path(self.place))
        self.runs = self.again()

    def again(self) -> HookRuns:
        """Return runs that know of nothing, as a daemon that has just begun."""
        ruled = engine(load_policy(None, self.place, self.work), self.place)
        return HookRuns(self.place, self.ledger, ruled, idle=100, clock=lambda: self.now)

    @property
    def rows(self) -> list[Row]:
        data = places.log_path(self.place).read_bytes()
        return [parse_row(line) for line in data.split(b"\n")[:-1]]

    def ends(self) -> list[object]:
        return [row.fields["reason"] for row in self.rows if row.kind == "run_ended"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    one = Home(tmp_path)
    yield one
    one.ledger.close()


async def ask(home: Home, session: str = "s-1", process: int | None = None) -> None:
    said = replace(event(Moment.OTHER), session=SessionId(session), cwd=str(home.work))
    await (await home.runs.door(said, process)).answer(said)


async def test_a_session_is_a_run_from_its_first_event_to_its_last(home: Home) -> None:
    await ask(home)
    await ask(home)
    await home.runs.ended(event(Moment.OTHER))
    assert (len(home.runs), home.ends()) == (1, [])
    await home.runs.ended(event(Moment.END))
    assert (len(home.runs), home.ends()) == (0, ["exit"])
    assert [row.kind for row in home.rows].count("run_started") == 1
    assert (home.rows[0].fields["enforcement_points"], home.rows[0].fields["command"]) == (["hook"], "tester")


async def test_a_session_that_goes_on_after_its_end_is_another_run(home: Home) -> None:
    await ask(home)
    await home.runs.ended(event(Moment.END))
    await ask(home)
    assert len({row.run_id for row in home.rows if row.kind != "checkpoint"}) == 2
    await home.runs.close()


async def test_a_session_whose_first_events_come_at_once_is_one_run(home: Home) -> None:
    await asyncio.gather(*(ask(home) for _ in range(5)))
    assert [row.kind for row in home.rows].count("run_started") == 1
    await home.runs.close()


async def test_a_session_that_opens_keeps_no_other_waiting(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    await ask(home, "s-1")
    opens, go_on = threading.Event(), threading.Event()

    def slow(cwd: object, phase: str) -> dict[str, Json]:
        opens.set()
        assert go_on.wait(60)
        return git_state(home.work, phase)

    monkeypatch.setattr(run_rows, "git_state", slow)
    opening = asyncio.ensure_future(ask(home, "s-2"))
    await asyncio.to_thread(opens.wait, 60)
    await ask(home, "s-1")  # would never come back
    assert not opening.done()
    go_on.set()
    await opening
    await home.runs.close()


async def test_sessions_at_once_are_runs_of_their_own(home: Home) -> None:
    await ask(home, "s-1")
    await ask(home, "s-2")
    assert len(home.runs) == 2
    await home.runs.close()
    assert home.ends() == ["abandoned", "abandoned"]


async def test_a_session_that_is_silent_for_long_has_ended(home: Home) -> None:
    await ask(home)
    home.now = 100
    await home.runs.sweep()
    assert home.ends() == []
    home.now = 101
    await home.runs.sweep()
    assert home.ends() == ["abandoned"]


async def test_a_session_whose_agent_is_gone_has_ended(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "agent_process", lambda process: process)
    monkeypatch.setattr(runs, "is_running", lambda process: process == 7)
    await ask(home, "s-1", 7)
    await ask(home, "s-2", 8)
    await home.runs.sweep()
    assert (len(home.runs), home.ends()) == (1, ["abandoned"])
    await home.runs.close()


async def test_while_it_goes_on_the_agents_own_processes_are_known_as_such(home: Home) -> None:
    await ask(home, process=os.getpid())
    (state,) = [parse_json(path.read_bytes()) for path in (home.place / "runs").glob("*.json")]
    assert isinstance(state, dict)
    assert (state["by"], isinstance(state["pid"], int)) == ("daemon", True)
    assert is_alive(home.place, str(state["run_id"]))
    await home.runs.close()


async def test_a_policy_that_asks_is_a_refusal_for_the_agent_could_answer_itself(home: Home) -> None:
    places.policy_path(home.place).write_text("version: 1\ntools:\n  Read: {action: ASK}\n", encoding="utf-8")
    said = replace(asks(str(home.work / "notes.txt")), cwd=str(home.work))
    answer = await (await home.runs.door(said, os.getpid())).answer(said)
    assert answer.refuses
    assert "approval-unavailable" in answer.text
    await home.runs.close()


async def test_a_policy_that_cannot_be_used_opens_no_run(home: Home) -> None:
    places.policy_path(home.place).write_text("version: 9\n", encoding="utf-8")
    with pytest.raises(OccasioError):
        await ask(home)
    assert len(home.runs) == 0


async def test_what_was_held_back_holds_when_the_session_goes_on(home: Home) -> None:
    await ask(home)
    (await home.runs.door(event(Moment.OTHER), None)).is_tainted = True
    await home.runs.ended(event(Moment.END))
    said = replace(event(Moment.PROMPT, prompt="go on"), cwd=str(home.work))
    assert (await (await home.runs.door(said, None)).answer(said)).refuses
    await home.runs.close()


async def test_what_a_killed_daemon_left_open_is_sealed(home: Home) -> None:
    await ask(home)
    (path,) = (home.place / "runs").glob("*.json")
    state = path.read_bytes()
    assert home.again().recover() == 0  # it is alive
    left = home.place / "runs" / "00000000-0000-4000-8000-00000000000a.json"
    left.write_bytes(state)  # of a run that had not begun
    assert home.again().recover() == 1
    assert not left.exists()
    assert home.ends() == []
    await home.runs.close()


async def test_what_detectors_find_in_a_session_is_a_row_of_its_run(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "PATIENCE_SECONDS", 60.0)
    said = "detectors: {options: {detectors.deny-rate: {at_least_cold: 2}}}\n"
    places.policy_path(home.place).write_text(said, encoding="utf-8")
    home.runs = home.again()
    for number in range(2):
        asked = replace(asks(str(home.work / ".env"), call=f"c{number}"), cwd=str(home.work))
        await (await home.runs.door(asked, None)).answer(asked)
    await home.runs.close()
    assert [row.kind for row in home.rows if row.kind in {"tool_call", "finding", "run_ended"}] == [
        "tool_call",
        "tool_call",
        "finding",
        "run_ended",
    ]
