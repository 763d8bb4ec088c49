"""Checkpoints of a home's log: what it was seen to be, signed and kept, so that it cannot be rewound (SPEC 7.2).

The last checkpoint is kept beside the log, and the last that witnesses cosigned beside that.  A checkpoint takes the
place of the kept one only if the log extends that: the one that would show a change is never written over.

Knows files and who signs.  It does not know when a checkpoint is due, nor how a witness is reached.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core import home as places
from occasio_core import trustfile
from occasio_core.errors import LedgerError, OccasioError
from occasio_core.files import write_whole
from occasio_core.interfaces import Signer
from occasio_core.ledger import Entry, HashFile, Ledger, LogHead, find_row, first_row
from occasio_core.ledger.disk import open_private
from occasio_core.ledger.lock import FileLock
from occasio_core.model import Signature
from occasio_verify import (
    Checkpoint,
    Json,
    VerifierKey,
    VerifyError,
    format_checkpoint,
    format_vkey,
    load_public_key,
    log_origin,
    parse_checkpoint,
    parse_note,
    parse_row,
    sign_note,
)

REWOUND = "occasio audit verify says what is wrong; move the checkpoint away only if you began the log anew yourself"


class RewoundError(LedgerError):
    """Raised when the log does not extend its last checkpoint: rows are gone, or were changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A checkpoint as it is kept, what it says, and the key of the log that signed it, where that is known."""

    note: bytes = field(repr=False)
    tree: Checkpoint
    vkey: str = ""


def kept(place: Path, *, cosigned: bool = False) -> Noted | None:
    """Return the last checkpoint of the home `place`, None if there is none; with `cosigned` the last by witnesses.

    Raises `OccasioError` if it cannot be used.
    """
    path = places.cosigned_path(place) if cosigned else places.checkpoint_path(place)
    try:
        note = path.read_bytes()
        return Noted(note=note, tree=parse_checkpoint(parse_note(note).text))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OccasioError(f"the checkpoint `{path}` cannot be read: {error.strerror}") from error
    except VerifyError as error:
        raise OccasioError(f"the checkpoint `{path}` cannot be used: {error}", hint=REWOUND) from None


def check_extends(place: Path, log: Ledger) -> LogHead:
    """Return the head of `log`, which extends every checkpoint that is kept.

    Raises `RewoundError` if it does not, `LedgerError` and `OccasioError` if that cannot be told.
    """
    seen = [noted for noted in (kept(place), kept(place, cosigned=True)) if noted is not None]
    if not seen:
        return log.head()
    with tree_of(log) as (head, hashes):
        for noted in seen:
            _check(noted.tree, log, head, hashes)
    return head


def write_checkpoint(place: Path, log: Ledger, signer: Signer, *, at_least: int = 0) -> Noted:
    """Return a checkpoint over all rows of `log`, signed, recorded in a `checkpoint` row, and kept.

    Where nothing has come since the last one but its own row, and it is over `at_least` rows, that one is returned.
    Raises what `check_extends` raises, and `OccasioError` if it cannot be signed or kept.
    """
    with _held(place):
        head = check_extends(place, log)
        if head.rows == 0:
            raise LedgerError(f"the log `{log.path}` has no row yet", hint="start a run: `occasio run -- COMMAND`")
        last = kept(place)
        if last is not None and last.tree.size >= max(head.rows - 1, at_least) and _ends_with(log, head, last):
            return last
        noted = sign_checkpoint(Checkpoint(origin(log), head.rows, head.root), signer)
        log.append(_entry(noted))
        _keep(place, noted, cosigned=False)
        return noted


def keep(place: Path, noted: Noted, *, cosigned: bool = False) -> None:
    """Keep a checkpoint that the log is known to extend, unless a later one is kept.  Raises `OccasioError`."""
    with _held(place):
        last = kept(place, cosigned=cosigned)
        if last is None or (last.tree.origin == noted.tree.origin and last.tree.size <= noted.tree.size):
            _keep(place, noted, cosigned=cosigned)


def origin(log: Ledger) -> str:
    """Return the name of the log, which has a row (SPEC section 7.2).  Raises `LedgerError`."""
    try:
        return log_origin(parse_row(first_row(log.path)).hash)
    except VerifyError as error:
        raise LedgerError(f"the first row of the log `{log.path}` is rejected: {error}", hint=REWOUND) from None


@contextmanager
def tree_of(log: Ledger) -> Iterator[tuple[LogHead, HashFile]]:
    """Provide the head of the log and the hashes of its tree, at one moment."""
    try:
        with HashFile(log.path) as hashes:
            head = log.head()
            hashes.reach(head.rows, head.size, head.root)
            yield head, hashes
    except OSError as error:
        raise LedgerError(f"the log `{log.path}` cannot be read: {error.strerror or error}") from error


def _check(seen: Checkpoint, log: Ledger, head: LogHead, hashes: HashFile) -> None:
    if head.rows < seen.size:
        what = f"{head.rows} rows, and the last checkpoint saw {seen.size}"
        raise RewoundError(f"the log `{log.path}` was cut: {what}", hint=REWOUND)
    if seen.size and (seen.origin != origin(log) or hashes.root(seen.size) != seen.root):
        raise RewoundError(f"the log `{log.path}` does not extend its last checkpoint: rows were changed", hint=REWOUND)


def _ends_with(log: Ledger, head: LogHead, last: Noted) -> bool:
    """Return whether nothing has come since the checkpoint `last`, its own row aside."""
    if last.tree.size == head.rows:
        return True
    row = parse_row(find_row(log.path, str(head.rows - 1), head.size))
    return row.kind == "checkpoint" and row.fields["tree_size"] == last.tree.size


def sign_checkpoint(tree: Checkpoint, signer: Signer) -> Noted:
    """Return the checkpoint, signed.  Raises `OccasioError` if the key is none that signs notes."""
    remembered = _Remembering(signer)
    try:
        note = sign_note(format_checkpoint(tree), tree.origin, remembered)
        vkey = format_vkey(VerifierKey(tree.origin, load_public_key(remembered.public_key)))
    except VerifyError as error:
        raise OccasioError(f"the key of the log cannot sign a checkpoint: {error.detail}") from None
    return Noted(note=note, tree=tree, vkey=vkey)


class _Remembering:
    """A signer that remembers the key it signed with."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.public_key = b""

    def sign(self, data: bytes, /) -> Signature:
        signature = self._signer.sign(data)
        self.public_key = signature.public_key
        return signature


