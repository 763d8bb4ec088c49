"""The evidence of a run is that of its log, sealed and verified."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from occasio_core import Json
from occasio_harness.evidence import of_call, rows_of_last_run, sealed, stops
from occasio_harness.scratch import Scratch


def test_the_rows_are_those_of_the_run_that_began_last(scratch: Scratch) -> None:
    assert rows_of_last_run(scratch.log) == []
    for _ in range(2):
        scratch.occasio("run", "--", "true")
    rows = rows_of_last_run(scratch.log)
    assert [row["kind"] for row in rows][:1] == ["run_started"]
    assert len({row["run_id"] for row in rows}) == 1
    assert rows[0]["seq"] != 0


def test_a_line_that_is_no_row_is_left_out(scratch: Scratch) -> None:
    scratch.occasio("run", "--", "true")
    rows = rows_of_last_run(scratch.log)
    with scratch.log.open("ab") as log:
        log.write(b"x\n[]\n")
    assert rows_of_last_run(scratch.log) == rows


@pytest.mark.parametrize(
    ("row", "is_stop"),
    [
        ({"kind": "tool_call", "action": "BLOCK"}, True),
        ({"kind": "tool_call", "action": "PASS"}, False),
        ({"kind": "tool_result", "result_kind": "withheld"}, True),
        ({"kind": "tool_result", "result_kind": "pass"}, False),
        ({"kind": "request", "secrets_redacted": 2}, True),
        ({"kind": "request"}, False),
        ({"kind": "hook_event", "answer": "deny"}, True),
        ({"kind": "hook_event", "answer": "none"}, False),
        ({"kind": "limit_exceeded"}, True),
        ({"kind": "approval_denied"}, True),
        ({"kind": "approval_granted"}, False),
        ({"kind": "run_ended"}, False),
    ],
)
def test_a_row_says_whether_something_was_kept_back(row: dict[str, Json], is_stop: bool) -> None:
    assert stops(row) is is_stop


def test_rows_of_a_call_are_those_that_name_it() -> None:
    assert of_call([{"call_id": "a"}, {"call_id": "b"}, {}], "a") == [{"call_id": "a"}]


def test_a_run_is_sealed_and_verified(scratch: Scratch, tmp_path: Path) -> None:
    scratch.occasio("run", "--", "true")
    done = sealed(scratch, tmp_path, "x")
    assert (done.bundle, done.key, done.why_not) == (tmp_path / "x.occasio.json", tmp_path / "x.pub", "")


def test_what_cannot_be_sealed_or_does_not_verify_is_told(scratch: Scratch, tmp_path: Path) -> None:
    assert "`occasio bundle` failed" in sealed(scratch, tmp_path, "none").why_not
    scratch.occasio("run", "--", "true")
    scratch.log.write_bytes(scratch.log.read_bytes().replace(b'"exit_code":0', b'"exit_code":7'))
    assert sealed(scratch, tmp_path, "changed").why_not
    shutil.rmtree(scratch.occasio_home)
