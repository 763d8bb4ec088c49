"""Verify Occasio's evidence offline, with nothing but the standard library.

`verify_bundle` checks one run's bundle, `walk_log` a log, and the rest are the parts that both are made of, for
programs that write evidence and want to write exactly what is checked.  SPEC.md says what they check.

Cheap to import: a part is imported when the first of its names is asked for.
"""

import sys
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False  # what `typing` says, without the cost of importing it
if TYPE_CHECKING:
    from collections.abc import Sequence

    from occasio_verify.attested import verify_attestation
    from occasio_verify.bundle import BUNDLE_SCHEMA, log_origin, manifest, verify_bundle
    from occasio_verify.canonical import Json, canonical
    from occasio_verify.certificate import signature_block
    from occasio_verify.chain import Chain, LinkError, RunEnd, check_log_order, check_run_chain
    from occasio_verify.cosignature import (
        COSIGNATURE,
        Cosignature,
        WitnessPolicy,
        cosign,
        parse_cosigner,
        verify_cosignatures,
    )
    from occasio_verify.coverage import Coverage, Gap, GapKind, coverage
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
    from occasio_verify.keyless import GITHUB_ISSUER, Certified, SigstoreUnavailable, check_sigstore
    from occasio_verify.log import LogError, Position, walk_log
    from occasio_verify.merkle import (
        EMPTY_ROOT,
        CompactRange,
        consistency_proof,
        inclusion_proof,
        leaf_hash,
        multiproof,
        node_hash,
        stream_multiproof,
        verify_consistency,
        verify_inclusion,
        verify_multiproof,
    )
    from occasio_verify.note import (
        Checkpoint,
        Note,
        NoteSignature,
        VerifierKey,
        format_checkpoint,
        format_note,
        format_vkey,
        known_keys,
        parse_checkpoint,
        parse_note,
        parse_vkey,
        sign_note,
        verify_note,
    )
    from occasio_verify.parse import parse_json
    from occasio_verify.predicate import PREDICATE_TYPE, predicate
    from occasio_verify.report import Exit, Report, Status, Verdict
    from occasio_verify.rows import MAX_ROW_BYTES, Row, parse_row, row_hash
    from occasio_verify.signature import PublicKey, load_public_key, pae
    from occasio_verify.statement import KEY_BUNDLE_TYPE, PAYLOAD_TYPE, statement
    from occasio_verify.tlogproof import (
        MAX_PROOF_BYTES,
        Extension,
        TlogProof,
        format_extension,
        format_tlog_proof,
        parse_extension,
        parse_tlog_proof,
    )
    from occasio_verify.trust import Trust, TrustedIdentity, TrustedKey, parse_trust

__all__ = [
    "BUNDLE_SCHEMA",
    "COSIGNATURE",
    "EMPTY_ROOT",
    "GENESIS",
    "GITHUB_ISSUER",
    "KEY_BUNDLE_TYPE",
    "LOG_KINDS",
    "MAX_PROOF_BYTES",
    "MAX_ROW_BYTES",
    "PAYLOAD_TYPE",
    "PREDICATE_TYPE",
    "ROW_SCHEMA",
    "BundleError",
    "Certified",
    "Chain",
    "ChainError",
    "Checkpoint",
    "CompactRange",
    "Cosignature",
    "Coverage",
    "Exit",
    "Extension",
    "Gap",
    "GapKind",
    "Json",
    "LinkError",
    "LogError",
    "MalformedError",
    "MerkleError",
    "NotABundleError",
    "Note",
    "NoteError",
    "NoteSignature",
    "Position",
    "PredicateError",
    "PublicKey",
    "Report",
    "Row",
    "RunEnd",
    "SignatureError",
    "SigstoreUnavailable",
    "StatementError",
    "Status",
    "TlogProof",
    "Trust",
    "TrustError",
    "TrustedIdentity",
    "TrustedKey",
    "Verdict",
    "VerifierKey",
    "VerifyError",
    "WitnessPolicy",
    "canonical",
    "check_log_order",
    "check_run_chain",
    "check_sigstore",
    "consistency_proof",
    "cosign",
    "coverage",
    "format_checkpoint",
    "format_extension",
    "format_note",
    "format_tlog_proof",
    "format_vkey",
    "git_digest",
    "inclusion_proof",
    "known_keys",
    "leaf_hash",
    "load_public_key",
    "log_origin",
    "main",
    "manifest",
    "multiproof",
    "node_hash",
    "pae",
    "parse_checkpoint",
    "parse_cosigner",
    "parse_extension",
    "parse_json",
    "parse_note",
    "parse_row",
    "parse_tlog_proof",
    "parse_trust",
    "parse_vkey",
    "predicate",
    "row_hash",
    "sign_note",
    "signature_block",
    "statement",
    "stream_multiproof",
    "verify_attestation",
    "verify_bundle",
    "verify_consistency",
    "verify_cosignatures",
    "verify_inclusion",
    "verify_multiproof",
    "verify_note",
    "walk_log",
]

