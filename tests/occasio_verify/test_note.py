import base64
import re
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify.errors import NoteError
from occasio_verify.merkle import EMPTY_ROOT
from occasio_verify.note import (
    ED25519,
    MAX_NOTE_BYTES,
    Checkpoint,
    Note,
    NoteSignature,
    VerifierKey,
    format_checkpoint,
    format_note,
    format_vkey,
    key_id,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    sign_note,
    verify_note,
)
from occasio_verify.signature import load_public_key

# the example of the signed-note specification
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_LINE = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SPEC_NOTE = f"This is an example message.\n\n{SPEC_LINE}".encode()

# the two signers of the documentation of golang.org/x/mod/sumdb/note
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_VKEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
GO_NOTE = f"{GO_TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode()

ROOT = bytes(range(32))
ROOT_LINE = base64.b64encode(ROOT).decode()


@dataclass
class Seen:
    """A signature and the key that made it."""

    sig: bytes
    public_key: bytes


@dataclass
class KeySigner:
    """Signs with a private key that the tests know."""

    private: ed25519.Ed25519PrivateKey

    def sign(self, data: bytes, /) -> Seen:
        return Seen(self.private.sign(data), spki(self.private))


def spki(private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


SIGNER = KeySigner(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
VKEY = format_vkey(VerifierKey("occasio.local/log", load_public_key(spki(SIGNER.private))))


def code_of(function: object, *arguments: object) -> str:
    """The code with which `function` refuses these arguments."""
    assert callable(function)
    with pytest.raises(NoteError) as caught:
        function(*arguments)
    return caught.value.code


def line(name: str = "somebody", blob: bytes = b"\0\0\0\0signature") -> str:
    return f"— {name} {base64.b64encode(blob).decode()}\n"


def test_the_note_of_the_specification_is_by_the_key_of_the_specification() -> None:
    note = parse_note(SPEC_NOTE)
    assert note.text == "This is an example message.\n"
    assert verify_note(note, [SPEC_VKEY]) == ("example.com/foo",)


def test_two_signatures_are_each_by_their_key() -> None:
    note = parse_note(GO_NOTE)
    assert note.text == GO_TEXT
    assert [signature.key_id.hex() for signature in note.signatures] == ["c74f20a3", "af0cfe78"]
    assert verify_note(note, [ENOCH_VKEY, PETER_VKEY]) == ("PeterNeumann", "EnochRoot")


def test_signatures_by_unknown_keys_are_passed_over() -> None:
    assert verify_note(parse_note(GO_NOTE), [ENOCH_VKEY, SPEC_VKEY]) == ("EnochRoot",)


def test_nobody_vouches_where_no_key_is_known() -> None:
    assert verify_note(parse_note(GO_NOTE), []) == ()
    assert verify_note(parse_note(GO_NOTE), [SPEC_VKEY]) == ()


def test_the_name_and_the_key_id_must_both_be_known() -> None:
    renamed = PETER_LINE.replace("PeterNeumann", "EnochRoot")
    assert verify_note(parse_note(f"{GO_TEXT}\n{renamed}".encode()), [PETER_VKEY, ENOCH_VKEY]) == ()


def test_a_bad_signature_by_a_known_key_condemns_the_note() -> None:
    changed = GO_NOTE.replace(b"answer", b"Answer")
    assert code_of(verify_note, parse_note(changed), [PETER_VKEY]) == "note-signature"


def test_a_good_signature_does_not_make_up_for_a_bad_one() -> None:
    note = parse_note(GO_NOTE)
    peter, enoch = note.signatures
    forged = NoteSignature(enoch.name, enoch.key_id, peter.signature)
    assert code_of(verify_note, Note(note.text, (peter, forged)), [PETER_VKEY, ENOCH_VKEY]) == "note-signature"
    assert verify_note(Note(note.text, (peter, forged)), [PETER_VKEY]) == ("PeterNeumann",)


def test_a_known_key_with_a_signature_of_another_type_condemns_the_note() -> None:
    note = parse_note(GO_NOTE)
    longer = NoteSignature("PeterNeumann", note.signatures[0].key_id, bytes(8) + note.signatures[0].signature)
    assert code_of(verify_note, Note(note.text, (longer,)), [PETER_VKEY]) == "note-signature"


def test_who_signs_twice_is_named_once() -> None:
    note = parse_note(f"{GO_TEXT}\n{PETER_LINE}{PETER_LINE}".encode())
    assert verify_note(note, [PETER_VKEY, PETER_VKEY]) == ("PeterNeumann",)


@pytest.mark.parametrize("data", [SPEC_NOTE, GO_NOTE, f"\n\n{line()}".encode(), f"a\n\n\n\nb\n\n{line()}".encode()])
def test_a_note_is_written_as_it_was_read(data: bytes) -> None:
    assert format_note(parse_note(data)) == data


def test_the_text_ends_before_the_last_empty_line() -> None:
    assert parse_note(f"a\n\n{line('x')}\n\n{line('y')}".encode()).text == f"a\n\n{line('x')}\n"


def test_a_hundred_signatures_are_read_and_one_more_is_not() -> None:
    assert len(parse_note(f"text\n\n{line() * 100}".encode()).signatures) == 100
    assert code_of(parse_note, f"text\n\n{line() * 101}".encode()) == "note-form"


def test_a_note_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    rest = f"\n\n{line()}".encode()
    assert parse_note(b"x" * (MAX_NOTE_BYTES - len(rest)) + rest)
    assert code_of(parse_note, b"x" * (MAX_NOTE_BYTES - len(rest) + 1) + rest) == "note-form"


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "\n\n",
        "text",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        line(),
        f"\n{line()}",
        f"text\n{line()}",
        f"text\n\n{line()[:-1]}",
        f"text\n\n{line()}\n",
        f"text\n\n{line()}more\n",
        f"text\r\n\r\n{line()}",
        f"te\0xt\n\n{line()}",
        f"te\txt\n\n{line()}",
        f"te\x1fxt\n\n{line()}",
        f"text\n\n{line().replace('—', '-')}",
        f"text\n\n{line().replace('— ', '—')}",
        f"text\n\n{line().replace('— ', '—  ')}",
        f"text\n\n {line()}",
        f"text\n\n{line(name='')}",
        f"text\n\n{line(name='a+b')}",
        "text\n\n" + line(name="a\u00a0b"),
        "text\n\n" + line(name="a\u2028b"),
        f"text\n\n{line(name='a b')}",
        f"text\n\n{line(blob=b'')}",
        f"text\n\n{line(blob=b'1234')}",
        f"text\n\n{line()[:-1]} \n",
        "text\n\n— name\n",
        "text\n\n— name AAAAAAB=\n",
        "text\n\n— name AAAAAAA\n",
        "text\n\n— name AAAA_AA=\n",
    ],
)
def test_what_is_not_exactly_a_signed_note_is_refused(note: str) -> None:
    assert code_of(parse_note, note.encode()) == "note-form"


