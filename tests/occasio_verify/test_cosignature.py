"""Witnesses count once each, and only for what they signed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_verify import NoteError, VerifierKey, cosign, format_note, format_vkey, load_public_key, parse_note
from occasio_verify.cosignature import (
    COSIGNATURE,
    WitnessPolicy,
    check_policy,
    check_witnesses,
    parse_cosigner,
    verify_cosignatures,
)
from occasio_verify.note import Note, NoteSignature
from tests.spec import worked_example as example

LOG = example.rows()
NOTE = parse_note(example.checkpoint(LOG).encode())
W1, W2 = example.Key(example.SIGNING_KEY), example.Key(example.LOG_KEY)
NAME = "witness.example/w1"

# the vkeys of transparency-dev/formats, note_cosigv1_test.go
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
LOG_TYPE = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"
# a cosignature of the same file, made at 1727964367
TIMED = "ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA=="
# the example of tlog-cosignature and of tlog-witness, made at 1679315147
C2SP = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def vkey(key=W1, name=NAME):
    return format_vkey(VerifierKey(name, load_public_key(key.pem.encode()), COSIGNATURE))


class Signer:
    def __init__(self, key):
        self.key = key

    def sign(self, data, /):
        return Signed(self.key.private.sign(data), self.key.pem.encode())


class Signed:
    def __init__(self, sig, public_key):
        self.sig, self.public_key = sig, public_key


def cosigned(*lines, note=NOTE):
    return Note(note.text, (*note.signatures, *lines))


def line(time=1, key=W1, name=NAME):
    return cosign(NOTE.text, name, time, Signer(key))


def refusal(policy, note):
    with pytest.raises(NoteError) as refused:
        check_witnesses(note, policy)
    return refused.value.code


def test_a_published_vkey_of_a_witness_is_read_and_written():
    assert parse_cosigner(REMORA).name == "remora.n621.de"
    assert format_vkey(parse_cosigner(REMORA)) == REMORA


@pytest.mark.parametrize("text", [LOG_TYPE, REMORA.replace("da77ade7", "00000000"), "bananas+12344556"])
def test_what_is_no_vkey_of_a_witness_is_refused(text):
    with pytest.raises(NoteError, match="note-form"):
        parse_cosigner(text)


def test_published_cosignatures_have_the_form_that_is_read():
    blob = base64.b64decode(TIMED)
    assert (len(blob), int.from_bytes(blob[4:12])) == (4 + 8 + 64, 1727964367)
    published = parse_note(C2SP.encode()).signatures[1]
    assert (len(published.signature), int.from_bytes(published.signature[:8])) == (8 + 64, 1679315147)


@given(st.integers(0, 2**63 - 1))
def test_whoever_cosigned_is_named_with_the_time(time):
    found = verify_cosignatures(cosigned(line(time)), [vkey()])
    assert [(one.name, one.time) for one in found] == [(NAME, time)]


def test_a_cosigned_note_is_read_as_it_was_written():
    note = cosigned(line())
    assert parse_note(format_note(note)) == note


def test_another_witness_is_passed_over():
    assert verify_cosignatures(cosigned(line()), [vkey(W2)]) == ()
    assert verify_cosignatures(cosigned(line()), [vkey(name="witness.example/other")]) == ()


def test_any_changed_byte_of_a_cosignature_condemns_the_note():
    good = line()
    for place in range(len(good.signature)):
        bad = bytearray(good.signature)
        bad[place] ^= 1
        changed = NoteSignature(good.name, good.key_id, bytes(bad))
        assert refusal(WitnessPolicy(1, (vkey(),)), cosigned(changed)) == "note-signature"


def test_a_cosignature_of_another_checkpoint_condemns_the_note():
    other = Note(NOTE.text.replace("\n4\n", "\n5\n"), (line(),))
    assert refusal(WitnessPolicy(1, (vkey(),)), other) == "note-signature"


def test_fewer_than_are_asked_for_is_a_refusal():
    both = WitnessPolicy(2, (vkey(), vkey(W2, "w2")))
    assert refusal(both, cosigned(line())) == "witness-missing"
    assert refusal(both, cosigned(line(1), line(2))) == "witness-missing"
    assert len(check_witnesses(cosigned(line(), line(key=W2, name="w2")), both)) == 2


def test_nobody_need_be_asked():
    assert check_witnesses(NOTE, None) == ()


@pytest.mark.parametrize(
    ("threshold", "vkeys"),
    [(0, [vkey()]), (2, [vkey()]), (1, []), (1, [vkey(), vkey()]), (2, [vkey(), vkey(name="again")]), (1, [LOG_TYPE])],
)
def test_a_policy_that_cannot_be_met_or_counts_one_twice_is_refused(threshold, vkeys):
    with pytest.raises(NoteError, match="note-form"):
        check_policy(WitnessPolicy(threshold, tuple(vkeys)))


def test_nothing_but_a_checkpoint_is_cosigned():
    with pytest.raises(NoteError, match="checkpoint-form"):
        cosign("origin\n4\n", NAME, 1, Signer(W1))
