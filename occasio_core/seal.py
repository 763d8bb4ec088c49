"""Sealing a run: from its rows in the log to one file of evidence (SPEC sections 8 to 10).

Verifies before it attests: the whole log, then the run, then the finished bundle by the verifier that everybody else
uses. What that verifier would refuse is never written.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import cast

from occasio_core.checkpoints import Noted, sign_checkpoint
from occasio_core.errors import SealError
from occasio_core.interfaces import Signer
from occasio_core.signing import Keyless, Signatures, signatures
from occasio_verify import (
    BUNDLE_SCHEMA,
    Checkpoint,
    Json,
    Report,
    Row,
    Status,
    VerifyError,
    canonical,
    check_run_chain,
    leaf_hash,
    log_origin,
    manifest,
    parse_checkpoint,
    parse_note,
    parse_row,
    predicate,
    statement,
    stream_multiproof,
    verify_bundle,
    verify_multiproof,
    walk_log,
)

_ANEW = "occasio audit verify says what is wrong; move the checkpoint away only if you began the log anew yourself"

_CHANGED = "{} does not extend its last checkpoint: rows are gone or changed"

PolicyTexts = Callable[[str], str]
"""Returns the text of the policy with this SHA-256; raises `SealError` if it is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The rows of one run, checked, and their place in the log.

    `checkpoint` is the one that shows it, if there is one already: witnesses have cosigned it.
    """

    run_id: str
    rows: Sequence[Row] = field(repr=False)
    origin: str
    log_size: int
    log_root: bytes
    proof: Sequence[bytes] = field(repr=False)
    checkpoint: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A finished bundle:

    its bytes, the checkpoint inside, the key of the log if that signed it just now, the verifier's report, and who
    signed which Statement.
    """

    bundle: bytes = field(repr=False)
    checkpoint: bytes
    log_vkey: str
    report: Report
    signed_by: tuple[str, ...]
    statement: bytes = field(repr=False)


def read_run(
    log: Path,
    run_id: str,
    progress: Callable[[int], None] | None = None,
    *,
    remembered: bytes | None = None,
    cosigned: bytes | None = None,
) -> Run:
    """Return the run's rows after checking every row of `log`, and that it extends the checkpoint `remembered`.

    They are shown under the checkpoint `cosigned`, if it is behind them all.  Raises `SealError` if the log does not
    verify or extend the checkpoints, the run is not in it, or has not ended; `OSError` if it cannot be read.
    """
    seen = None if remembered is None else _read_checkpoint(remembered)
    try:
        position = walk_log(log, tree=True, root_at=None if seen is None else seen.size, progress=progress)
        rows = [row for row in _rows_naming(log, run_id, position.offset) if row.run_id == run_id]
        if not rows:
            raise SealError(f"no run `{run_id}` in {log}", hint="occasio audit verify shows what the log holds")
        check_run_chain(rows, run_id)
    except VerifyError as error:
        raise SealError(f"{log}: run `{run_id}` cannot be attested: {error}", hint=_hint(error)) from None
    if seen and seen.root != position.root:
        raise SealError(_CHANGED.format(log), hint=_ANEW)
    assert position.tree is not None
    origin = log_origin(parse_row(next(_lines(log, position.offset))).hash)
    whole = Checkpoint(origin=origin, size=position.rows, root=position.tree.root())
    shown = None if cosigned is None else _read_checkpoint(cosigned)
    if shown is None or not rows[-1].seq < shown.size <= position.rows:
        return _shown(log, position.offset, rows, whole, None)
    return _shown(log, position.offset, rows, shown, cosigned)


def _shown(log: Path, end: int, rows: Sequence[Row], tree: Checkpoint, note: bytes | None) -> Run:
    leaves = islice((leaf_hash(line) for line in _lines(log, end)), tree.size)
    places = [row.seq for row in rows]
    proof = stream_multiproof(leaves, tree.size, places)
    try:
        verify_multiproof(places, [leaf_hash(row.line) for row in rows], tree.size, proof, tree.root)
    except VerifyError:
        raise SealError(_CHANGED.format(log), hint=_ANEW) from None
    return Run(
        run_id=str(rows[0].run_id),
        rows=rows,
        origin=tree.origin,
        log_size=tree.size,
        log_root=tree.root,
        proof=proof,
        checkpoint=note,
    )


def _read_checkpoint(note: bytes) -> Checkpoint:
    try:
        return parse_checkpoint(parse_note(note).text)
    except VerifyError as error:
        raise SealError(f"the last checkpoint of the log cannot be used: {error}", hint=_ANEW) from None


