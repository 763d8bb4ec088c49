"""The table of cases through the door of hooks, told as Claude Code tells it: the same decisions as everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest

from occasio_core.budget import Budget
from occasio_core.commands import Record
from occasio_core.driver import Gate
from occasio_core.engine import Engine, engine
from occasio_core.hooks.decided import Decided
from occasio_core.hooks.door import Door
from occasio_core.interfaces import HookDialect
from occasio_core.links import all_named
from occasio_core.model import Action, Policy
from occasio_core.policy import load_policy
from occasio_core.policy.cases import Cases, cases
from occasio_core.prices import Prices
from occasio_core.session import Session
from occasio_core.shape import Shaper
from occasio_core.trials import Tried, tried
from occasio_verify import Json
from tests.occasio_core.case_world import world

# Why a door refuses before, or behind, what the engine says: what no row can hold, and what is no call.
_OF_THE_RECORDER = ("not-recordable", "malformed-input")
TABLES = sorted((Path(__file__).parents[2] / "cases").glob("*.yml"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project in which all of them are tried."""
    with world(tmp_path_factory.mktemp("world")) as here:
        yield here


class Doors:
    """A door for each case, since what one does before is not what the table is about; and the last row of a decision."""

    def __init__(self, ruled: Engine, cwd: Path) -> None:
        self._ruled = ruled
        self._cwd = cwd
        self._gates: list[Gate] = []
        self._numbers = count()
        self.decided: Mapping[str, Json] = {}

    def close(self) -> None:
        for gate in self._gates:
            gate.close()

    async def refuses(self, each: Tried) -> bool:
        """Return whether the agent is refused; `decided` is the row."""
        dialect: HookDialect = self._ruled.registry.hook_dialects["claude-code"]
        number = next(self._numbers)
        payload: dict[str, Json] = {
            "hook_event_name": "PreToolUse",
            "session_id": f"s-{number}",
            "cwd": str(self._cwd),
            "tool_name": each.trial.tool,
            "tool_input": dict(each.trial.input),
            "tool_use_id": f"toolu_{number}",
        }
        return (await self._door(each.ruling.case.policy).answer(dialect.event(payload))).refuses

    def _door(self, policy: Policy) -> Door:
        registry = self._ruled.under(policy).registry  # plugins may have settings of that policy
        session = Session(
            policy=policy,
            rules=registry.rules,
            handlers=registry.by_tool,
            shaper=Shaper(registry.secret_scanners, registry.transforms),
            naming=all_named,
            budget=Budget(Prices(as_of="2026-01-01", models={}), None),
        )
        self._gates.append(Gate(session, self._append))
        return Door(self._gates[-1], Decided())

    def _append(self, record: Record) -> None:
        if record.kind == "tool_call":
            self.decided = record.members


def read(table: Path, project: Path) -> Cases:
    return cases(table.read_bytes(), table.name, cwd=str(project), home=str(project.parent))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
async def test_a_hook_decides_every_case_as_the_engine_does(table: Path, project: Path) -> None:
    home = project.parent / ".occasio"
    doors = Doors(engine(load_policy(None, home, project), home), project)
    wrong = []
    for each in tried(read(table, project), table, None, home, project):
        if each.trial.annotations:  # what a server of MCP says of its tools no hook is told
            continue
        decision = each.ruling.decision
        expected = (decision.action.value, decision.first.reason)
        if decision.action is Action.ASK:
            expected = ("BLOCK", "approval-unavailable")  # nobody can be asked here
        runs_here = each.ruling.runner is not None
        refuses = await doors.refuses(each)
        said = (doors.decided["action"], doors.decided["reason"])
        if expected[0] == "BLOCK" and said[1] in _OF_THE_RECORDER:
            said = (said[0], expected[1])
        if said != expected or refuses != (expected[0] == "BLOCK" or runs_here):
            wrong.append(f"{each.trial.place.line}: {said}, refused: {refuses}; the engine says {expected}")
    doors.close()
    assert wrong == []
