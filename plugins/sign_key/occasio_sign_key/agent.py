"""Keys that an ssh-agent holds: what it has, and signatures by it (draft-ietf-sshm-ssh-agent, sections 3.5 and 3.6).

The private key stays with the agent, which may be of another user, on another machine or in front of a hardware key.
Ed25519 and ECDSA P-256 only.  Knows a socket and the messages on it, not what a key is used for.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from occasio_core import OccasioError, Signature

VARIABLE = "SSH_AUTH_SOCK"
TIMEOUT_S = 60.0  # some agents ask a person first

_FAILURE, _REQUEST, _ANSWER, _SIGN, _SIGNED = 5, 11, 12, 13, 14
_MAX_ANSWER = 256 * 1024  # as OpenSSH limits it
_ED25519, _P256 = b"ssh-ed25519", b"ecdsa-sha2-nistp256"
# SubjectPublicKeyInfo up to the key itself: RFC 8410 section 4, RFC 5480 section 2 with an uncompressed point
_PREFIXES = {
    _ED25519: bytes.fromhex("302a300506032b6570032100"),
    _P256: bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200"),
}
_POINT_BYTES = {_ED25519: 32, _P256: 65}
_ALGORITHMS = {_ED25519: "ed25519", _P256: "ecdsa-p256-sha256"}


class AgentError(OccasioError):
    """Raised when the ssh-agent cannot be reached, does not have a key, or does not sign."""


@dataclass(frozen=True, slots=True)
class AgentKey:
    """The public half of a key that the agent has."""

    blob: bytes
    """As SSH writes it (RFC 8709, RFC 5656)."""

    @property
    def kind(self) -> bytes:
        """The name that SSH has for keys of this kind."""
        return _kind(self.blob)

    @property
    def algorithm(self) -> str:
        """What signatures by this key are."""
        return _ALGORITHMS[self.kind]

    def checked(self) -> AgentKey:
        """Return this key, if it is of a kind that can be used here.  Raises `AgentError`."""
        if self.kind not in _PREFIXES or len(self.spki) != len(_PREFIXES[self.kind]) + _POINT_BYTES[self.kind]:
            raise AgentError("this is neither an Ed25519 nor a P-256 key")
        return self

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo, DER."""
        *_, point = _strings(self.blob)
        return _PREFIXES[_kind(self.blob)] + point

    def sign(self, data: bytes) -> Signature:
        """Return the agent's signature over `data`.  Raises `AgentError`."""
        request = bytes([_SIGN]) + _string(self.blob) + _string(data) + struct.pack("!I", 0)
        answer = _asked(request)
        if not answer or answer[0] != _SIGNED:
            hint = "unlock or add it with `ssh-add`; `ssh-add -l` lists what the agent has"
            raise AgentError("the ssh-agent does not sign with this key", hint=hint)
        kind, raw = _signature(answer[1:])
        if kind != _kind(self.blob):
            raise AgentError("the ssh-agent signed with another kind of key")
        return Signature(sig=raw if kind == _ED25519 else _der(raw), public_key=self.spki)


def agent_keys() -> Mapping[AgentKey, str]:
    """Return the keys of the agent that can be used here, each with its comment.  Raises `AgentError`."""
    answer = _asked(bytes([_REQUEST]))
    if len(answer) < 5 or answer[0] != _ANSWER:
        raise AgentError("the ssh-agent does not list its keys", hint="is it locked? `ssh-add -X` unlocks it")
    parts = list(_strings(answer[5:]))
    pairs = zip(parts[::2], parts[1::2], strict=False)
    return {AgentKey(blob): comment.decode("utf-8", "replace") for blob, comment in pairs if _usable(blob)}


def _usable(blob: bytes) -> bool:
    try:
        return AgentKey(blob).checked() is not None
    except AgentError:
        return False


def _asked(message: bytes) -> bytes:
    """Return the agent's answer to one message."""
    path = os.environ.get(VARIABLE)
    if not path:
        hint = "start one with `eval $(ssh-agent)`, and `ssh-add` a key"
        raise AgentError(f"there is no ssh-agent: {VARIABLE} is not set", hint=hint)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.connect(path)
            connection.sendall(_string(message))
            (size,) = struct.unpack("!I", _exactly(connection, 4))
            if size > _MAX_ANSWER:
                raise AgentError("the ssh-agent answers with more than it may")
            return _exactly(connection, size)
    except OSError as error:
        raise AgentError(f"the ssh-agent at `{path}` cannot be used: {error.strerror or error}") from error


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        piece = connection.recv(size - len(received))
        if not piece:
            raise AgentError("the ssh-agent hung up")
        received += piece
    return received


def _string(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data


def _signature(data: bytes) -> tuple[bytes, bytes]:
    """Return the kind of a signature, and its bytes."""
    match list(_strings(next(_strings(data), b""))):
        case [kind, raw]:
            return kind, raw
    raise AgentError("the ssh-agent's answer is no signature")


def _strings(data: bytes) -> Iterator[bytes]:
    """Yield the strings that `data` is made of (RFC 4251 section 5).  Raises `AgentError` for anything else."""
    while data:
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            raise AgentError("the ssh-agent's answer is cut short")
        yield data[4 : 4 + size]
        data = data[4 + size :]


def _kind(blob: bytes) -> bytes:
    return next(_strings(blob), b"")


def _der(raw: bytes) -> bytes:
    """Return an ECDSA signature of SSH (RFC 5656 section 3.1.2: two mpints) as X.509 writes it: the same, in DER."""
    integers = b"".join(b"\x02" + bytes([len(number)]) + number for number in _strings(raw))
    return b"\x30" + bytes([len(integers)]) + integers
