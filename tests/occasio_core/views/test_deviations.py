"""What is new of a run is told by how grave it is, with its rows and what to do."""

from __future__ import annotations

import pytest

from occasio_core.views.deviations import Deviation, deviations, exit_code
from occasio_core.views.habits import KINDS, Baseline, Habits, Use, baseline_of


def used(calls: int = 1, use: Use | None = None, **names: str) -> Habits:
    seen: dict[str, dict[str, Use]] = {kind: {} for kind in KINDS}
    for kind, name in names.items():
        seen[kind][name] = use or Use(times=1, events=["evt-1"])
    return Habits(calls, seen)


def learned(runs: int = 5, calls: int = 10) -> Baseline:
    usual = used(calls, tool="Read", program="ls", path="src/", host="a.example")
    return baseline_of("/p", "2026-01-02T00:00:00.000Z", [(str(number), usual) for number in range(runs)])


def told(found: list[Deviation]) -> list[tuple[str, str]]:
    return [(one.what, one.severity.value) for one in found]


def test_what_is_usual_is_no_finding() -> None:
    found = deviations(used(10, tool="Read", program="ls", path="src/", host="a.example"), learned())
    assert (found, exit_code(found)) == ([], 0)


@pytest.mark.parametrize(
    ("kind", "name", "severity", "unsure"),
    [
        ("tool", "mcp__x__send", "medium", "low"),
        ("program", "make", "medium", "low"),
        ("program", "/usr/bin/curl", "high", "medium"),
        ("program", "SUDO.exe", "high", "medium"),
        ("host", "evil.example", "medium", "low"),
        ("path", "docs/", "low", "low"),
        ("path", "/etc/", "medium", "low"),
        ("path", "/home/ada/.ssh/id", "high", "high"),
        ("rule", "deny_paths: x", "medium", "low"),
    ],
)
def test_what_is_new_is_as_grave_as_it_is(kind: str, name: str, severity: str, unsure: str) -> None:
    habits = used(**{kind: name})  # type: ignore[arg-type]
    (found,) = deviations(habits, learned())
    assert (found.what, found.name, found.severity, found.events) == (f"new_{kind}", name, severity, ("evt-1",))
    assert found.hint
    assert told(deviations(habits, learned(4))) == [(f"new_{kind}", unsure)]


def test_what_was_refused_each_time_is_less_grave_and_said_so() -> None:
    (found,) = deviations(used(use=Use(times=2, refused=2), program="curl"), learned())
    assert (found.severity, "2 calls, refused each time" in found.message) == ("medium", True)
    (found,) = deviations(used(use=Use(times=2, refused=1), program="curl"), learned())
    assert (found.severity, "2 calls, 1 refused" in found.message) == ("high", True)


@pytest.mark.parametrize(("calls", "severity"), [(15, None), (16, "medium"), (30, "medium"), (31, "high")])
def test_many_more_calls_than_usual_are_a_finding(calls: int, severity: str | None) -> None:
    assert told(deviations(used(calls), learned())) == ([("volume_spike", severity)] if severity else [])
    assert deviations(used(calls), learned(4)) == []  # too few runs to know


def test_the_gravest_comes_first_and_decides_the_exit_code() -> None:
    found = deviations(used(path="docs/", program="curl", tool="Write"), learned())
    assert [one.severity.value for one in found] == ["high", "medium", "low"]
    assert [exit_code(found), exit_code(found[1:]), exit_code(found[2:])] == [2, 2, 1]
    assert found[0].as_json()["rows"] == ["evt-1"]
