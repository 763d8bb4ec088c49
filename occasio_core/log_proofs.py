"""Proofs about a home's log that carry a signed checkpoint: one row is in it, it goes on from an older checkpoint.

Each is checked before it is given away.  Knows the log and its checkpoints; it does not know files of proofs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core.checkpoints import RewoundError, kept, tree_of, write_checkpoint
from occasio_core.interfaces import Signer
from occasio_core.ledger import Ledger, find_row
from occasio_verify import (
    Checkpoint,
    Extension,
    MerkleError,
    TlogProof,
    leaf_hash,
    parse_row,
    verify_consistency,
    verify_inclusion,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A row, as it stands in the log, and the proof that it does, under a checkpoint over `size` rows."""

    line: bytes = field(repr=False)
    proof: TlogProof
    size: int


def prove(place: Path, log: Ledger, name: str, signer: Signer) -> Proved:
    """Return the proof for the row that `name` says, its position or its hash, under the last checkpoint that has it.

    One that witnesses cosigned is taken before others; where there is none a checkpoint is made.  Raises `UsageError`
    for no such row, `LedgerError` and `OccasioError`.
    """
    line = find_row(log.path, name, log.head().size)
    seq = parse_row(line).seq
    noted = [one for one in (kept(place, cosigned=True), kept(place)) if one is not None and one.tree.size > seq]
    under = noted[0] if noted else write_checkpoint(place, log, signer, at_least=seq + 1)
    with tree_of(log) as (_, hashes):
        proof = TlogProof(seq, tuple(hashes.inclusion(seq, under.tree.size)), under.note)
    _check(lambda: verify_inclusion(seq, under.tree.size, leaf_hash(line), proof.hashes, under.tree.root))
    return Proved(line=line, proof=proof, size=under.tree.size)


def extend(log: Ledger, old: Checkpoint, tree: Checkpoint, note: bytes) -> Extension:
    """Return the proof that the checkpoint `tree`, in `note`, goes on from `old`.

    Raises `RewoundError` if it does not, `LedgerError`.
    """
    if old.origin != tree.origin:
        raise RewoundError(f"the checkpoint is of another log, {old.origin}; this one is {tree.origin}")
    if old.size > tree.size:
        raise RewoundError(f"the log has {tree.size} rows, and the checkpoint saw {old.size}")
    extension = proved_extension(log, old.size, tree, note)
    _check(lambda: verify_consistency(old.size, tree.size, extension.hashes, old.root, tree.root))
    return extension


def proved_extension(log: Ledger, old_size: int, tree: Checkpoint, note: bytes) -> Extension:
    """Return the proof from `old_size` rows on, for somebody who has the root and will compare it himself.

    Raises `RewoundError` if the checkpoint has fewer rows, `LedgerError`.
    """
    with tree_of(log) as (head, hashes):
        if not old_size <= tree.size <= head.rows:
            raise RewoundError(f"the log has {min(tree.size, head.rows)} rows where {old_size} were seen")
        hashes_of_proof = () if old_size == tree.size else tuple(hashes.consistency(old_size, tree.size))
        return Extension(old_size, hashes_of_proof, note)


def _check(verify: Callable[[], None]) -> None:
    try:
        verify()
    except MerkleError as error:
        raise RewoundError(f"the log does not extend the checkpoint: {error.detail}") from None
