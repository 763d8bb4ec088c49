"""Mending what a crash left: a torn end of the log, and runs that nobody will end any more.

Only what is visible in the log afterwards is done: a `recovered` row for what was cut off, `run_ended` with reason
`abandoned` for a run whose process is gone.  A bad row in the middle is evidence, not damage, and stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from occasio_core import home as places
from occasio_core.errors import LedgerError, UsageError
from occasio_core.ledger import Entry, Ledger
from occasio_core.run_state import is_alive
from occasio_verify import VerifyError, walk_log


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What was done:

    why a `recovered` row was written if one was, the runs that were closed, and those that are alive.
    """

    recovered: str | None
    closed: tuple[str, ...]
    live: tuple[str, ...]


def repair(place: Path) -> Repair:
    """Put the log of the home `place` in order and return what was done.

    Raises `UsageError` if there is no log, `LedgerError` if it holds a row that does not verify.
    """
    path = places.log_path(place)
    if not path.exists():
        raise UsageError(f"no log at {path}", hint="there is nothing to repair")
    with Ledger(path) as log:
        row = log.repair()
        still_open = _open_runs(path)
        dead = tuple(run for run in still_open if not is_alive(place, run))
        for run in dead:
            log.append(_abandoned(run))
    live = tuple(run for run in still_open if run not in dead)
    return Repair(recovered=None if row is None else str(row.fields["reason"]), closed=dead, live=live)


def _open_runs(path: Path) -> list[str]:
    try:
        return [run.decode() for run in walk_log(path).chain.open_runs]
    except VerifyError as error:
        if error.code == "log-empty":
            return []
        raise LedgerError(
            f"{path}: {error}", hint="what does not verify is not mended; keep the file as it is"
        ) from None


def _abandoned(run: str) -> Entry:
    return Entry(
        kind="run_ended",
        agent="occasio",
        protocol="internal",
        run_id=run,
        session_id=run,
        fields={"exit_code": None, "reason": "abandoned"},
    )
