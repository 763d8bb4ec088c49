"""A run is written from its first row to its last, with what stood at its beginning and its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from occasio_core.errors import LedgerError, OccasioError
from occasio_core.ledger import Ledger
from occasio_core.model import RunId, Signature
from occasio_core.policy import load_policy
from occasio_core.run_rows import RunRows
from occasio_core.version import __version__
from occasio_verify import parse_row
from tests.occasio_core.checkpointed import LOG_KEY, Key

RUN = RunId("00000000-0000-4000-8000-00000000000a")


def test_a_run_has_its_rows_in_order(tmp_path: Path) -> None:
    path = tmp_path / "pipeline-events.jsonl"
    with Ledger(path) as log:
        rows = RunRows(
            run_id=RUN,
            log=log,
            place=tmp_path,
            cwd=tmp_path,
            command="codex",
            points=["hook"],
            plugins=[("hooks", "0.1.0")],
        )
        rows.open(load_policy(None, tmp_path, tmp_path))
        rows.append(replace(rows.own("limit_exceeded", {"limit": "x", "max": 1, "actual": 2}), agent="codex"))
        rows.close(3, "exit")
        with pytest.raises(LedgerError):
            rows.append(rows.own("limit_exceeded", {"limit": "x", "max": 1, "actual": 2}))
    found = [parse_row(line) for line in path.read_bytes().split(b"\n")[:-1]]
    assert [row.kind for row in found] == [
        *("run_started", "policy_loaded", "git_state", "limit_exceeded", "git_state", "run_ended"),
    ]
    first, last = found[0].fields, found[-1].fields
    assert (first["command"], first["cwd"], first["chain_file"]) == ("codex", str(tmp_path), str(path))
    assert (first["enforcement_points"], first["plugins"]) == (["hook"], [{"name": "hooks", "version": "0.1.0"}])
    assert first["versions"]["occasio"] == __version__  # type: ignore[index, call-overload]
    assert (last["exit_code"], last["reason"]) == (3, "exit")
    assert [row.fields["agent"] for row in found] == ["occasio"] * 3 + ["codex"] + ["occasio"] * 2


def rows_of(place: Path, log: Ledger, *, every: int = 1000, key: Key = LOG_KEY) -> RunRows:
    return RunRows(
        run_id=RUN, log=log, place=place, cwd=place, command="x", points=[], plugins=[], signer=key, every=every
    )


def test_a_checkpoint_is_signed_as_the_log_grows_and_when_the_run_ends(tmp_path: Path) -> None:
    with Ledger(tmp_path / "pipeline-events.jsonl") as log:
        rows = rows_of(tmp_path, log, every=5)
        rows.open(load_policy(None, tmp_path, tmp_path))
        for number in range(7):
            rows.append(rows.own("limit_exceeded", {"limit": "x", "max": 1, "actual": number}))
        rows.close(0, "exit")
    found = [parse_row(line) for line in log.path.read_bytes().split(b"\n")[:-1]]
    sizes = [row.fields["tree_size"] for row in found if row.kind == "checkpoint"]
    assert sizes == [5, 10, len(found) - 1]
    assert [row.kind for row in found[-2:]] == ["run_ended", "checkpoint"]


def test_a_run_does_not_begin_where_the_log_does_not_extend_its_last_checkpoint(tmp_path: Path) -> None:
    with Ledger(tmp_path / "pipeline-events.jsonl") as log:
        rows = rows_of(tmp_path, log)
        rows.open(load_policy(None, tmp_path, tmp_path))
        rows.close(0, "exit")
    log.path.unlink()
    log.path.with_name("pipeline-events.jsonl.head").unlink()
    with Ledger(log.path) as other, pytest.raises(LedgerError, match="was cut"):
        rows_of(tmp_path, other).open(load_policy(None, tmp_path, tmp_path))
    assert log.path.read_bytes() == b""


def test_a_key_that_cannot_sign_is_told_and_the_rows_are_there(tmp_path: Path) -> None:
    class Broken(Key):
        def sign(self, data: bytes, /) -> Signature:
            raise OccasioError("the key is gone", hint="put it back")

    with Ledger(tmp_path / "pipeline-events.jsonl") as log:
        rows = rows_of(tmp_path, log, key=Broken())
        rows.open(load_policy(None, tmp_path, tmp_path))
        with pytest.raises(LedgerError, match="no checkpoint: the key is gone"):
            rows.close(0, "exit")
    assert parse_row(log.path.read_bytes().split(b"\n")[-2]).kind == "run_ended"
