"""No surface drifts: on one log each tells the numbers that the rows have, and the verifier's predicate of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from occasio_core.commands import Record
from occasio_core.reading import COUNTERS
from occasio_core.summary import Tally
from occasio_verify import predicate
from tests.surfaces.conftest import Run, rows_of
from tests.surfaces.served import served
from tests.surfaces.shown import SURFACES, Surface

COUNTING = [surface for surface in SURFACES if surface.counters is not None]
IDS = [surface.name for surface in COUNTING]
HOMES = ["demo_home", "every_kind_home"]

_KINDS = {
    "runs": "run_started",
    "ended_runs": "run_ended",
    "calls": "tool_call",
    "results": "tool_result",
    "requests": "request",
    "limits": "limit_exceeded",
    "asked": "approval_requested",
    "granted": "approval_granted",
    "denied": "approval_denied",
    "expired": "approval_expired",
    "findings": "finding",
    "policies": "policy_loaded",
    "policies_rejected": "policy_rejected",
    "hook_events": "hook_event",
    "recovered": "recovered",
    "checkpoints": "checkpoint",
}


_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_OF_REQUESTS = ("requests", "failed_requests", "unpriced", "cost_micro_usd", *_TOKENS)


def counted(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return every counter of `rows`, counted apart from the code under test."""
    kinds = Counter(row["kind"] for row in rows)
    calls = [row for row in rows if row["kind"] == "tool_call"]
    results = [row for row in rows if row["kind"] == "tool_result"]
    requests = [row for row in rows if row["kind"] == "request"]
    actions, outcomes = Counter(row["action"] for row in calls), Counter(row["result_kind"] for row in results)

    def total(among: Sequence[dict[str, Any]], name: str) -> int:
        return sum(row.get(name, 0) for row in among)

    numbers = {name: kinds[kind] for name, kind in _KINDS.items()}
    numbers |= {"rows": len(rows), "provider_ran": sum(row["reason"] == "provider-ran" for row in calls)}
    numbers |= {"passed": actions["PASS"], "local": actions["LOCAL"]}
    numbers |= {"transformed": actions["TRANSFORM"], "blocked": actions["BLOCK"]}
    numbers |= {"results_local": outcomes["local"], "results_changed": outcomes["transform"]}
    numbers |= {"results_withheld": outcomes["withheld"], "result_errors": total(results, "is_error")}
    shorter = [row for row in results if row.get("returned_size", row["size"]) < row["size"]]
    spared = dict.fromkeys(("transform", "withheld"), 0)
    for row in shorter:
        spared[row["result_kind"]] += row["size"] - row["returned_size"]
    numbers |= {"prevented_bytes": sum(spared.values()), "withheld_bytes": spared["withheld"]}
    numbers |= {"produced_bytes": total(results, "size"), "left_out": total(results, "left_out")}
    numbers |= {"secrets": total(results, "secrets_redacted"), "told_secrets": total(requests, "secrets_redacted")}
    numbers |= {name: total(requests, name) for name in ("input_tokens", "output_tokens", "cost_micro_usd")}
    numbers |= {name: total(requests, name) for name in ("cache_read_tokens", "cache_write_tokens")}
    numbers |= {"unpriced": sum("cost_micro_usd" not in row for row in requests)}
    numbers |= {"failed_requests": sum(not 0 < row["status"] < 400 for row in requests)}
    numbers |= {"hook_denied": sum(row["kind"] == "hook_event" and row["answer"] == "deny" for row in rows)}
    return numbers


def told(surface: Surface, occasio: Run, home: Path, *more: str) -> dict[str, int]:
    ended = occasio(home, *surface.arguments, "--json", *more)
    assert ended.code == 0, ended.err
    assert surface.counters is not None
    return dict(surface.counters(surface.read(ended.out)))


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def test_every_counter_is_counted_here_too(every_kind_home: Path) -> None:
    assert sorted(counted(rows_of(every_kind_home))) == sorted(COUNTERS)


@pytest.mark.parametrize("surface", COUNTING, ids=IDS)
def test_a_surface_tells_what_the_rows_add_up_to(surface: Surface, occasio: Run, home: Path) -> None:
    numbers, rows = told(surface, occasio, home), rows_of(home)
    assert numbers
    if surface.of_last_run:
        last = [row["run_id"] for row in rows if row["kind"] == "run_started"][-1]
        rows = [row for row in rows if row["run_id"] == last]
    expected = counted(rows)
    assert numbers == {name: expected[name] for name in numbers}


@pytest.mark.parametrize("surface", [one for one in COUNTING if one.takes_run], ids=lambda surface: surface.name)
def test_a_surface_tells_of_one_run_what_its_rows_add_up_to(surface: Surface, occasio: Run, home: Path) -> None:
    for run_id in {row["run_id"] for row in rows_of(home)} - {None}:
        numbers = told(surface, occasio, home, "--run", run_id)
        expected = counted([row for row in rows_of(home) if row["run_id"] == run_id])
        assert numbers == {name: expected[name] for name in numbers}


@pytest.mark.parametrize("surface", [one for one in COUNTING if one.takes_run], ids=lambda surface: surface.name)
def test_a_surface_tells_of_a_run_what_the_verifier_says_of_it(surface: Surface, occasio: Run, demo_home: Path) -> None:
    rows = [row for row in rows_of(demo_home) if row["run_id"] is not None]
    says: Any = predicate(rows)["execution_summary"]
    numbers = told(surface, occasio, demo_home, "--run", rows[0]["run_id"])
    same = {"tool_calls": "calls", "secrets_redacted": "secrets"} | {
        name: name for name in ("local", "passed", "blocked", "transformed")
    }
    assert says["tool_calls"] > 0
    compared = {name: says[member] for member, name in same.items() if name in numbers}
    assert compared or set(numbers) == set(_OF_REQUESTS)  # the predicate has none of requests
    assert compared == {name: numbers[name] for name in compared}


def test_what_is_counted_as_it_is_written_is_what_is_read(home: Path) -> None:
    tally = Tally()
    for row in rows_of(home):
        tally.note(Record(kind=row["kind"], agent=row["agent"], protocol="p", session="s", members=row))
    assert tally.counters.as_json() == counted(rows_of(home))


def test_the_dashboard_tells_what_the_rows_add_up_to(home: Path) -> None:
    rows = rows_of(home)
    with served(home) as asked:
        assert asked("state")["counters"] == counted(rows)
        for run_id in {row["run_id"] for row in rows} - {None}:
            of_run = counted([row for row in rows if row["run_id"] == run_id])
            assert asked(f"runs/{run_id}")["counters"] == of_run
        series = asked("series?span=all")
        for name in ("passed", "local", "transformed", "blocked", "requests", "cost_micro_usd", "output_tokens"):
            assert sum(series[name]) == counted(rows)[name]
