"""What is said of a log: whole as far as it goes, and compared with what somebody remembered."""

import base64
import hashlib

import pytest

from occasio_verify import NoteError, Trust, VerifierKey, format_vkey, load_public_key
from occasio_verify.logreport import verify_log
from tests.samples import run_of
from tests.spec import worked_example as example

LOG = example.rows()
ORIGIN = f"occasio.local/{LOG.rows[0]['hash'][:32]}"
KEY = load_public_key(example.Key(example.LOG_KEY).pem.encode())
KNOWN = Trust(logs=(format_vkey(VerifierKey(ORIGIN, KEY)),))
NOTE = example.checkpoint(LOG).encode()


def note(*, origin=ORIGIN, size=4, root=None):
    """Return a checkpoint signed by a key that nobody knows."""
    root = example.tree_root(LOG.lines[:size]) if root is None else root
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    return f"{text}\n\u2014 somebody {base64.b64encode(bytes(68)).decode()}\n".encode()


def report(tmp_path, checkpoint, trust=Trust(), lines=LOG.lines, **options):  # noqa: B008
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return verify_log(path, checkpoint, trust, **options)


def code(found):
    return [check.code for check in found.checks if check.status == "fail"]


def test_a_log_alone_is_intact_and_what_that_leaves_open_is_said(tmp_path):
    found = report(tmp_path, None)
    assert (found.verdict, found.checks[1].code) == ("INTACT", "no-checkpoint")
    assert "Keep a checkpoint elsewhere" in found.notes[0]
    assert "authenticated" in found.to_text()


def test_a_log_that_extends_a_remembered_checkpoint_is_verified(tmp_path):
    for jobs in (1, 2):
        assert report(tmp_path, note(), jobs=jobs).verdict == "VERIFIED"
    assert "kept by you" in report(tmp_path, note(size=2)).checks[1].detail
    assert "signed by log occasio.local/" in report(tmp_path, NOTE, KNOWN).checks[1].detail


def test_no_signer_is_spoken_of(tmp_path):
    found = report(tmp_path, note())
    assert found.signer is None and "the signer" not in found.to_text()


def test_what_was_counted_is_claimed(tmp_path):
    claims = {claim.name: claim.value for claim in report(tmp_path, None, lines=LOG.lines[:-1]).claims}
    assert claims == {"rows": 3, "open runs": 1, "last hash": LOG.rows[2]["hash"]}


@pytest.mark.parametrize(
    ("checkpoint", "expected"),
    [
        (note(size=5, root=bytes(32)), "log-truncated"),
        (note(size=2**53 - 1, root=bytes(32)), "log-truncated"),
        (note(root=bytes(32)), "checkpoint-root"),
        (note(size=3, root=example.tree_root(LOG.lines)), "checkpoint-root"),
        (note(size=0, root=hashlib.sha256().digest()), "checkpoint-root"),
        (note(size=0, root=bytes(32)), "checkpoint-root"),
        (note(origin=ORIGIN + "0"), "checkpoint-origin"),
        (note(origin="x", size=5, root=bytes(32)), "checkpoint-origin"),
    ],
)
def test_a_log_that_does_not_extend_it_fails(tmp_path, checkpoint, expected):
    found = report(tmp_path, checkpoint)
    assert (found.verdict, code(found), found.notes) == ("FAILED", [expected], ())


def test_a_bad_signature_of_a_known_log_fails(tmp_path):
    assert code(report(tmp_path, NOTE.replace(b"\n4\n", b"\n3\n"), KNOWN)) == ["note-signature"]


@pytest.mark.parametrize(
    "checkpoint", [b"", b"x", NOTE[:-1], NOTE.replace(b"\n4\n", b"\n04\n"), b"a\n\n" + NOTE.split(b"\n\n")[1]]
)
def test_what_is_no_checkpoint_is_wrong_use(tmp_path, checkpoint):
    with pytest.raises(NoteError):
        report(tmp_path, checkpoint)


def test_a_log_that_fails_is_not_compared(tmp_path):
    found = report(tmp_path, note(), lines=[LOG.lines[1]])
    assert (found.verdict, code(found)) == ("FAILED", ["log-seq"])
    assert found.checks[1].code == "earlier-failure"
    assert (found.claims, found.notes) == ((), ())


def test_nothing_checked_is_no_pass(tmp_path):
    assert code(report(tmp_path, note(), lines=[])) == ["log-empty"]


def test_a_cut_log_is_another_thing_than_one_written_anew(tmp_path):
    assert code(report(tmp_path, NOTE, KNOWN, LOG.lines[:-1])) == ["log-truncated"]
    assert code(report(tmp_path, NOTE, KNOWN, run_of(2).lines)) == ["checkpoint-root"]


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        verify_log(tmp_path / "none", None, Trust())
