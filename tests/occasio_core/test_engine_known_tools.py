"""Every tool of the agents that are known has the canonical name and the effects that the table says.

The table is `tests/cases/known/tools.yml`.  Names and inputs are those that the agents declare on the wire.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
import yaml

from occasio_core import EffectKind, Json
from occasio_core.engine import Engine, engine, supposed
from occasio_core.policy import load_policy

TABLE = Path(__file__).parents[1] / "cases/known/tools.yml"


@dataclass(frozen=True)
class Row:
    """A call of one agent, the canonical name of its tool and what it touches."""

    agent: str
    tool: str
    input: dict[str, Json]
    touches: list[str]
    name: str = ""
    annotations: dict[str, Json] | None = None

    def __str__(self) -> str:
        return f"{self.agent} {self.tool} {self.input}"


ROWS = [
    Row(agent=agent, **row) for agent, rows in yaml.safe_load(TABLE.read_text(encoding="utf-8")).items() for row in rows
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The engine under the built-in policy."""
    home = tmp_path_factory.mktemp("home")
    yield engine(load_policy(None, home, home), home)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_tool_has_its_canonical_name_and_its_effects(row: Row, place: Engine) -> None:
    call = supposed(row.tool, row.input, place.home, annotations=row.annotations or {})
    ruling = place.rule(call)
    told = {
        effect.kind.value if effect.kind is EffectKind.EXECUTE else f"{effect.kind} {effect.target}"
        for effect in ruling.case.effects
    }
    expected = {touched.replace("{cwd}", str(place.home)) for touched in row.touches}
    assert ruling.tool == (row.name or row.tool)
    assert ruling.guessed is (not row.name)
    assert expected <= told
    if _is_exact(row):
        assert told == expected


def _is_exact(row: Row) -> bool:
    """Return whether nothing is guessed for the tool: no words of a program, of PowerShell or of a server's tool."""
    return bool(row.name) and row.name not in {"workflow", "run_code", "query_sql", "batch", "shell_powershell"}


def test_every_tool_that_a_plugin_knows_stands_in_the_table_or_is_another_name_of_one(place: Engine) -> None:
    known = {row.name for row in ROWS}
    canonical = {handler.tools[tool] for tool, handler in place.registry.by_tool.items()}
    assert canonical - known == set()


def test_the_table_has_every_agent(place: Engine) -> None:
    agents = cast("dict[str, object]", yaml.safe_load(TABLE.read_text(encoding="utf-8")))
    assert len(agents) == 11
    assert len(ROWS) >= 190