_NAMES = {
    "attested": ("verify_attestation",),
    "bundle": ("BUNDLE_SCHEMA", "log_origin", "manifest", "verify_bundle"),
    "canonical": ("Json", "canonical"),
    "certificate": ("signature_block",),
    "chain": ("Chain", "LinkError", "RunEnd", "check_log_order", "check_run_chain"),
    "cosignature": (
        "COSIGNATURE",
        "Cosignature",
        "WitnessPolicy",
        "cosign",
        "parse_cosigner",
        "verify_cosignatures",
    ),
    "coverage": ("Coverage", "Gap", "GapKind", "coverage"),
    "errors": (
        "BundleError",
        "ChainError",
        "MalformedError",
        "MerkleError",
        "NotABundleError",
        "NoteError",
        "PredicateError",
        "SignatureError",
        "StatementError",
        "TrustError",
        "VerifyError",
    ),
    "fields": ("GENESIS", "LOG_KINDS", "ROW_SCHEMA", "git_digest"),
    "keyless": ("GITHUB_ISSUER", "Certified", "SigstoreUnavailable", "check_sigstore"),
    "log": ("LogError", "Position", "walk_log"),
    "merkle": (
        "CompactRange",
        "EMPTY_ROOT",
        "consistency_proof",
        "inclusion_proof",
        "leaf_hash",
        "multiproof",
        "node_hash",
        "stream_multiproof",
        "verify_consistency",
        "verify_inclusion",
        "verify_multiproof",
    ),
    "note": (
        "Checkpoint",
        "Note",
        "NoteSignature",
        "VerifierKey",
        "format_checkpoint",
        "format_note",
        "format_vkey",
        "known_keys",
        "parse_checkpoint",
        "parse_note",
        "parse_vkey",
        "sign_note",
        "verify_note",
    ),
    "parse": ("parse_json",),
    "predicate": ("PREDICATE_TYPE", "predicate"),
    "report": ("Exit", "Report", "Status", "Verdict"),
    "rows": ("MAX_ROW_BYTES", "Row", "parse_row", "row_hash"),
    "signature": ("PublicKey", "load_public_key", "pae"),
    "statement": ("KEY_BUNDLE_TYPE", "PAYLOAD_TYPE", "statement"),
    "tlogproof": (
        "MAX_PROOF_BYTES",
        "Extension",
        "TlogProof",
        "format_extension",
        "format_tlog_proof",
        "parse_extension",
        "parse_tlog_proof",
    ),
    "trust": ("Trust", "TrustedIdentity", "TrustedKey", "parse_trust"),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run `python -m occasio_verify` with these arguments and return its exit code."""
    from occasio_verify.__main__ import main as run

    return run(arguments)


class _Root(ModuleType):
    """A module in which a function stands before the part that it comes from, where both have the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _HOMES):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Root

if not TYPE_CHECKING:  # else a checker would take any name for one of these

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return value
