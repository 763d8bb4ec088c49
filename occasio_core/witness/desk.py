"""What a witness answers to `add-checkpoint` (c2sp.org/tlog-witness), and what it remembers.

A checkpoint is on the disk before it is cosigned, and one request of a log is carried out after the other, also among
processes; so no two cosigned checkpoints of a log contradict each other, whatever dies when.  Should a cosignature be
lost after that, the log asks again from the size that it is told.

The directory of a witness is a home of its own: its key, the logs that it knows (`trust.json`), and below `logs/` the
last checkpoint of each.  It knows no HTTP.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from occasio_core.errors import OccasioError, UsageError
from occasio_core.files import write_whole
from occasio_core.interfaces import Signer
from occasio_core.ledger.disk import open_private
from occasio_core.ledger.lock import FileLock
from occasio_core.trustfile import read_trust
from occasio_verify import (
    COSIGNATURE,
    EMPTY_ROOT,
    Checkpoint,
    Extension,
    MerkleError,
    Note,
    NoteError,
    VerifierKey,
    VerifyError,
    cosign,
    format_note,
    format_vkey,
    load_public_key,
    parse_checkpoint,
    parse_extension,
    parse_note,
    parse_vkey,
    verify_consistency,
    verify_note,
)

SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, the content type and the body of an answer."""

    status: int
    body: bytes
    content_type: str = TEXT_TYPE


class _RefusalError(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Desk:
    """The witness in the directory `place`, which signs as `name`; `clock` gives seconds since 1970."""

    place: Path
    name: str
    signer: Signer
    clock: Callable[[], float] = time.time

    def vkey(self) -> str:
        """Return the key by which its cosignatures are known.  Raises `OccasioError` if there is none to be used."""
        try:
            key = load_public_key(self.signer.sign(b"").public_key)
            return format_vkey(VerifierKey(self.name, key, COSIGNATURE))
        except VerifyError as error:
            raise OccasioError(f"the key of the witness cannot cosign: {error.detail}") from None

    def add_checkpoint(self, body: bytes) -> Answer:
        """Return the answer to this request; a cosignature only once the checkpoint is remembered.

        Raises `OSError` if it cannot be, and `OccasioError` if the directory cannot be used.
        """
        try:
            extension, note, tree = _read(body)
            self._check_log(note, tree)
            with self._held(tree.origin) as path:
                _check_follows(_remembered(path), extension, tree)
                moment = int(self.clock())
                line = cosign(note.text, self.name, moment, self.signer)
                write_whole(path, format_note(Note(note.text, note.signatures)), 0o600)
        except _RefusalError as refusal:
            return refusal.answer
        cosigned = format_note(Note(note.text, (line,)))
        return Answer(200, cosigned.removeprefix(f"{note.text}\n".encode()))

    def _check_log(self, note: Note, tree: Checkpoint) -> None:
        known = [vkey for vkey in read_trust(self.place).logs if parse_vkey(vkey).name == tree.origin]
        if not known:
            raise _RefusalError(_said(404, "this witness does not know the log"))
        try:
            signed = verify_note(note, known)
        except NoteError:
            signed = ()
        if not signed:
            raise _RefusalError(_said(403, "no signature by the log's key holds"))

    @contextmanager
    def _held(self, origin: str) -> Iterator[Path]:
        path = logs_path(self.place) / f"{sha256(origin.encode()).hexdigest()}.checkpoint"
        descriptor = open_private(path.with_suffix(".lock"))
        try:
            with FileLock(descriptor):
                yield path
        finally:
            os.close(descriptor)


def logs_path(place: Path) -> Path:
    """Return where the last checkpoints of a witness are."""
    return place / "logs"


def opened(place: Path, name: str | None) -> str:
    """Return the name of the witness in the directory `place`, after making what is missing of a new one.

    Raises `UsageError` if it has another name, or if a witness with a key has lost what it remembers: it could be made
    to cosign what contradicts that.
    """
    named, logs = place / "name", logs_path(place)
    if not named.exists():
        made = name or f"occasio.witness/{os.urandom(8).hex()}"
        try:
            parse_note(f"text\n\n\u2014 {made} AAAAAAAA\n".encode())
        except NoteError:
            raise UsageError(f"`{made}` cannot be the name of a witness", hint="no spaces, no `+`") from None
        logs.mkdir(mode=0o700, exist_ok=True)
        write_whole(named, f"{made}\n".encode(), 0o600)
    if not logs.is_dir():
        hint = "begin a new witness in another directory, with a new key, and tell whoever relies on this one"
        raise UsageError(f"the witness in {place} has lost what it remembers", hint=hint)
    found = named.read_text(encoding="utf-8").strip()
    if name not in (None, found):
        raise UsageError(f"the witness in {place} is called `{found}`, not `{name}`", hint="leave --name away")
    return found


def _read(body: bytes) -> tuple[Extension, Note, Checkpoint]:
    try:
        extension = parse_extension(body)
        note = parse_note(extension.checkpoint)
        return extension, note, parse_checkpoint(note.text)
    except VerifyError as error:
        raise _RefusalError(_said(400, str(error))) from None


def _remembered(path: Path) -> Checkpoint:
    """Return the last checkpoint of a log, one of no rows if there is none.  Raises `OccasioError`, `OSError`."""
    try:
        return parse_checkpoint(parse_note(path.read_bytes()).text)
    except FileNotFoundError:
        return Checkpoint("", 0, EMPTY_ROOT)
    except VerifyError as error:
        raise OccasioError(f"`{path}` cannot be used: {error}") from None


def _check_follows(last: Checkpoint, extension: Extension, tree: Checkpoint) -> None:
    """Check the request in the order of the specification."""
    if extension.old_size > tree.size:
        raise _RefusalError(_said(400, "the old size is larger than the checkpoint's"))
    if extension.old_size != last.size:
        raise _RefusalError(Answer(409, f"{last.size}\n".encode(), SIZE_TYPE))
    if tree.size == last.size and tree.root != last.root:
        raise _RefusalError(_said(409, "this witness has seen another root at this size"))
    try:
        verify_consistency(last.size, tree.size, extension.hashes, last.root, tree.root)
    except MerkleError as error:
        raise _RefusalError(_said(422, str(error))) from None


def _said(status: int, text: str) -> Answer:
    return Answer(status, f"{text}\n".encode())
