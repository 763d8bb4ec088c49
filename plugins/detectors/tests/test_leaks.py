"""A connection behind something secret is told, if it leads where nothing led before."""

from __future__ import annotations

import pytest

from occasio_core import Json, Observation, Severity
from occasio_detectors import SecretThenConnect
from plugins.detectors.tests.rows import findings, opened, seen


def call(at: float, *effects: str, action: str = "PASS", reason: str = "ok", run: str = "run") -> Observation:
    return seen(at, run=run, action=action, reason=reason, effects=list[Json](effects))


def ended(at: float, run: str) -> Observation:
    return seen(at, "run_ended", run=run, reason="exit")


TOUCHES = {
    "a read": lambda at: call(at, "read /p/.env"),
    "a refusal": lambda at: call(at, "read /p/x", action="BLOCK", reason="path-denied"),
    "a result": lambda at: seen(at, "tool_result", secret_labels=["github-pat"], secrets_redacted=1),
}


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_a_connection_behind_it_is_told(touch) -> None:  # type: ignore[no-untyped-def]
    first, then = touch(0), call(60, "execute curl", "connect drop.example")
    (found,) = findings(opened(SecretThenConnect()), [first, then])
    assert found.severity is Severity.MEDIUM
    assert found.rows == (first.hash, then.hash)
    assert "`drop.example`" in found.message


def test_one_that_was_refused_matters_less() -> None:
    rows = [call(0, "read /p/.env"), call(1, "connect drop.example", action="BLOCK", reason="host-denied")]
    assert [one.severity for one in findings(opened(SecretThenConnect()), rows)] == [Severity.LOW]


def test_one_call_that_does_both_matters_most_where_something_is_known() -> None:
    watch = opened(SecretThenConnect())
    before = [call(0, "connect git.example", run="old"), ended(1, "old")]
    leak = call(10, "execute curl", "read /p/.env", "connect drop.example")
    assert [one.severity for one in findings(watch, [*before, leak])] == [Severity.HIGH]


def test_a_log_in_by_a_key_does_not() -> None:
    watch = opened(SecretThenConnect())
    before = [call(0, "connect git.example", run="old"), ended(1, "old")]
    login = call(10, "execute ssh", "read /home/ada/.ssh/work", "connect new.example")
    assert [one.severity for one in findings(watch, [*before, login])] == [Severity.MEDIUM]


def test_hosts_that_earlier_runs_used_are_no_news() -> None:
    watch = opened(SecretThenConnect())
    before = [call(0, "connect git.example", run="old"), ended(1, "old")]
    assert findings(watch, [*before, call(10, "read /p/.env"), call(11, "connect git.example")]) == []


def test_a_host_that_was_told_of_is_not_learned_from_the_run_that_led_there() -> None:
    watch = opened(SecretThenConnect())
    rows = [call(0, "read /p/.env", run="1"), call(1, "connect drop.example", run="1"), ended(2, "1")]
    assert len(findings(watch, rows)) == 1
    assert len(findings(watch, [call(10, "read /p/.env"), call(11, "connect drop.example")])) == 1


def test_it_is_told_once_for_a_host_in_a_run() -> None:
    rows = [call(0, "read /p/.env"), *(call(at, "connect drop.example") for at in range(1, 9))]
    assert len(findings(opened(SecretThenConnect()), rows)) == 1


def test_long_after_it_is_not_told_nor_before_nor_in_another_run() -> None:
    for rows in (
        [call(0, "read /p/.env"), call(1000, "connect drop.example")],
        [call(0, "connect drop.example"), call(1, "read /p/.env")],
        [call(0, "read /p/.env", run="other"), call(1, "connect drop.example")],
    ):
        assert findings(opened(SecretThenConnect()), rows) == []


def test_this_machine_is_nowhere() -> None:
    rows = [call(0, "read /p/.env"), call(1, "connect localhost"), call(2, "connect 127.0.0.1")]
    assert findings(opened(SecretThenConnect()), rows) == []


def test_what_is_tried_in_vain_every_night_is_told_once() -> None:
    watch, tried = opened(SecretThenConnect()), {"action": "BLOCK", "reason": "host-denied"}
    nights = [
        row
        for night in range(9)
        for row in (
            call(night * 90_000, "read /p/.env", run=str(night)),
            call(night * 90_000 + 9, "connect a.example", run=str(night), **tried),
        )
    ]
    assert [one.severity for one in findings(watch, nights)] == [Severity.LOW]
    got_there = [call(10**6, "read /p/.env"), call(10**6 + 1, "connect a.example")]
    assert [one.severity for one in findings(watch, got_there)] == [Severity.MEDIUM]
