"""An event of the log is found with the call and the results that belong to it, and the policy that was in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import UsageError
from occasio_core.event import event, policy_of_row
from tests.samples import POLICY, RUN, call, end, request, run_of, sha256, start

OTHER = "00000000-0000-4000-8000-00000000000b"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of two runs; event 2 is a call, 3 its result, 5 a refused call."""
    rows = run_of(3)
    start(rows, OTHER)
    call(rows, 0, run=OTHER)
    end(rows, OTHER)
    return rows.write(tmp_path / "log.jsonl")


def name(seq: int) -> str:
    return f"evt-{seq:016}"


def test_a_call_is_found_with_its_result_and_its_policy(log: Path) -> None:
    found = event(log, name(2))
    assert found.call is not None and found.call.seq == 2
    assert [row.seq for row in found.results] == [3]
    assert found.policy is not None
    assert policy_of_row(found.policy) == (sha256(POLICY.encode()), "/home/ada/.occasio/policy.yml")


def test_a_result_is_found_with_its_call(log: Path) -> None:
    found = event(log, name(3))
    assert (found.row.seq, found.call and found.call.seq) == (3, 2)


def test_a_refused_call_has_no_result(log: Path) -> None:
    found = event(log, name(5))
    assert (found.call and found.call.fields["action"], found.results) == ("BLOCK", ())


def test_what_is_about_no_call_has_none(log: Path) -> None:
    assert event(log, name(0)).call is None
    assert event(log, name(0)).policy is None


def test_the_same_call_id_in_another_run_is_another_call(log: Path) -> None:
    found = event(log, name(2))
    assert found.row.run_id == RUN
    assert {row.run_id for row in found.results} == {RUN}


def test_the_id_of_a_call_is_enough(log: Path) -> None:
    assert event(log, f"toolu_{1:024}").row.seq == 5


def test_the_beginning_of_an_id_is_enough_if_it_is_one(tmp_path: Path) -> None:
    rows = run_of(9)
    del rows.rows[11:]
    log = rows.write(tmp_path / "log.jsonl")
    assert event(log, name(10)[:-1]).row.seq == 10
    with pytest.raises(UsageError, match="the beginning of"):
        event(log, "evt-00")


@pytest.mark.parametrize("unknown", ["evt-9", "", 'a"b', "tool_call"])
def test_an_id_that_is_none_is_refused(log: Path, unknown: str) -> None:
    with pytest.raises(UsageError):
        event(log, unknown)


def test_a_row_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    rows = run_of(3)
    request(rows)
    log = rows.write(tmp_path / "log.jsonl")
    log.write_bytes(log.read_bytes().replace(b'"reason":"path-denied"', b'"reason":"path-allowed"'))
    with pytest.raises(UsageError, match=r"line 6 does not hold"):
        event(log, name(5))
