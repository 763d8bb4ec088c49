"""One row, or one checkpoint, is enough to ask a log whether it is still the same."""

import base64

import pytest

from occasio_verify import (
    Extension,
    NoteError,
    TlogProof,
    Trust,
    VerifierKey,
    WitnessPolicy,
    consistency_proof,
    format_extension,
    format_tlog_proof,
    format_vkey,
    inclusion_proof,
    leaf_hash,
    load_public_key,
)
from occasio_verify.proofreport import verify_extension, verify_proof
from tests.occasio_verify.test_cosignature import vkey
from tests.spec import worked_example as example

LOG = example.rows()
LEAVES = [leaf_hash(line) for line in LOG.lines]
ORIGIN = f"occasio.local/{LOG.rows[0]['hash'][:32]}"
KEY = load_public_key(example.Key(example.LOG_KEY).pem.encode())
KNOWN = Trust(logs=(format_vkey(VerifierKey(ORIGIN, KEY)),))
NOTE = example.checkpoint(LOG).encode()


def proof(index=2, note=NOTE):
    return format_tlog_proof(TlogProof(index, tuple(inclusion_proof(LEAVES, index)), note))


def kept(size):
    """Return a checkpoint that somebody kept, by a key that nobody knows."""
    text = f"{ORIGIN}\n{size}\n{base64.b64encode(example.tree_root(LOG.lines[:size])).decode()}\n"
    return f"{text}\n\u2014 somebody {base64.b64encode(bytes(68)).decode()}\n".encode()


def extension(old=2, claimed=None):
    return format_extension(Extension(old if claimed is None else claimed, tuple(consistency_proof(LEAVES, old)), NOTE))


def failed(report):
    return [(check.name, check.code) for check in report.checks if check.status == "fail"]


def test_a_row_of_a_known_log_is_verified():
    found = verify_proof(proof(), LOG.lines[2], KNOWN)
    assert found.verdict == "VERIFIED" and "the row stands in the log" in found.to_text()
    assert found.subject == f"row 2 of {ORIGIN}"


def test_a_row_of_an_unknown_log_is_intact():
    found = verify_proof(proof(), LOG.lines[2], Trust())
    assert (found.verdict, found.checks[2].code) == ("INTACT", "log-unknown")


def test_another_row_fails():
    assert failed(verify_proof(proof(), LOG.lines[1], KNOWN)) == [("row", "log-seq"), ("inclusion", "proof-root")]


def test_what_failed_claims_nothing():
    assert verify_proof(proof(), LOG.lines[1], KNOWN).claims == ()


def test_who_asks_for_a_witness_is_told_that_there_is_none():
    asked = Trust(logs=KNOWN.logs, witnesses=WitnessPolicy(1, (vkey(),)))
    assert failed(verify_proof(proof(), LOG.lines[2], asked)) == [("checkpoint", "witness-missing")]
    assert failed(verify_extension(kept(2), extension(), asked)) == [("checkpoint", "witness-missing")]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_log_that_goes_on_from_a_kept_checkpoint_is_verified(size):
    assert verify_extension(kept(size), extension(size), KNOWN).verdict == "VERIFIED"


def test_another_size_than_the_kept_one_fails():
    assert failed(verify_extension(kept(3), extension(2), KNOWN))[0] == ("consistency", "extension-size")


def test_what_is_no_proof_is_wrong_use():
    for data in (b"", NOTE):
        with pytest.raises(NoteError, match="-form"):
            verify_proof(data, LOG.lines[2], KNOWN)
        with pytest.raises(NoteError, match="-form"):
            verify_extension(NOTE, data, KNOWN)