@pytest.mark.parametrize("text", [b"\xff", b"\xed\xa0\x80", b"\xc0\xaf"])
def test_a_note_that_is_not_utf8_is_refused(text: bytes) -> None:
    assert code_of(parse_note, text + f"\n\n{line()}".encode()) == "note-form"


@pytest.mark.parametrize(
    "note",
    [
        Note("no line end", parse_note(SPEC_NOTE).signatures),
        Note("text\n", ()),
        Note("control\x01\n", parse_note(SPEC_NOTE).signatures),
        Note("half a pair \ud800\n", parse_note(SPEC_NOTE).signatures),
        Note("text\n", (NoteSignature("a b", bytes(4), b"x"),)),
        Note("text\n", (NoteSignature("a", bytes(4), b""),)),
        Note("text\n", (NoteSignature("a\n\n— b AAAAAAA=", bytes(4), b"x"),)),
    ],
    ids=range(7),
)
def test_what_would_be_read_as_another_note_is_not_written(note: Note) -> None:
    assert code_of(format_note, note) == "note-form"


def test_a_key_id_of_another_length_is_not_written() -> None:
    assert parse_note(format_note(Note("text\n", (NoteSignature("a", b"1234", b"5"),)))).signatures[0].signature == b"5"
    assert code_of(format_note, Note("text\n", (NoteSignature("a", b"123", b"45"),))) == "note-form"


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=60) | st.text(st.sampled_from("a+ \n\t\u00a0—=QUE"), max_size=40).map(lambda text: text.encode())
)
def test_whatever_the_bytes_a_note_is_refused_or_written_back_the_same(data: bytes) -> None:
    for candidate in (data, data + f"\n\n{line()}".encode(), b"text\n\n\xe2\x80\x94 " + data + b"\n"):
        try:
            note = parse_note(candidate)
        except NoteError as error:
            assert error.code == "note-form"
        else:
            assert format_note(note) == candidate


