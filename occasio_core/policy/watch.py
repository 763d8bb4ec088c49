"""Notices that a policy was edited, while a run goes on.

Knows what the file system says of a file, and when the policy was last read.  It does not know what becomes of it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from occasio_core.errors import PolicyError
from occasio_core.model import Policy

NO_BYTES = hashlib.sha256(b"").hexdigest()

_Signature: TypeAlias = "tuple[int, int, int, int, int] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An edit that cannot be used: the error, and the SHA-256 of the bytes, of none where they could not be read."""

    error: str
    path: str
    sha256: str


class Watch:
    """Watches one policy file, there or not.  Not for several threads at once."""

    def __init__(self, path: Path, load: Callable[[], Policy], loaded: Policy) -> None:
        """Watch `path`; `load` reads it again, and `loaded` is what it last gave."""
        self._path = path
        self._load = load
        self._sha256 = loaded.sha256
        self._is_there = loaded.path is not None
        self._seen: _Signature = None

    def changed(self) -> Policy | Rejected | None:
        """Return the policy once it says something else, or why it cannot be used; each edit is told once.

        A file that is gone or empty is an edit that cannot be used: a run does not fall back to the defaults.
        Costs one call of the system where nothing has changed.
        """
        signature = _signature(self._path)
        if signature == self._seen and (signature is not None or not self._is_there):
            return None
        self._seen = signature
        if signature is None:
            self._is_there = False
            return Rejected(error=f"{self._path}: is gone", path=str(self._path), sha256=NO_BYTES)
        self._is_there = True
        try:
            policy = self._load()
        except PolicyError as error:
            return Rejected(error=str(error), path=str(self._path), sha256=error.sha256 or NO_BYTES)
        if policy.sha256 == self._sha256:
            return None
        if not policy.text.strip():  # an editor may have cut it and not written yet
            return Rejected(error=f"{self._path}: is empty", path=str(self._path), sha256=policy.sha256)
        self._sha256 = policy.sha256
        return policy


def _signature(path: Path) -> _Signature:
    try:
        status = os.stat(path)  # noqa: PTH116 - called before each event
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev
