"""A program that the agent wrote and then runs is told behind a refusal, and outside of the project."""

from __future__ import annotations

import pytest

from occasio_core import Json, Observation, Severity
from occasio_detectors import WriteThenRun
from plugins.detectors.tests.rows import findings, opened, seen


def call(at: float, *effects: str, action: str = "PASS", reason: str = "ok") -> Observation:
    return seen(at, action=action, reason=reason, effects=list[Json](effects))


REFUSED = call(0, "read /p/.env", action="BLOCK", reason="path-denied")
WROTE = call(10, "write /p/x.py")
RUNS = {
    "an interpreter": ["execute python3", "read /p/x.py"],
    "another version of one": ["execute python3.12", "read /p/x.py"],
    "a path": ["execute ./x.py", "read /p/x.py"],
    "inside of another": ["execute timeout", "execute bash", "read /p/x.py"],
}


@pytest.mark.parametrize("effects", RUNS.values(), ids=RUNS)
def test_behind_a_refusal_it_is_told(effects: list[str]) -> None:
    ran = call(20, *effects)
    (found,) = findings(opened(WriteThenRun()), [REFUSED, WROTE, ran])
    assert (found.severity, found.rows) == (Severity.MEDIUM, (REFUSED.hash, WROTE.hash, ran.hash))


def test_scripts_of_every_day_are_not() -> None:
    assert findings(opened(WriteThenRun()), [WROTE, call(20, *RUNS["an interpreter"])]) == []


def test_long_after_a_refusal_it_is_every_day_again() -> None:
    rows = [REFUSED, WROTE, call(2000, *RUNS["an interpreter"])]
    assert findings(opened(WriteThenRun()), rows) == []


def test_outside_of_the_project_it_is_told() -> None:
    rows = [call(10, "write /tmp/x.sh"), call(20, "execute bash", "read /tmp/x.sh")]
    assert [one.severity for one in findings(opened(WriteThenRun()), rows)] == [Severity.LOW]


def test_to_read_what_was_written_is_not_to_run_it() -> None:
    rows = [
        REFUSED,
        WROTE,
        call(20, "execute cat", "read /p/x.py"),
        call(21, "execute ./y", "read /p/y", "read /p/x.py"),
    ]
    assert findings(opened(WriteThenRun()), rows) == []


def test_what_was_refused_was_neither_written_nor_run() -> None:
    blocked = {"action": "BLOCK", "reason": "command-denied"}
    for rows in (
        [REFUSED, call(10, "write /p/x.py", **blocked), call(20, *RUNS["a path"])],
        [REFUSED, WROTE, call(20, *RUNS["a path"], **blocked)],
    ):
        assert findings(opened(WriteThenRun()), rows) == []


def test_a_file_is_told_once() -> None:
    assert len(findings(opened(WriteThenRun()), [REFUSED, WROTE, *[call(20, *RUNS["a path"])] * 5])) == 1


@pytest.mark.parametrize(
    ("command", "so"),
    [("printf x > go.py && python3 go.py", True), ("python3 gen.py > go.py", False)],
)
def test_one_command_can_do_both(command: str, so: bool) -> None:
    both = seen(20, action="PASS", effects=["write /p/go.py", "execute python3"], tool_inputs={"command": command})
    assert bool(findings(opened(WriteThenRun()), [REFUSED, both])) is so
