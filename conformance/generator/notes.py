"""Signed notes and checkpoints, SPEC section 7.2."""

import base64
import hashlib

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from generator.keys import Key
from generator.rows import Row

LOGS, WITNESSES = 1, 4  # types of signatures


def key_id(name: str, public: bytes, kind: int = LOGS) -> bytes:
    """Returns the first four bytes of SHA-256(name || 0x0A || kind || public key)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def public_bytes(key: Key) -> bytes:
    """Returns the 32 bytes of an Ed25519 public key."""
    return key.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def vkey(key: Key, name: str, kind: int = LOGS) -> str:
    """Returns the C2SP vkey."""
    return vkey_of(public_bytes(key), name, kind)


def vkey_of(public: bytes, name: str, kind: int = LOGS) -> str:
    """Returns the C2SP vkey of 32 bytes, whether or not they are a key."""
    return f"{name}+{key_id(name, public, kind).hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


def signature_line(text: str, key: Key, name: str) -> str:
    """Returns the signature line of `key` for the note `text`."""
    blob = key_id(name, public_bytes(key)) + key.sign(text.encode())
    return f"\u2014 {name} {base64.b64encode(blob).decode()}\n"


def cosigned_line(text: str, key: Key, name: str, time: int, signed_time: int | None = None) -> str:
    """Returns the line by which the witness `key` cosigns the checkpoint `text`; it may sign another time than it says."""
    said = time if signed_time is None else signed_time
    signature = key.sign(f"cosignature/v1\ntime {said}\n{text}".encode())
    blob = key_id(name, public_bytes(key), WITNESSES) + time.to_bytes(8) + signature
    return f"\u2014 {name} {base64.b64encode(blob).decode()}\n"


def signed(text: str, *keys: tuple[Key, str]) -> str:
    """Returns the note."""
    return text + "\n" + "".join(signature_line(text, key, name) for key, name in keys)


def body(origin: str, size: int, root: bytes) -> str:
    """Returns the text of a checkpoint."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def origin_of(rows: list[Row]) -> str:
    """Returns the origin of the log that begins with `rows[0]`."""
    return "occasio.local/" + rows[0]["hash"][:32]
