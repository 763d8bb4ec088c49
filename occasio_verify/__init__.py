"""Verify Occasio's evidence offline, with nothing but the standard library.

`verify_bundle` checks one run's bundle, `walk_log` a log, and the rest are the parts that both are made of, for
programs that write evidence and want to write exactly what is checked.  SPEC.md says what they check.
"""

from collections.abc import Sequence

from occasio_verify.bundle import SCHEMA as BUNDLE_SCHEMA
from occasio_verify.bundle import log_origin, manifest, verify_bundle
from occasio_verify.canonical import Json, canonical
from occasio_verify.chain import LinkError, check_log_order, check_run_chain
from occasio_verify.errors import (
    BundleError,
    ChainError,
    MalformedError,
    MerkleError,
    NotABundleError,
    NoteError,
    PredicateError,
    SignatureError,
    StatementError,
    TrustError,
    VerifyError,
)
from occasio_verify.fields import GENESIS, LOG_KINDS, ROW_SCHEMA, git_digest
from occasio_verify.log import LogError, Position, walk_log
from occasio_verify.merkle import (
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    multiproof,
    stream_multiproof,
    verify_consistency,
    verify_inclusion,
    verify_multiproof,
)
from occasio_verify.note import (
    Checkpoint,
    Note,
    VerifierKey,
    format_checkpoint,
    format_note,
    format_vkey,
    parse_checkpoint,
    parse_note,
    sign_note,
    verify_note,
)
from occasio_verify.parse import parse_json
from occasio_verify.predicate import PREDICATE_TYPE, predicate
from occasio_verify.report import Exit, Report, Status, Verdict
from occasio_verify.rows import MAX_ROW_BYTES, Row, parse_row, row_hash
from occasio_verify.signature import PublicKey, load_public_key, pae
from occasio_verify.statement import KEY_BUNDLE_TYPE, PAYLOAD_TYPE, statement
from occasio_verify.trust import Trust, TrustedKey, parse_trust

__all__ = [
    "BUNDLE_SCHEMA",
    "GENESIS",
    "KEY_BUNDLE_TYPE",
    "LOG_KINDS",
    "MAX_ROW_BYTES",
    "PAYLOAD_TYPE",
    "PREDICATE_TYPE",
    "ROW_SCHEMA",
    "BundleError",
    "ChainError",
    "Checkpoint",
    "CompactRange",
    "Exit",
    "Json",
    "LinkError",
    "LogError",
    "MalformedError",
    "MerkleError",
    "NotABundleError",
    "Note",
    "NoteError",
    "Position",
    "PredicateError",
    "PublicKey",
    "Report",
    "Row",
    "SignatureError",
    "StatementError",
    "Status",
    "Trust",
    "TrustError",
    "TrustedKey",
    "Verdict",
    "VerifierKey",
    "VerifyError",
    "canonical",
    "check_log_order",
    "check_run_chain",
    "consistency_proof",
    "format_checkpoint",
    "format_note",
    "format_vkey",
    "git_digest",
    "inclusion_proof",
    "leaf_hash",
    "load_public_key",
    "log_origin",
    "main",
    "manifest",
    "multiproof",
    "pae",
    "parse_checkpoint",
    "parse_json",
    "parse_note",
    "parse_row",
    "parse_trust",
    "predicate",
    "row_hash",
    "sign_note",
    "statement",
    "stream_multiproof",
    "verify_bundle",
    "verify_consistency",
    "verify_inclusion",
    "verify_multiproof",
    "verify_note",
    "walk_log",
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m occasio_verify` with these arguments and return its exit code."""
    from occasio_verify.__main__ import main as run  # not before it is asked for: argparse is slow to import

    return run(arguments)
