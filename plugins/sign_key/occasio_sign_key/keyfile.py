"""Private keys as files: `keys/NAME.pem` below Occasio's home, readable by their owner alone.

A key that an ssh-agent holds is `keys/NAME.agent` instead, the public half as OpenSSH writes it.

A file that others can read, that belongs to somebody else or that is a link is refused, never mended: somebody may have
read it.  On Windows modes and owners are not checked; the user's profile is private there.

Knows files, modes and owners.  What is in them is for `key`.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

from occasio_core import TrustFile, UsageError, trust_file
from occasio_sign_key.agent import AgentError, AgentKey
from occasio_sign_key.key import KeyFileError, PrivateKey, generate, parse_private_key, private_pem, public_pem
from occasio_sign_key.p256 import P256Key, generate_p256

DEFAULT = "default"
LOG = "log"
WITNESS = "witness"

MAX_BYTES = 1 << 20  # SPEC section 15
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


FileKey: TypeAlias = PrivateKey | P256Key
Key: TypeAlias = FileKey | AgentKey
KINDS: Mapping[str, Callable[[], FileKey]] = {"ed25519": generate, "ecdsa-p256": generate_p256}


class KeyExistsError(UsageError):
    """Raised when there is a key of this name already."""


def key_path(home: Path, name: str) -> Path:
    """Return where the key is.  Raises `UsageError` if `name` cannot be the name of a key."""
    if not _NAME.fullmatch(name):
        hint = "a name is 1 to 64 of `a-z 0-9 . _ -`, the first a letter or digit"
        raise UsageError(f"`{name!a:.80}` cannot be the name of a key", hint=hint)
    return home / "keys" / f"{name}.pem"


def key_names(home: Path) -> list[str]:
    """Return the names of the keys of `home`, in order, whether or not they can be used.

    Raises `KeyFileError` if the directory cannot be read.
    """
    directory = home / "keys"
    with _reported(directory), suppress(FileNotFoundError):
        names = {file.stem for file in directory.iterdir() if file.suffix in {".pem", ".agent"}}
        return sorted(name for name in names if _NAME.fullmatch(name))
    return []


def file_of(home: Path, name: str) -> Path:
    """Return the file that the key `name` is, whether or not it is there; raises as `key_path` does."""
    path = key_path(home, name)
    return _agent_path(path) if os.path.lexists(_agent_path(path)) else path


def read_key(home: Path, name: str) -> Key:
    """Return the key `name`.

    Raises `UsageError` if there is none, and `KeyFileError` if its file cannot be used.
    """
    path = key_path(home, name)
    held = _agent_path(path)
    if not os.path.lexists(path) and not os.path.lexists(held):
        raise UsageError(f"there is no key `{name}`", hint=_nearest(home, name))
    _check_directory(path.parent)
    if not os.path.lexists(held):
        return _read(path)
    if os.path.lexists(path):
        raise KeyFileError(f"there are two keys `{name}`: `{path}` and `{held}`", hint="move one of them away")
    return _read_held(held)


def keep_held(home: Path, name: str, key: AgentKey) -> None:
    """Keep `key`, which an ssh-agent holds, as `name`, and trust it on this machine.

    Raises `KeyExistsError` if there is a key of this name, and what `make_key` raises.
    """
    path = key_path(home, name)
    if name in {LOG, WITNESS}:
        raise UsageError("the key of a log or a witness stays with it: it signs when nobody is there")
    with trust_file(home) as trust, _reported(path):
        _check_free(path, name)
        trust.add_key(name, public_pem(key.spki))
        line = b"%b %b occasio:%b\n" % (key.kind, base64.b64encode(key.blob), name.encode())
        with os.fdopen(os.open(_agent_path(path), _CREATE, 0o600), "wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        _flush_directory(path.parent)


def signing_key(home: Path, name: str) -> Key:
    """Return the key `name`; `default`, `log` and `witness` are made now if there were none.

    Processes that come at once get the same key.  Raises what `read_key` and `make_key` raise.
    """
    if name in {DEFAULT, LOG, WITNESS} and not os.path.lexists(file_of(home, name)):
        with suppress(KeyExistsError):  # made by another process just now
            return make_key(home, name)
    return read_key(home, name)


def make_key(home: Path, name: str, kind: str = "ed25519") -> FileKey:
    """Return a new key of a kind of `KINDS`, kept and trusted on this machine as `name`.

    Raises `KeyExistsError` if there is one, `UsageError` if another key is trusted under its name, `KeyFileError` if it
    cannot be kept.  The keys of the log and of a witness are no signers of bundles, so they are not trusted as such.
    """
    path = key_path(home, name)
    with trust_file(home) as trust, _reported(path):
        _check_free(path, name)
        if name == LOG and kind != "ed25519":
            raise UsageError("the key of the log is an Ed25519 key", hint="leave --type out")
        return _make(path, name, trust, KINDS[kind])


def _check_free(path: Path, name: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _check_directory(path.parent)
    if os.path.lexists(path) or os.path.lexists(_agent_path(path)):
        raise KeyExistsError(f"there is a key `{name}` already", hint=f"`occasio key show {name}` shows it")


def _agent_path(path: Path) -> Path:
    return path.with_suffix(".agent")


def _nearest(home: Path, name: str) -> str:
    nearest = get_close_matches(name, key_names(home), n=1)
    return f"did you mean `{nearest[0]}`?" if nearest else f"`occasio key new {name}` makes it"


def _make(path: Path, name: str, trust: TrustFile, new: Callable[[], FileKey]) -> FileKey:
    """Write the key, trust it, and only then give it its name: one that has its name is whole and trusted."""
    unnamed = path.with_name(f".{path.name}.new")
    key = _left_behind(unnamed) or _written(unnamed, new())
    if name not in {LOG, WITNESS}:
        trust.add_key(name, public_pem(key.spki))
    unnamed.rename(path)
    _flush_directory(path.parent)
    return key


def _left_behind(unnamed: Path) -> FileKey | None:
    """Return the key of a process that died before naming it, which may be trusted by now."""
    if not os.path.lexists(unnamed):
        return None
    try:
        return _read(unnamed)
    except KeyFileError:
        unnamed.unlink()
        return None


def _written(path: Path, key: FileKey) -> FileKey:
    with os.fdopen(os.open(path, _CREATE, 0o600), "wb") as file:
        file.write(private_pem(key.der).encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    return key


def _flush_directory(directory: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> FileKey:
    return parse_private_key(_private_bytes(path), str(path))


def _read_held(path: Path) -> AgentKey:
    try:
        return AgentKey(base64.b64decode(_private_bytes(path).split(b" ")[1], validate=True)).checked()
    except (IndexError, binascii.Error, AgentError):
        hint = "take it away, and `occasio key agent NAME` writes it anew"
        raise KeyFileError(f"`{path}` is not the public half of a key that can be used here", hint=hint) from None


def _private_bytes(path: Path) -> bytes:
    with _reported(path):
        if path.is_symlink():  # said plainly, and again by O_NOFOLLOW where there is one
            raise KeyFileError(f"`{path}` is a symbolic link", hint="put the key itself there")
        descriptor = os.open(path, _OPEN)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
                raise KeyFileError(f"`{path}` is not a key file")
            _check_private(path, found, 0o600)
            return os.read(descriptor, MAX_BYTES)
        finally:
            os.close(descriptor)


def _check_directory(directory: Path) -> None:
    with _reported(directory):
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise KeyFileError(f"`{directory}` is not a directory")
        _check_private(directory, found, 0o700)


def _check_private(path: Path, found: os.stat_result, mode: int) -> None:
    if sys.platform == "win32":
        return
    if found.st_uid != os.geteuid():
        raise KeyFileError(f"`{path}` belongs to another user")
    if found.st_mode & 0o077:
        raise KeyFileError(
            f"others can read or write `{path}`",
            hint=f"chmod {mode:o} {path}, if nobody has; make another key if somebody may have",
        )


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    """Say what the operating system refuses in one line."""
    try:
        yield
    except OSError as error:
        raise KeyFileError(f"`{path}` cannot be used: {error.strerror}") from error
