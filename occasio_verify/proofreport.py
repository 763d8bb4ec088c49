"""Checking a proof that carries its checkpoint, as a report: one row in a log, or a log that goes on (SPEC 7.5, 7.6).

Needs no log: whoever got one row, or kept one checkpoint, can ask this much of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from occasio_verify.bundle import witnessed_by
from occasio_verify.cosignature import Cosignature, check_witnesses
from occasio_verify.errors import ChainError, NoteError, VerifyError
from occasio_verify.evidence import NotChecked
from occasio_verify.merkle import leaf_hash, verify_consistency, verify_inclusion
from occasio_verify.note import Checkpoint, Note, parse_checkpoint, parse_note, verify_note
from occasio_verify.report import Basis, Check, Claim, Report, Status
from occasio_verify.rows import parse_row
from occasio_verify.tlogproof import parse_extension, parse_tlog_proof
from occasio_verify.trust import Trust

_PROVES_ROW = (
    "Proves: this row stands at this place of the log that the checkpoint speaks of. Does not prove: what the other "
    "rows say, or that the run it belongs to is shown whole; a bundle does."
)
_PROVES_EXTENSION = (
    "Proves: the log of the newer checkpoint begins with all that the older one saw; nothing up to there was changed, "
    "dropped or added."
)


@dataclass(slots=True)
class _Signed:
    """A checkpoint, and who is found to have vouched for it."""

    note: Note
    tree: Checkpoint
    logs: Sequence[str] = field(default=())
    witnesses: Sequence[Cosignature] = field(default=())

    def check(self, trust: Trust) -> str:
        """Return who vouches for it.  Raises `VerifyError`, and `NotChecked` if nobody is known."""
        self.logs = verify_note(self.note, trust.logs)
        self.witnesses = check_witnesses(self.note, trust.witnesses)
        if not self.logs:
            raise NotChecked("log-unknown", "by a log key that you do not know")
        return f"signed by log {', '.join(self.logs)}{witnessed_by(self.witnesses)}"


def verify_proof(data: bytes, line: bytes, trust: Trust) -> Report:
    """Return the report on the `.tlog-proof` file `data` for the row `line`.

    Raises `NoteError` if the file or its checkpoint is not well-formed.
    """
    proof = parse_tlog_proof(data)
    signed = _signed(proof.checkpoint)
    tree = signed.tree

    def row() -> str:
        found = parse_row(line)
        if found.seq != proof.index:
            raise ChainError("log-seq", f"the row says that it is row {found.seq}, the proof is for {proof.index}")
        return f"a `{found.kind}` row with its hash"

    def inclusion() -> str:
        verify_inclusion(proof.index, tree.size, leaf_hash(line), proof.hashes, tree.root)
        return f"row {proof.index} of a log of {tree.size} rows, counted from 0"

    steps = (("row", row), ("inclusion", inclusion), ("checkpoint", lambda: signed.check(trust)))
    means = "the row stands in the log, and a log that you know signed the checkpoint"
    return _report(f"row {proof.index} of {tree.origin}", steps, tree, _PROVES_ROW, means)


def verify_extension(old: bytes, data: bytes, trust: Trust) -> Report:
    """Return the report on the extension `data`: that the log goes on from the checkpoint `old`.

    Raises `NoteError` if either is not well-formed.
    """
    extension = parse_extension(data)
    older, newer = _signed(old), _signed(extension.checkpoint)
    before, after = older.tree, newer.tree

    def kept() -> str:
        known = verify_note(older.note, trust.logs)
        if before.origin != after.origin:
            raise NoteError("checkpoint-origin", "the two checkpoints are of different logs")
        if before.size == 0:
            raise ChainError("checkpoint-root", "a checkpoint over no rows shows nothing")
        return f"over {before.size} rows, " + (f"signed by log {', '.join(known)}" if known else "kept by you")

    def consistency() -> str:
        if extension.old_size != before.size:
            raise NoteError("extension-size", f"it goes on from {extension.old_size} rows, not from {before.size}")
        verify_consistency(before.size, after.size, extension.hashes, before.root, after.root)
        return f"the log of {after.size} rows begins with the {before.size} rows that you knew"

    steps = (("kept", kept), ("consistency", consistency), ("checkpoint", lambda: newer.check(trust)))
    means = "the log extends the checkpoint that you gave, and one that you know signed the newer checkpoint"
    return _report(f"log {after.origin}", steps, after, _PROVES_EXTENSION, means)


def _signed(data: bytes) -> _Signed:
    note = parse_note(data)
    return _Signed(note, parse_checkpoint(note.text))


def _report(
    subject: str, steps: Sequence[tuple[str, Callable[[], str]]], tree: Checkpoint, proves: str, means: str
) -> Report:
    checks = tuple(_made(name, step) for name, step in steps)
    holds = not any(check.status is Status.FAIL for check in checks)
    basis = Basis.VERIFIED if checks[-1].status is Status.PASS else Basis.SELF_REPORTED
    claims = (Claim("rows", tree.size, basis), Claim("root", tree.root.hex(), basis))
    return Report(
        subject=subject,
        profile="occasio",
        checks=checks,
        claims=claims if holds else (),
        notes=(proves,) if holds else (),
        verified_means=means,
    )


def _made(name: str, step: Callable[[], str]) -> Check:
    try:
        return Check(name, Status.PASS, "ok", step())
    except NotChecked as reason:
        return Check(name, Status.NOT_CHECKED, reason.code, reason.detail)
    except VerifyError as error:
        return Check(name, Status.FAIL, error.code, error.detail)
