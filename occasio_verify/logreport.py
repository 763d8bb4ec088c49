"""Checking a log, and a remembered checkpoint against it (SPEC section 12), as a report."""

from __future__ import annotations

from pathlib import Path

from occasio_verify.bundle import log_origin, witnessed_by
from occasio_verify.canonical import Json
from occasio_verify.cosignature import check_witnesses
from occasio_verify.errors import ChainError, NoteError, VerifyError
from occasio_verify.log import Position, walk_log
from occasio_verify.note import Checkpoint, parse_checkpoint, parse_note, verify_note
from occasio_verify.report import Basis, Check, Claim, Report, Status
from occasio_verify.rows import MAX_ROW_BYTES, parse_row
from occasio_verify.trust import Trust

_MEANS = "every row holds, and the log extends the checkpoint that you gave"
_NO_CHECKPOINT = (
    "Not proved: that this is the whole log. Rows cut off at the end, or a log written anew from its first row, look "
    "the same. Keep a checkpoint elsewhere and give it with --checkpoint."
)
_PROVES = (
    "Proves: today's log extends what the checkpoint saw; nothing up to there was changed, dropped or added. Does not "
    "prove: that rows after the checkpoint were not cut off, or that the recorder was honest."
)


def verify_log(path: Path, checkpoint: bytes | None, trust: Trust, *, jobs: int = 1) -> Report:
    """Return the report on the log at `path` and, if given, on the checkpoint that it must extend.

    Raises `OSError`, and `NoteError` if the checkpoint is not well-formed.
    """
    seen = None if checkpoint is None else _Seen(checkpoint, trust)
    try:
        position = walk_log(path, jobs=jobs, root_at=None if seen is None else seen.tree.size)
    except VerifyError as error:
        return Report(
            subject=f"log {path}",
            profile="occasio",
            verified_means=_MEANS,
            checks=(Check("log", Status.FAIL, error.code, error.detail), _skipped("earlier-failure", "the log fails")),
        )
    walked = Check(
        "log", Status.PASS, "ok", f"{position.rows} rows, each with its hash, each following from the one before"
    )
    compared = (
        _skipped("no-checkpoint", "there was none to compare with") if seen is None else seen.check(path, position)
    )
    return Report(
        subject=f"log {path}",
        profile="occasio",
        verified_means=_MEANS,
        checks=(walked, compared),
        claims=tuple(_claims(position)),
        notes=(_NO_CHECKPOINT,) if seen is None else (_PROVES,) if compared.status is Status.PASS else (),
    )


class _Seen:
    """A checkpoint that somebody kept."""

    def __init__(self, note: bytes, trust: Trust) -> None:
        self._note = parse_note(note)
        self._trust = trust
        self.tree: Checkpoint = parse_checkpoint(self._note.text)

    def check(self, path: Path, position: Position) -> Check:
        """Return whether the log at `path`, walked up to `position`, extends this checkpoint."""
        try:
            return Check("checkpoint", Status.PASS, "ok", self._compare(path, position))
        except VerifyError as error:
            return Check("checkpoint", Status.FAIL, error.code, error.detail)

    def _compare(self, path: Path, position: Position) -> str:
        known = verify_note(self._note, self._trust.logs)
        witnessed = check_witnesses(self._note, self._trust.witnesses)
        if self.tree.origin != log_origin(_first_hash(path)):
            raise NoteError("checkpoint-origin", "the checkpoint is of another log")
        if self.tree.size > position.rows:
            raise ChainError("log-truncated", f"{position.rows} rows where the checkpoint saw {self.tree.size}")
        if self.tree.size == 0:
            raise ChainError("checkpoint-root", "a checkpoint over no rows shows nothing")
        if position.root != self.tree.root:
            raise ChainError(
                "checkpoint-root", f"the first {self.tree.size} rows are not those that the checkpoint saw"
            )
        signed = f"signed by log {', '.join(known)}" if known else "kept by you"
        return f"the log extends the checkpoint over {self.tree.size} rows, {signed}{witnessed_by(witnessed)}"


def _first_hash(path: Path) -> str:
    with path.open("rb") as file:
        return parse_row(file.readline(MAX_ROW_BYTES + 2).removesuffix(b"\n")).hash


def _skipped(code: str, why: str) -> Check:
    return Check("checkpoint", Status.NOT_CHECKED, code, why)


def _claims(position: Position) -> list[Claim]:
    counts: list[tuple[str, Json]] = [("rows", position.rows), ("open runs", len(position.chain.open_runs))]
    found = [Claim(name, value, Basis.VERIFIED) for name, value in counts]
    return [*found, Claim("last hash", position.last_hash, Basis.VERIFIED)]
