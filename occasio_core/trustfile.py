"""Whom this machine trusts: adds keys and logs to the trust file (SPEC section 14).

What the file may say is checked by the verifier's own reader, before and after a change; entries that are there stay as
they are.  Knows one file, its lock and its mode.  It does not know where keys come from, and takes nobody away.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import cast

from occasio_core.errors import OccasioError, UsageError
from occasio_core.files import write_whole
from occasio_core.home import prepared, trust_path
from occasio_core.ledger.disk import open_private
from occasio_core.ledger.lock import FileLock
from occasio_verify import (
    GITHUB_ISSUER,
    Json,
    Trust,
    TrustedIdentity,
    VerifyError,
    load_public_key,
    parse_json,
    parse_trust,
)

MAX_NAME_CHARACTERS = 256

_EMPTY = b'{"schema":"occasio-trust/v1","keys":[],"identities":[],"logs":[]}'


def read_trust(home: Path) -> Trust:
    """Return what the trust file of `home` says; nobody is trusted where there is none.

    Raises `OccasioError` if it cannot be read or is not a trust file.
    """
    return _parsed(trust_path(home))


def trust_key(home: Path, name: str, key: str) -> bool:
    """Trust `key` under `name`; return whether it is new.  Raises what `TrustFile.add_key` raises."""
    with trust_file(home) as trust:
        return trust.add_key(name, key)


def trust_log(home: Path, name: str, vkey: str) -> bool:
    """Trust the log that signs with `vkey`; return whether it is new.  Raises what `TrustFile.add_log` raises."""
    with trust_file(home) as trust:
        return trust.add_log(name, vkey)


def trust_identity(home: Path, identity: TrustedIdentity) -> bool:
    """Trust who signs keyless as `identity`; return whether it is new.  Raises what `TrustFile.add_identity` raises."""
    with trust_file(home) as trust:
        return trust.add_identity(identity)


@contextmanager
def trust_file(home: Path) -> Iterator[TrustFile]:
    """Hold the trust file of `home`: no other process changes it meanwhile.

    Raises `OccasioError` if it is not a trust file, or the directory cannot be used.
    """
    with _held(trust_path(prepared(home))) as path:
        read_trust(home)
        yield TrustFile(path)


@dataclass(frozen=True, slots=True)
class TrustFile:
    """A trust file that is held; made by `trust_file`.  A change is durable when the method returns."""

    path: Path

    def add_key(self, name: str, key: str) -> bool:
        """Trust `key`, a public key as PEM or an `ssh-ed25519` line, under `name`; return whether it is new.

        Raises `UsageError` if it is no such key or the name is that of another key.
        """
        try:
            public_key = load_public_key(key.encode("utf-8", "surrogatepass"))
        except VerifyError as error:
            raise UsageError(f"the key for `{name}` cannot be used: {error.detail}") from None
        namesakes = [entry.key for entry in _parsed(self.path).keys if entry.name == name]
        if public_key in namesakes:
            return False
        self._append("keys", {"name": name, "public_key": _pem(public_key.spki)}, taken=bool(namesakes))
        return True

    def add_log(self, name: str, vkey: str) -> bool:
        """Trust the log with the C2SP verifier key `vkey` under `name`; return whether it is new.

        Raises `UsageError` if it is no such key or the name is that of another log.
        """
        logs = cast("Sequence[Mapping[str, str]]", self._members()["logs"])
        namesakes = [entry["vkey"] for entry in logs if entry["name"] == name]
        if vkey in namesakes:
            return False
        self._append("logs", {"name": name, "vkey": vkey}, taken=bool(namesakes))
        return True

    def add_identity(self, identity: TrustedIdentity) -> bool:
        """Trust an identity under its name; return whether it is new.

        Raises `UsageError` if the name is that of another, or it is one of GitHub without a repository.
        """
        if identity.issuer == GITHUB_ISSUER and not identity.repository:
            hint = "--repository OWNER/NAME: a workflow may be called from every repository"
            raise UsageError("an identity of GitHub is not enough to know a signer by", hint=hint)
        namesakes = [entry for entry in _parsed(self.path).identities if entry.name == identity.name]
        if identity in namesakes:
            return False
        entry = {"name": identity.name, "identity": identity.identity, "issuer": identity.issuer}
        if identity.repository is not None:
            entry["repository"] = identity.repository
        self._append("identities", entry, taken=bool(namesakes))
        return True

    def _append(self, kind: str, entry: Mapping[str, str], *, taken: bool) -> None:
        name = entry["name"]
        _check_name(name)
        if taken:
            hint = f"choose another name, or take `{name}` out of {self.path}"
            raise UsageError(f"`{name}` is already the name of another entry of `{kind}`", hint=hint)
        members = self._members()
        changed = _text({**members, kind: [*cast("Sequence[Json]", members[kind]), entry]})
        try:
            parse_trust(changed)
        except VerifyError as error:
            raise UsageError(f"`{name}` cannot be trusted: {error.detail}") from None
        _write(self.path, changed)

    def _members(self) -> Mapping[str, Json]:
        return cast("Mapping[str, Json]", parse_json(_bytes(self.path)))


@contextmanager
def _held(path: Path) -> Iterator[Path]:
    with ExitStack() as lock:
        try:
            descriptor = open_private(path.with_name(f"{path.name}.lock"))
            lock.callback(os.close, descriptor)
            lock.enter_context(FileLock(descriptor))
        except OSError as error:
            raise OccasioError(f"`{path}` cannot be locked: {error.strerror}") from error
        yield path


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data, 0o600)
    except OSError as error:
        raise OccasioError(f"`{path}` cannot be written: {error.strerror}") from error


def _parsed(path: Path) -> Trust:
    try:
        return parse_trust(_bytes(path))
    except VerifyError as error:
        raise OccasioError(f"`{path}` cannot be used: {error.detail}", hint="mend it, or move it away") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return _EMPTY
    except OSError as error:
        raise OccasioError(f"`{path}` cannot be read: {error.strerror}") from error


def _text(members: Mapping[str, Json]) -> bytes:
    """Return the file for people to read and edit: SPEC asks for strict JSON, not for the canonical form."""
    return (dumps(members, ensure_ascii=False, indent=2) + "\n").encode()


def _pem(spki: bytes) -> str:
    encoded = base64.b64encode(spki).decode("ascii")
    lines = [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def _check_name(name: str) -> None:
    if not name.isprintable() or not name.strip() or len(name) > MAX_NAME_CHARACTERS:
        raise UsageError(f"a name has 1 to {MAX_NAME_CHARACTERS} characters that can be printed, not `{name!a:.80}`")