@pytest.mark.parametrize("vkey", [SPEC_VKEY, PETER_VKEY, ENOCH_VKEY, VKEY])
def test_a_verifier_key_is_written_as_it_was_read(vkey: str) -> None:
    assert format_vkey(parse_vkey(vkey)) == vkey


def test_the_key_id_is_that_of_the_specification() -> None:
    raw = base64.b64decode(SPEC_VKEY.split("+", 2)[2])[1:]
    assert key_id("example.com/foo", ED25519, raw).hex() == "530d903a"
    assert parse_vkey(SPEC_VKEY).key_id.hex() == "530d903a"


WITNESS = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"  # type 4, a cosignature


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        SPEC_VKEY.replace("530d903a", "530D903A"),
        SPEC_VKEY.replace("530d903a", "530d903b"),
        SPEC_VKEY.replace("530d903a", "0530d903a"),
        SPEC_VKEY.replace("530d903a", "530d903a\n"),
        SPEC_VKEY.replace("example.com/foo", "example.com/bar"),
        SPEC_VKEY.replace("example.com/foo", ""),
        SPEC_VKEY.replace("example.com/foo", "example.com foo"),
        SPEC_VKEY + "A",
        SPEC_VKEY + "\n",
        SPEC_VKEY[:-4],
        SPEC_VKEY[:-1] + "l",
        WITNESS,
        "a+" + key_id("a", 1, bytes(32)).hex() + "+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        "a+" + key_id("a", 1, b"").hex() + "+" + base64.b64encode(b"\x01").decode(),
    ],
)
def test_what_is_not_exactly_an_ed25519_verifier_key_is_refused(vkey: str) -> None:
    assert code_of(parse_vkey, vkey) == "note-form"
    assert code_of(verify_note, parse_note(SPEC_NOTE), [vkey]) == "note-form"


def test_a_key_of_another_algorithm_has_no_verifier_key() -> None:
    other = load_public_key(spki(ec.derive_private_key(3, ec.SECP256R1())))
    assert code_of(format_vkey, VerifierKey("name", other)) == "note-form"


def test_a_key_with_a_name_that_no_note_can_have_is_not_written() -> None:
    assert code_of(format_vkey, VerifierKey("a+b", parse_vkey(SPEC_VKEY).key)) == "note-form"


CHECKPOINT = Checkpoint("occasio.local/log", 7, ROOT)


def test_a_checkpoint_is_signed_and_read_back() -> None:
    data = sign_note(format_checkpoint(CHECKPOINT), "occasio.local/log", SIGNER)
    note = parse_note(data)
    assert verify_note(note, [VKEY]) == ("occasio.local/log",)
    assert parse_checkpoint(note.text) == CHECKPOINT


