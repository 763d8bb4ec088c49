"""What is learned from runs: names by the runs that used them, how many calls, and nothing that was refused."""

from __future__ import annotations

import pytest

from occasio_core.views.habits import SURE, Habits, Use, baseline_of, habits_of, is_sensitive, part_of, volume
from tests.occasio_core.views.rows import Run

CWD = "/home/ada/project"


def habits(run: Run) -> Habits:
    return habits_of([row for row in run.rows if row.kind == "tool_call"], CWD)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        (CWD, "./"),
        (f"{CWD}/README.md", "./"),
        (f"{CWD}/src/deep/a.py", "src/"),
        ("/etc/hosts", "/etc/"),
        ("/home/ada/other/deep/er/a.py", "/home/ada/other/"),
        ("/home/ada/project2/a", "/home/ada/project2/"),
        ("/home/ada/.ssh/config", "/home/ada/.ssh/config"),
        (f"{CWD}/.env.local", f"{CWD}/.env.local"),
    ],
)
def test_a_path_is_told_by_its_part_and_a_sensitive_one_whole(path: str, part: str) -> None:
    assert part_of(path, CWD) == part


@pytest.mark.parametrize("path", ["/etc/shadow", "a/.aws/config", "private/x.csv", "D:\\a\\.ssh\\id", "x/.env"])
def test_names_of_secrets_are_sensitive(path: str) -> None:
    assert is_sensitive(path)


@pytest.mark.parametrize("path", ["src/secretary.py", "privateer/a", "environment", "x/.envoy", "passwords.md"])
def test_other_names_are_not(path: str) -> None:
    assert not is_sensitive(path)


def test_a_call_counts_once_for_each_name_however_often_it_touches_it() -> None:
    run = Run().call("a", effects=[f"read {CWD}/src/a", f"read {CWD}/src/b", "execute ls", "connect h.example"])
    seen = habits(run).seen
    assert {kind: list(names) for kind, names in seen.items()} == {
        "tool": ["read_file"],
        "program": ["ls"],
        "host": ["h.example"],
        "path": ["src/"],
        "rule": [],
    }
    assert seen["path"]["src/"].times == 1
    assert len(seen["path"]["src/"].events) == 1


def test_what_was_refused_is_not_learned_and_its_rule_is() -> None:
    refused = {"action": "BLOCK", "reason": "command-denied", "rule": "deny_commands: curl"}
    run = Run().call("a", effects=["execute curl"], **refused)  # type: ignore[arg-type]
    assert set(habits(run).learned()) == {("rule", "deny_commands: curl")}
    run.call("b", effects=["execute curl"])
    assert ("program", "curl") in set(habits(run).learned())


def test_a_baseline_counts_runs_and_leaves_one_out_exactly() -> None:
    curl = Habits(9, {"program": {"curl": Use(times=9), "ls": Use(times=1)}})
    ls = Habits(2, {"program": {"ls": Use(times=2)}})
    learned = baseline_of(CWD, "2026-01-02T00:00:00.000Z", [("a", curl), ("b", ls), ("c", ls)])
    assert learned.seen["program"] == {"curl": 1, "ls": 3}
    assert learned.calls == {"a": 9, "b": 2, "c": 2}
    others = learned.without("a", curl)
    assert (others.seen["program"], others.calls) == ({"ls": 2}, {"b": 2, "c": 2})
    assert learned.without("unknown", curl) is learned


def test_confidence_is_low_below_five_runs() -> None:
    one = Habits(1, {})
    assert not baseline_of(CWD, "", [(str(n), one) for n in range(SURE - 1)]).is_sure
    assert baseline_of(CWD, "", [(str(n), one) for n in range(SURE)]).is_sure


def test_the_volume_is_robust() -> None:
    assert volume([]).as_json() == {"median": 0, "mad": 0, "p95": 0}
    assert volume([1, 2, 3, 4, 1000]).as_json() == {"median": 3, "mad": 1, "p95": 1000}
    assert volume([*range(1, 100), 10_000]).p95 == 95
