"""Which runs are alive: a file for each in Occasio's home, locked by the process that governs it.

The lock is the operating system's, so it is gone with the process, however that ended.  Knows no log.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from occasio_core.errors import OccasioError
from occasio_core.home import run_path
from occasio_core.ledger.disk import open_private
from occasio_core.model import RunId
from occasio_verify import Json, MalformedError, canonical, parse_json

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 0x7FFF_FFFE  # behind everything the file holds, so that others can read it

    def _take(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

    def _probe(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _probe(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: those who ask do not see each other


@contextmanager
def held(place: Path, run: RunId, facts: dict[str, Json]) -> Iterator[None]:
    """Show the run as alive, and `facts` about it, for as long as this is entered.  Raises `OccasioError`."""
    path = run_path(place, run)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = open_private(path)
        _take(descriptor)
        os.write(descriptor, canonical(facts) + b"\n")
    except OSError as error:
        raise OccasioError(f"`{path}` cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        os.close(descriptor)  # Windows removes no file that is open
        path.unlink(missing_ok=True)


def is_alive(place: Path, run: str) -> bool:
    """Return whether a process governs the run now.  Raises `UsageError` when `run` cannot be a run's id."""
    return is_held(run_path(place, run))


def living(place: Path) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield every run that a process governs now, and what that says of it."""
    for path in sorted((place / "runs").glob("*.json")):
        try:
            facts = parse_json(path.read_bytes())
        except (OSError, MalformedError):
            continue  # it ends, or begins
        if isinstance(facts, dict) and is_held(path):
            yield path.stem, facts


def is_held(path: Path) -> bool:
    """Return whether a process holds the lock on the file."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        _probe(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
