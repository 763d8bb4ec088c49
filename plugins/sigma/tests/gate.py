"""Rows as the real gate decides them and the real log has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from occasio_core import Json, Row
from occasio_core.ledger import Entry, Ledger
from occasio_core.testing import TestGate

RUN, SESSION = "6a8218a6-f279-4138-b3a0-1450d3170999", "0b6f1f9e-5f1d-4c58-9f0a-6a1f1b2c3d4e"
STARTED: Mapping[str, Json] = {
    "chain_file": "log",
    "command": "claude",
    "cwd": "/work",
    "enforcement_points": ["proxy"],
    "plugins": [],
    "versions": {},
}


class Written:
    """A gate whose rows are written to a log."""

    def __init__(self, place: Path, policy: str = "version: 1\n") -> None:
        self.gate = TestGate(policy=policy, cwd=place, home=place / "home")
        self._ledger = Ledger(place / "log.jsonl")
        self._rows = [self.add("run_started", **STARTED)]
        self._taken = 0

    def add(self, kind: str, **members: Json) -> Row:
        """Write a row."""
        entry = Entry(
            kind=kind, agent="claude-code", protocol="internal", run_id=RUN, session_id=SESSION, fields=members
        )
        return self._ledger.append(entry)

    def bash(self, command: str) -> list[Row]:
        """Return the rows of a shell command."""
        self.gate.call("Bash", command=command)
        return self.rows()

    def rows(self) -> list[Row]:
        """Return the rows that the gate has made since the last time."""
        new = self.gate.rows[self._taken :]
        self._taken = len(self.gate.rows)
        return [self.add(record.kind, **record.members) for record in new]
