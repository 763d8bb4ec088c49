"""The table of cases: what a careful user expects of each call, decided by the engine and by `occasio policy test`.

The cases are in `tests/cases`, a file for each theme.  Every row was written for what it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core import Action
from occasio_core.policy.cases import Cases, cases
from occasio_core.trials import Tried, tried
from tests.occasio_core.case_world import world
from tests.occasio_core.cli.commands import Captured, occasio

TABLES = sorted((Path(__file__).parents[1] / "cases").glob("*.yml"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project in which all of them are tried."""
    with world(tmp_path_factory.mktemp("world")) as here:
        yield here


def read(table: Path, project: Path) -> Cases:
    return cases(table.read_bytes(), table.name, cwd=str(project), home=str(project.parent))


def wrong(done: list[Tried]) -> list[str]:
    return [
        f"{each.trial.place.line}: {each.trial.name}: {', '.join(each.differences)}"
        for each in done
        if each.differences
    ]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_every_case_is_decided_as_a_careful_user_expects(table: Path, project: Path) -> None:
    assert wrong(list(tried(read(table, project), table, None, project.parent / ".occasio", project))) == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_the_command_line_says_the_same(table: Path, project: Path, capsys: Captured) -> None:
    assert occasio("policy", "test", table) == 0
    assert capsys.readouterr().out == ""


def test_there_are_many_cases_of_every_kind(project: Path) -> None:
    trials = [trial for table in TABLES for trial in read(table, project).trials]
    assert len(trials) >= 900
    assert {trial.action for trial in trials} == set(Action)
    assert {trial.reason for trial in trials} >= {
        "approval-required",
        "command-denied",
        "effects-unknown",
        "host-denied",
        "host-not-allowed",
        "host-unknown",
        "ok",
        "path-denied",
        "path-not-allowed",
        "path-protected",
        "path-unknown",
        "preset-off",
        "secret-in-input",
        "tool-denied",
    }


def test_no_case_stands_twice(project: Path) -> None:
    seen: dict[object, str] = {}
    for table in TABLES:
        for trial in read(table, project).trials:
            said = repr((trial.input, trial.annotations))
            key = (table.name, trial.tool, said, trial.policy, trial.preset, trial.hardened)
            assert key not in seen, f"{table.name}:{trial.place.line} repeats line {seen[key]}"
            seen[key] = str(trial.place.line)


def test_trying_leaves_no_trace(project: Path) -> None:
    assert [path.name for path in (project.parent / ".occasio").iterdir()] == ["policy.yml.old"]