def _entry(noted: Noted) -> Entry:
    fields: dict[str, Json] = {
        "note": noted.note.decode(),
        "origin": noted.tree.origin,
        "root_hash": noted.tree.root.hex(),
        "tree_size": noted.tree.size,
    }
    return Entry(kind="checkpoint", agent="occasio", protocol="internal", run_id=None, session_id=None, fields=fields)


def _keep(place: Path, noted: Noted, *, cosigned: bool) -> None:
    path = places.cosigned_path(place) if cosigned else places.checkpoint_path(place)
    try:
        write_whole(path, noted.note, 0o600)
    except OSError as error:
        raise OccasioError(f"the checkpoint `{path}` cannot be written: {error.strerror}") from error
    if noted.vkey:
        trustfile.trust_log(place, noted.tree.origin, noted.vkey)


@contextmanager
def _held(place: Path) -> Iterator[None]:
    """Hold the checkpoints of the home: no other process changes them meanwhile."""
    path = places.checkpoint_path(place)
    try:
        descriptor = open_private(path.with_name(f"{path.name}.lock"))
    except OSError as error:
        raise OccasioError(f"the checkpoint `{path}` cannot be locked: {error.strerror}") from error
    try:
        with FileLock(descriptor):
            yield
    finally:
        os.close(descriptor)
