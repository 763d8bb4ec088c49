"""Signed notes and the checkpoints in them: c2sp.org/signed-note and c2sp.org/tlog-checkpoint, with Ed25519 (type 1).

What witnesses add to a note is for `cosignature`; here it is one signature line more.

Raises NoteError `note-form` for bytes that are no note or no verifier key, `checkpoint-form` for a text that is no
checkpoint, and `note-signature` for a signature by a known key that does not hold.

Knows no tree: whether a root belongs to a log is for `merkle` to show.  Knows no private key: it is told how to sign.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from occasio_verify.canonical import MAX_SAFE_INTEGER
from occasio_verify.errors import MalformedError, NoteError, SignatureError
from occasio_verify.merkle import HASH_BYTES
from occasio_verify.signature import PublicKey, decode_base64, ed25519_public_key, load_public_key

MAX_NOTE_BYTES = 2**16
MAX_SIGNATURES = 100

ED25519 = 0x01
"""The type of a log's own signature; signatures of other types are by keys that are not known here."""

_KEY_ID_BYTES = 4
_ED25519_BYTES = 32
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_DECIMAL = re.compile("0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who is said to have signed, with which key, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text, its last line end included, and the signatures below it, none of them checked."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """An Ed25519 key, the name under which it signs notes, and what kind of signature it makes."""

    name: str
    key: PublicKey
    signature_type: int = ED25519

    @property
    def key_id(self) -> bytes:
        """The four bytes that name this key in a signature line."""
        return key_id(self.name, self.signature_type, _raw(self.key))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its name, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


class Signed(Protocol):
    """What a signer gives back: the signature, and the key that checks it in any form that `load_public_key` reads."""

    @property
    def sig(self) -> bytes: ...

    @property
    def public_key(self) -> bytes: ...


class NoteSigner(Protocol):
    """Whoever can sign a note."""

    def sign(self, data: bytes, /) -> Signed: ...


def parse_note(data: bytes) -> Note:
    """The note that `data` spells; to write it again gives the same bytes."""
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError("note-form", f"a note of more than {MAX_NOTE_BYTES} bytes")
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteError("note-form", "the note is not UTF-8") from None
    if _CONTROL.search(note):
        raise NoteError("note-form", "the note has a control character")
    text, empty_line, lines = note.rpartition("\n\n")  # the last one; the text may have others
    if not empty_line or not lines.endswith("\n"):
        raise NoteError("note-form", "no signature lines below an empty line")
    signatures = lines[:-1].split("\n")
    if len(signatures) > MAX_SIGNATURES:
        raise NoteError("note-form", f"more than {MAX_SIGNATURES} signatures")
    return Note(f"{text}\n", tuple(map(_signature, signatures)))


def format_note(note: Note) -> bytes:
    """The bytes of `note`, which `parse_note` reads as the same note."""
    lines = [f"\u2014 {line.name} {_base64(line.key_id + line.signature)}\n" for line in note.signatures]
    data = f"{note.text}\n{''.join(lines)}".encode("utf-8", "surrogatepass")  # to be refused as what is not UTF-8
    if parse_note(data) != note:
        raise NoteError("note-form", "the text or a name would be read as something else")
    return data


def verify_note(note: Note, vkeys: Iterable[str]) -> tuple[str, ...]:
    """The names of the keys among `vkeys` that signed `note`, in its order; if there are none, nobody vouches for it.

    One bad signature by a known key condemns the whole note; signatures by other keys are passed over.
    """
    known = known_keys(vkeys)
    message = note.text.encode("utf-8")
    names = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.verify(line.signature, message):
            raise NoteError("note-signature", f"the signature by `{line.name}` does not hold")
        names.append(line.name)
    return tuple(dict.fromkeys(names))


def sign_note(text: str, name: str, signer: NoteSigner) -> bytes:
    """The note that says `text`, signed by `signer` as `name`.  Raises SignatureError `key-form` for an odd key."""
    signed = signer.sign(text.encode("utf-8"))
    key = VerifierKey(name, load_public_key(signed.public_key))
    return format_note(Note(text, (NoteSignature(name, key.key_id, signed.sig),)))


def key_id(name: str, signature_type: int, public_key: bytes) -> bytes:
    """The first four bytes of SHA-256(name || 0x0A || type || public key): a hint, too short to be trusted."""
    return hashlib.sha256(name.encode("utf-8") + bytes([0x0A, signature_type]) + public_key).digest()[:_KEY_ID_BYTES]


def parse_vkey(text: str, signature_type: int = ED25519) -> VerifierKey:
    """The key in a line `name+hex(key id)+base64(type || key)`, which must be of this type."""
    name, _, rest = text.partition("+")
    key_id_hex, _, encoded = rest.partition("+")  # base64 may have a + of its own
    _check_name(name)
    blob = _decoded(encoded, "note-form")
    if blob[:1] != bytes([signature_type]):
        raise NoteError("note-form", f"the verifier key is not of type {signature_type}")
    try:
        key = VerifierKey(name, ed25519_public_key(blob[1:]), signature_type)
    except SignatureError as error:
        raise NoteError("note-form", f"the verifier key is {error.detail}") from None
    if key.key_id.hex() != key_id_hex:  # capitals are no second spelling
        raise NoteError("note-form", "the verifier key does not have the key id that it says")
    return key


def known_keys(vkeys: Iterable[str], signature_type: int = ED25519) -> dict[tuple[str, bytes], PublicKey]:
    """The keys in these lines by name and key id, which must tell them apart."""
    known: dict[tuple[str, bytes], PublicKey] = {}
    for key in (parse_vkey(vkey, signature_type) for vkey in vkeys):
        if known.setdefault((key.name, key.key_id), key.key) != key.key:
            raise NoteError("note-form", f"two verifier keys share the name `{key.name}` and their key id")
    return known


def format_vkey(key: VerifierKey) -> str:
    """The line that `parse_vkey` reads as `key`."""
    _check_name(key.name)
    return f"{key.name}+{key.key_id.hex()}+{_base64(bytes([key.signature_type]) + _raw(key.key))}"


def parse_checkpoint(text: str) -> Checkpoint:
    """What the text of a note says as a checkpoint: three lines, and any number of extension lines."""
    *lines, end = text.split("\n")
    if end or len(lines) < 3 or "" in lines:
        raise NoteError("checkpoint-form", "a checkpoint has at least three lines, and none is empty")
    origin, size, encoded_root, *extensions = lines
    if not _DECIMAL.fullmatch(size) or int(size) > MAX_SAFE_INTEGER:
        raise NoteError("checkpoint-form", "the second line is not the size of a tree")
    root = _decoded(encoded_root, "checkpoint-form")
    if len(root) != HASH_BYTES:
        raise NoteError("checkpoint-form", f"the root is not of {HASH_BYTES} bytes")
    return Checkpoint(origin, int(size), root, tuple(extensions))


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text that `parse_checkpoint` reads as `checkpoint`."""
    lines = [checkpoint.origin, str(checkpoint.size), _base64(checkpoint.root), *checkpoint.extensions]
    text = "".join(f"{line}\n" for line in lines)
    if parse_checkpoint(text) != checkpoint:
        raise NoteError("checkpoint-form", "a line of the checkpoint would be read as something else")
    return text


def _signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "\u2014":
        raise NoteError("note-form", "a signature line does not begin with a dash and a space")
    _check_name(name)
    blob = _decoded(encoded, "note-form")
    if len(blob) <= _KEY_ID_BYTES:
        raise NoteError("note-form", f"the signature by `{name}` is empty")
    return NoteSignature(name, blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise NoteError("note-form", "the name of a key is empty, or has a space or a `+`")


def _raw(key: PublicKey) -> bytes:
    if key.algorithm != "ed25519":
        raise NoteError("note-form", f"notes are signed with Ed25519 here, not with {key.algorithm}")
    return key.spki[-_ED25519_BYTES:]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decoded(text: str, code: str) -> bytes:
    try:
        return decode_base64(text)
    except MalformedError as error:
        raise NoteError(code, error.detail) from None
