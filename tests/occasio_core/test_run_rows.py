"""A run is written from its first row to its last, with what stood at its beginning and its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from occasio_core.errors import LedgerError
from occasio_core.ledger import Ledger
from occasio_core.model import RunId
from occasio_core.policy import load_policy
from occasio_core.run_rows import RunRows
from occasio_core.version import __version__
from occasio_verify import parse_row

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