def _hint(error: VerifyError) -> str:
    if error.code == "run-end":
        return "the run is still open; let the agent end, or close a run whose process died with `occasio audit repair`"
    return "occasio audit verify names the first line that does not hold"


def _rows_naming(log: Path, run_id: str, end: int) -> Iterator[Row]:
    name = canonical(run_id)
    return (parse_row(line) for line in _lines(log, end) if name in line)


def _lines(log: Path, end: int) -> Iterator[bytes]:
    """Yield the lines of the log up to byte `end`: rows that came since the walk are not part of what is sealed."""
    with log.open("rb") as file:
        while file.tell() < end:
            yield file.readline().removesuffix(b"\n")


def last_run(log: Path) -> str:
    """Return the id of the run that started last, found from the log's end.

    Raises `SealError` if the log has none, `OSError` if it cannot be read.
    """
    for line in _lines_from_end(log):
        if b'"kind":"run_started"' in line:
            try:
                row = parse_row(line)
            except VerifyError:
                continue  # whoever goes on with this run will be told where the log does not hold
            if row.kind == "run_started" and row.run_id is not None:
                return row.run_id
    raise SealError(f"{log} has no run", hint="start one with `occasio run -- COMMAND` or `occasio claude`")


def _lines_from_end(log: Path, block: int = 1 << 16) -> Iterator[bytes]:
    with log.open("rb") as file:
        begin, rest = file.seek(0, os.SEEK_END), b""
        while begin > 0:
            end, begin = begin, max(0, begin - block)
            file.seek(begin)
            first, *lines = (file.read(end - begin) + rest).split(b"\n")
            yield from reversed(lines)
            rest = first
        yield rest


def seal(
    run: Run, policies: PolicyTexts, log_signer: Signer, signer: Signer | None, keyless: Keyless | None = None
) -> Sealed:
    """Return the bundle of `run`, signed by those of `signer` and `keyless` that are given; the checkpoint in it is
    signed by `log_signer`, unless the run has one.

    Raises `SealError` if a policy is missing or the verifier would refuse the result, and what the signers raise.
    """
    noted = _checkpoint(run, log_signer)
    checkpoint = noted.note
    payload = statement(predicate_of(run), checkpoint)
    signed = signatures(payload, signer, keyless)
    bundle = canonical(_bundle(run, policies, checkpoint, signed)) + b"\n"
    report = verify_bundle(bundle, signed.trust)
    faults = [check for check in report.checks if check.status is Status.FAIL]
    if faults or (signed.signed_by and report.verdict != "VERIFIED"):
        why = "; ".join(f"{check.name}: {check.code}: {check.detail}" for check in faults or report.checks)
        raise SealError(f"the bundle of run `{run.run_id}` would not verify: {why}")
    return Sealed(
        bundle=bundle,
        checkpoint=checkpoint,
        log_vkey=noted.vkey,
        report=report,
        signed_by=signed.signed_by,
        statement=payload,
    )


def predicate_of(run: Run) -> dict[str, Json]:
    """Return what the rows of the run say in sum."""
    return predicate([row.fields for row in run.rows])


def _checkpoint(run: Run, log_signer: Signer) -> Noted:
    tree = Checkpoint(origin=run.origin, size=run.log_size, root=run.log_root)
    return sign_checkpoint(tree, log_signer) if run.checkpoint is None else Noted(note=run.checkpoint, tree=tree)


def _bundle(run: Run, policies: PolicyTexts, checkpoint: bytes, signed: Signatures) -> dict[str, Json]:
    loaded = [cast("Mapping[str, str]", row.fields["tool_inputs"]) for row in run.rows if row.kind == "policy_loaded"]
    if not loaded:
        raise SealError(f"run `{run.run_id}` has no row that says which policy was in force")
    kept = [_policy(row, policies) for row in loaded]
    bundle: dict[str, Json] = {
        "schema": BUNDLE_SCHEMA,
        "run_id": run.run_id,
        "attestation": {**predicate_of(run), "signature": signed.block},
        "chain_slice": [row.fields for row in run.rows],
        "policy_snapshot": kept[0],
        "policy_history": kept[1:],
        "log": {"checkpoint": checkpoint.decode(), "proof": [base64.b64encode(node).decode() for node in run.proof]},
        "key_bundle": signed.key_bundle,
        "sigstore_bundle": signed.sigstore_bundle,
        "generated_at": run.rows[-1].fields["ts"],
    }
    return bundle | {"manifest": manifest(bundle)}


def _policy(loaded: Mapping[str, str], policies: PolicyTexts) -> Json:
    return {
        "path": loaded["policy_path"],
        "sha256": loaded["policy_hash"],
        "text": policies(loaded["policy_hash"]),
    }
