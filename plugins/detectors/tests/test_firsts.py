"""Hosts and programs that are new are told, once there is something to compare with."""

from __future__ import annotations

from collections.abc import Iterator

from occasio_core import Observation, Severity
from occasio_detectors import FirstSeen
from plugins.detectors.tests.rows import findings, opened, seen


def month(project: str = "/p") -> Iterator[Observation]:
    """Yield three hundred calls of six runs."""
    for number in range(300):
        effects = ["execute git", "execute npm", "connect git.example"]
        yield seen(number * 60, run=f"run {number // 50}", project=project, effects=list(effects))


def new(*effects: str, run: str = "new", project: str = "/p") -> Observation:
    return seen(20_000, run=run, project=project, effects=list(effects))


def test_nothing_is_new_at_first() -> None:
    assert findings(opened(FirstSeen()), [seen(at, effects=[f"connect {at}.example"]) for at in range(100)]) == []


def test_a_new_host_and_a_new_program_are_told() -> None:
    watch = opened(FirstSeen())
    assert findings(watch, month()) == []
    row = new("execute jq", "connect api.example", "execute git")
    found = findings(watch, [row])
    assert [(one.severity, one.rows) for one in found] == [(Severity.LOW, (row.hash,))] * 2
    assert "`api.example`" in found[0].message and "`jq`" in found[1].message


def test_what_carries_data_out_and_bare_addresses_matter_more() -> None:
    watch = opened(FirstSeen())
    findings(watch, month())
    found = findings(watch, [new("execute /usr/bin/nc", "connect 203.0.113.7")])
    assert [one.severity for one in found] == [Severity.MEDIUM] * 2


def test_it_is_new_once() -> None:
    watch = opened(FirstSeen())
    findings(watch, month())
    assert len(findings(watch, [new("execute jq")] * 9)) == 1


def test_what_the_agent_does_in_other_projects_is_not_told_unless_it_is_risky() -> None:
    watch = opened(FirstSeen())
    findings(watch, [*month(), *month("/q"), new("execute jq", "execute nc", project="/q", run="0")])
    found = findings(watch, [new("execute jq", "execute nc")])
    assert [(one.severity, "`nc`" in one.message) for one in found] == [(Severity.LOW, True)]


def test_a_run_that_makes_up_names_is_told_of_five_times() -> None:
    watch = opened(FirstSeen())
    findings(watch, month())
    assert len(findings(watch, [new(f"connect {number}.example") for number in range(100)])) == 5