def signers(data: bytes) -> tuple[str, ...]:
    """Who vouches for `data`: nobody, if it is no note or a bad one."""
    try:
        return verify_note(parse_note(data), [VKEY])
    except NoteError:
        return ()


def test_every_byte_of_a_signed_checkpoint_matters() -> None:
    data = sign_note(format_checkpoint(CHECKPOINT), "occasio.local/log", SIGNER)
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        assert signers(bytes(flipped)) == ()


def test_the_text_of_a_checkpoint_is_three_lines() -> None:
    assert format_checkpoint(CHECKPOINT) == f"occasio.local/log\n7\n{ROOT_LINE}\n"


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("o", 0, EMPTY_ROOT),
        Checkpoint("with space and +", 1, ROOT),
        Checkpoint("o", 2**53 - 1, ROOT),
        Checkpoint("o", 10, ROOT, ("extension", "another one")),
    ],
)
def test_a_checkpoint_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


def test_the_checkpoint_of_the_specification_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = parse_checkpoint(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert format_checkpoint(checkpoint) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        "o\n7\n",
        f"o\n7\n{ROOT_LINE}",
        f"\n7\n{ROOT_LINE}\n",
        f"o\n\n{ROOT_LINE}\n",
        "o\n7\n\n",
        f"o\n7\n{ROOT_LINE}\n\n",
        f"o\n7\n{ROOT_LINE}\n\nextension\n",
        f"o\n07\n{ROOT_LINE}\n",
        f"o\n00\n{ROOT_LINE}\n",
        f"o\n+7\n{ROOT_LINE}\n",
        f"o\n-7\n{ROOT_LINE}\n",
        f"o\n 7\n{ROOT_LINE}\n",
        f"o\n7 \n{ROOT_LINE}\n",
        f"o\n7.0\n{ROOT_LINE}\n",
        f"o\n0x7\n{ROOT_LINE}\n",
        f"o\n1_0\n{ROOT_LINE}\n",
        f"o\n\u0667\n{ROOT_LINE}\n",
        f"o\n\uff17\n{ROOT_LINE}\n",
        f"o\n9007199254740992\n{ROOT_LINE}\n",
        f"o\n{'9' * 5000}\n{ROOT_LINE}\n",
        f"o\n7\n{ROOT_LINE[:-1]}\n",
        f"o\n7\n{ROOT_LINE} \n",
        f"o\n7\n{ROOT.hex()}\n",
        f"o\n7\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"o\n7\n{base64.b64encode(ROOT + ROOT[:1]).decode()}\n",
        f"o\n7\n{ROOT_LINE.replace('8=', '9=')}\n",
        f"7\n{ROOT_LINE}\no\n",
    ],
)
def test_what_is_not_exactly_a_checkpoint_is_refused(text: str) -> None:
    assert code_of(parse_checkpoint, text) == "checkpoint-form"


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 7, ROOT),
        Checkpoint("o\n8", 7, ROOT),
        Checkpoint("o", -1, ROOT),
        Checkpoint("o", 2**53, ROOT),
        Checkpoint("o", 7, ROOT[:31]),
        Checkpoint("o", 7, ROOT, ("",)),
        Checkpoint("o", 7, ROOT, ("a\nb",)),
    ],
)
def test_what_would_be_read_as_another_checkpoint_is_not_written(checkpoint: Checkpoint) -> None:
    assert code_of(format_checkpoint, checkpoint) == "checkpoint-form"


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("o07=\nA+/ "), max_size=20), st.booleans())
def test_whatever_the_text_a_checkpoint_is_refused_or_written_back_the_same(text: str, rooted: bool) -> None:
    text = f"o\n{text}\n{ROOT_LINE}\n" if rooted else text
    try:
        checkpoint = parse_checkpoint(text)
    except NoteError as error:
        assert re.fullmatch("checkpoint-form", error.code)
    else:
        assert format_checkpoint(checkpoint) == text
