"""The rows of one run, from `run_started` to `run_ended`: what stands in the first and the last, and all between.

Knows the members of the recorder's own rows.  It does not know who decides, nor by which doors calls come.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from occasio_core import home as places
from occasio_core.checkpoints import check_extends, write_checkpoint
from occasio_core.commands import Record
from occasio_core.errors import LedgerError, OccasioError
from occasio_core.git_state import git_state
from occasio_core.interfaces import Signer
from occasio_core.ledger import Entry, Ledger
from occasio_core.model import Policy, RunId
from occasio_core.reload import loaded_members
from occasio_core.version import __version__
from occasio_verify import Json, Row

RECORDER = "occasio"
INTERNAL = "internal"
LOG_SIGNER = "sign_key.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRows:
    """A run as it is written.  `command` is what was started, its base name; `points` are its doors.

    `signer` signs a checkpoint of the log whenever that has `every` rows more, and one when the run is over.
    """

    run_id: RunId
    log: Ledger
    place: Path
    cwd: Path
    command: str
    points: Sequence[str]
    plugins: Sequence[tuple[str, str]]
    signer: Signer | None = None
    every: int = 1000

    def open(self, policy: Policy) -> None:
        """Write the first rows of a log that extends its last checkpoint.  Raises `LedgerError`."""
        if self.signer is not None:
            check_extends(self.place, self.log)
        opening: list[tuple[str, Mapping[str, Json]]] = [
            ("run_started", self._started()),
            ("policy_loaded", loaded_members(policy)),
            ("git_state", {"tool_inputs": git_state(self.cwd, "run_start")}),
        ]
        self._due(self.log.append_many([self._entry(kind, fields) for kind, fields in opening]))

    def append(self, record: Record) -> Row:
        """Write a row of a door, durably, and return it.  Raises `LedgerError`."""
        entry = Entry(
            kind=record.kind,
            agent=record.agent,
            protocol=record.protocol,
            run_id=self.run_id,
            session_id=record.session,
            fields=record.members,
        )
        row = self.log.append(entry)
        self._due([row])
        return row

    def close(self, exit_code: int | None, reason: str) -> None:
        """Write the last rows, after which the run can have no more.  Raises `LedgerError`."""
        self.log.append_many(
            [
                self._entry("git_state", {"tool_inputs": git_state(self.cwd, "run_end")}),
                self._entry("run_ended", {"exit_code": exit_code, "reason": reason}),
            ]
        )
        self._checkpoint()

    def own(self, kind: str, members: Mapping[str, Json]) -> Record:
        """Return a row of the recorder's own."""
        return Record(kind=kind, agent=RECORDER, protocol=INTERNAL, session=self.run_id, members=members)

    def _due(self, rows: Sequence[Row]) -> None:
        # of all who write to one log, one gets the row that fills the measure
        if any((row.seq + 1) % self.every == 0 for row in rows):
            self._checkpoint()

    def _checkpoint(self) -> None:
        if self.signer is None:
            return
        try:
            write_checkpoint(self.place, self.log, self.signer)
        except LedgerError:
            raise
        except OccasioError as error:
            raise LedgerError(f"the log gets no checkpoint: {error}", hint=error.hint) from error

    def _entry(self, kind: str, fields: Mapping[str, Json]) -> Entry:
        return Entry(
            kind=kind, agent=RECORDER, protocol=INTERNAL, run_id=self.run_id, session_id=self.run_id, fields=fields
        )

    def _started(self) -> dict[str, Json]:
        return {
            "chain_file": str(places.log_path(self.place).absolute()),
            "command": self.command,
            "cwd": str(self.cwd),
            "enforcement_points": list(self.points),
            "plugins": [{"name": name, "version": version} for name, version in self.plugins],
            "versions": {"occasio": __version__, "python": platform.python_version()},
        }
