"""Two texts about a Merkle tree that carry their checkpoint with them.

- c2sp.org/tlog-proof: one leaf is in the log (`TlogProof`);
- the body of add-checkpoint in c2sp.org/tlog-witness: a log goes on from an older size (`Extension`).

Raises NoteError `tlog-proof-form` and `extension-form` for bytes that are none; to write what was read gives the same
bytes.  Whether a proof holds is for `merkle`, who signed for `note` and `cosignature`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from occasio_verify.canonical import MAX_SAFE_INTEGER
from occasio_verify.errors import MalformedError, NoteError
from occasio_verify.merkle import HASH_BYTES
from occasio_verify.note import MAX_NOTE_BYTES
from occasio_verify.signature import decode_base64

MAX_HASHES = 63
MAX_PROOF_BYTES = 2 * MAX_NOTE_BYTES
"""Of a whole text: the checkpoint, and as much again."""

_HEADER = "c2sp.org/tlog-proof@v1"
_DECIMAL = re.compile("0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The place of a leaf, the hashes from it up to the root, the checkpoint, and what nobody vouches for."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """From which size on, the hashes of the consistency proof, and the newer checkpoint."""

    old_size: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes


def parse_tlog_proof(data: bytes) -> TlogProof:
    """The proof that `data` spells."""
    code = "tlog-proof-form"
    lines, checkpoint = _parts(data, code)
    if lines[:1] != [_HEADER]:
        raise NoteError(code, f"the first line is not `{_HEADER}`")
    rest = lines[1:]
    extra = None
    if rest and rest[0].startswith("extra "):
        extra = _decoded(rest.pop(0).removeprefix("extra "), code)
    if not rest:
        raise NoteError(code, "there is no line `index`")
    return TlogProof(_number(rest[0], "index ", code), _hashes(rest[1:], code), checkpoint, extra)


def format_tlog_proof(proof: TlogProof) -> bytes:
    """The bytes that `parse_tlog_proof` reads as `proof`."""
    extra = [] if proof.extra is None else [f"extra {_base64(proof.extra)}"]
    data = _joined([_HEADER, *extra, f"index {proof.index}"], proof.hashes, proof.checkpoint)
    if parse_tlog_proof(data) != proof:
        raise NoteError("tlog-proof-form", "the proof would be read as something else")
    return data


def parse_extension(data: bytes) -> Extension:
    """The extension that `data` spells."""
    code = "extension-form"
    lines, checkpoint = _parts(data, code)
    return Extension(_number(lines[0], "old ", code), _hashes(lines[1:], code), checkpoint)


def format_extension(extension: Extension) -> bytes:
    """The bytes that `parse_extension` reads as `extension`."""
    data = _joined([f"old {extension.old_size}"], extension.hashes, extension.checkpoint)
    if parse_extension(data) != extension:
        raise NoteError("extension-form", "the extension would be read as something else")
    return data


def _parts(data: bytes, code: str) -> tuple[list[str], bytes]:
    """The lines before the first empty one, and the bytes behind it."""
    if len(data) > MAX_PROOF_BYTES:
        raise NoteError(code, f"more than {MAX_PROOF_BYTES} bytes")
    head, empty_line, checkpoint = data.partition(b"\n\n")
    if not empty_line:
        raise NoteError(code, "there is no empty line before the checkpoint")
    try:
        return head.decode("ascii").split("\n"), checkpoint
    except UnicodeDecodeError:
        raise NoteError(code, "a line before the checkpoint is not ASCII") from None


def _number(line: str, name: str, code: str) -> int:
    text = line.removeprefix(name)
    if text == line or not _DECIMAL.fullmatch(text) or int(text) > MAX_SAFE_INTEGER:
        raise NoteError(code, f"there is no line `{name.strip()}` with a number where one belongs")
    return int(text)


def _hashes(lines: Sequence[str], code: str) -> tuple[bytes, ...]:
    if len(lines) > MAX_HASHES:
        raise NoteError(code, f"more than {MAX_HASHES} hashes")
    hashes = tuple(_decoded(line, code) for line in lines)
    if any(len(each) != HASH_BYTES for each in hashes):
        raise NoteError(code, f"a hash is not of {HASH_BYTES} bytes")
    return hashes


def _joined(lines: list[str], hashes: Sequence[bytes], checkpoint: bytes) -> bytes:
    return "".join(f"{line}\n" for line in [*lines, *map(_base64, hashes), ""]).encode() + checkpoint


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decoded(text: str, code: str) -> bytes:
    try:
        return decode_base64(text)
    except MalformedError as error:
        raise NoteError(code, error.detail) from None
