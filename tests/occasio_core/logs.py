"""What the ledger's tests share: entries, a clock, and a checker of logs that knows nothing of the code under test."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from occasio_core.ledger import Entry

ZEROS = "0" * 64


def run_id(number: int = 0) -> str:
    return str(UUID(int=(0xFACE << 112) + number))


def started(run: str) -> Entry:
    fields = {
        "chain_file": "log.jsonl",
        "command": "agent",
        "cwd": "/work",
        "enforcement_points": ["proxy"],
        "plugins": [],
        "versions": {},
    }
    return Entry(kind="run_started", agent="occasio", protocol="internal", run_id=run, session_id="s", fields=fields)


def noted(run: str, text: str = "") -> Entry:
    """An entry of a kind that no specification knows."""
    return Entry(kind="note", agent="agent", protocol="internal", run_id=run, session_id="s", fields={"text": text})


def ended(run: str) -> Entry:
    fields = {"exit_code": 0, "reason": "exit"}
    return Entry(kind="run_ended", agent="occasio", protocol="internal", run_id=run, session_id="s", fields=fields)


def clock() -> Callable[[], datetime]:
    """A clock that goes on by a second each time it is looked at."""
    seconds = count()
    return lambda: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(seconds=next(seconds))


@dataclass(frozen=True)
class Checked:
    """A log that holds together."""

    rows: list[dict[str, Any]]
    root: bytes
    open_runs: set[str]

    @property
    def last_hash(self) -> str:
        return str(self.rows[-1]["hash"]) if self.rows else ZEROS

    def kinds(self) -> list[str]:
        return [row["kind"] for row in self.rows]


def checked(path: Path) -> Checked:
    """Walk the log the plain way and return what is in it; an AssertionError says where it does not hold together."""
    *lines, behind = path.read_bytes().split(b"\n")
    assert behind == b"", "the last line has no line end"
    rows: list[dict[str, Any]] = []
    runs: dict[str, dict[str, Any]] = {}
    for seq, line in enumerate(lines):
        row = json.loads(line)
        assert line == _plain(row), f"row {seq} is not in canonical form"
        assert row["hash"] == _sha256(_plain({name: row[name] for name in row if name != "hash"})), f"hash of {seq}"
        assert row["seq"] == seq
        assert row["prev_hash"] == (rows[-1]["hash"] if rows else ZEROS), f"prev_hash of {seq}"
        _check_run(row, runs)
        rows.append(row)
    return Checked(rows, _root(lines), {run for run, row in runs.items() if row["kind"] != "run_ended"})


def _check_run(row: dict[str, Any], runs: dict[str, dict[str, Any]]) -> None:
    if row["kind"] in ("recovered", "checkpoint"):
        assert row["run_id"] is row["run_seq"] is row["run_prev_hash"] is row["session_id"] is None
        return
    before = runs.get(row["run_id"])
    assert (before is None) == (row["kind"] == "run_started"), "a run starts once, with its first row"
    assert before is None or before["kind"] != "run_ended", "nothing follows the end of a run"
    assert row["run_seq"] == (0 if before is None else before["run_seq"] + 1)
    assert row["run_prev_hash"] == (ZEROS if before is None else before["hash"])
    runs[row["run_id"]] = row


def _root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, to the letter."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _root(leaves[:k]) + _root(leaves[k:])).digest()


def _plain(row: dict[str, Any]) -> bytes:
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
