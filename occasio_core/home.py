"""Where Occasio keeps its things: one directory, private to one person.

Knows directories, modes and owners.  It does not know what the files say.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core.errors import OccasioError, UsageError

if TYPE_CHECKING:
    from occasio_core.model import Policy

VARIABLE = "OCCASIO_HOME"

_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}")
_HAS_OWNERS = os.name == "posix"


def home() -> Path:
    """Return Occasio's directory: `OCCASIO_HOME`, else `~/.occasio`.  It need not exist.

    Raises `UsageError` when the variable holds a relative path: every command must find the same directory.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return Path.home() / ".occasio"
    place = Path(named).expanduser()
    if not place.is_absolute():
        raise UsageError(f"{VARIABLE} is `{named}`, which is not an absolute path", hint="give the directory in full")
    return place


def prepared(place: Path) -> Path:
    """Return `place` after making it, if need be, and making sure that nobody else can write or read there.

    Raises `OccasioError` when it is no directory, belongs to somebody else, or others may write to it.
    """
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.stat()
        if _HAS_OWNERS:
            _check_owner(place, place.lstat())
            _check_owner(place, found)
            _check_mode(place, found)
    except OSError as error:
        raise OccasioError(f"`{place}` cannot be used as Occasio's directory: {error.strerror}") from error
    return place


def log_path(place: Path) -> Path:
    """Return where the log of all runs is."""
    return place / "pipeline-events.jsonl"


def policy_path(place: Path) -> Path:
    """Return where the policy is, if the person wrote one."""
    return place / "policy.yml"


def trust_path(place: Path) -> Path:
    """Return where the trust file is (SPEC section 14)."""
    return place / "trust.json"


def checkpoint_path(place: Path) -> Path:
    """Return where the last checkpoint of the log is kept (SPEC section 7.2)."""
    return place / "checkpoint"


def cosigned_path(place: Path) -> Path:
    """Return where the last checkpoint that witnesses cosigned is kept (SPEC section 7.4)."""
    return place / "checkpoint.cosigned"


def read_index_path(place: Path) -> Path:
    """Return where the index is by which surfaces read the log; a cache."""
    return place / "read-index.sqlite"


def keys_path(place: Path) -> Path:
    """Return the directory of signing keys."""
    return place / "keys"


def run_path(place: Path, run: str) -> Path:
    """Return where the state of the run is.  Raises `UsageError` when `run` cannot be a run's id."""
    if not _RUN_ID.fullmatch(run):
        raise UsageError(f"`{run}` is not the id of a run")
    return place / "runs" / f"{run}.json"


def policy_copy_path(place: Path, sha256: str) -> Path:
    """Return where the copy of the policy with this hash is."""
    return place / "policies" / f"{sha256}.yml"


def keep_policy(place: Path, policy: Policy) -> Path:
    """Keep the bytes of `policy` under their hash, for the bundles of the runs that it governs; return where.

    Raises `OccasioError` when they cannot be written.
    """
    from occasio_core.files import write_whole  # most who look for the home write nothing there

    kept, data = policy_copy_path(place, policy.sha256), policy.text.encode()
    try:
        if not kept.is_file() or kept.read_bytes() != data:
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            write_whole(kept, data, 0o600)
    except OSError as error:
        raise OccasioError(f"`{kept}` cannot be written: {error.strerror}") from error
    return kept


def _check_owner(place: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise OccasioError(f"`{place}` belongs to another user", hint=f"set {VARIABLE} to a directory of your own")


def _check_mode(place: Path, found: os.stat_result) -> None:
    if found.st_mode & 0o022:
        raise OccasioError(f"others may write to `{place}`", hint=f"chmod 700 {place}, if nobody has")
    if stat.S_IMODE(found.st_mode) & 0o077:
        place.chmod(0o700)
