"""What a server has said of its tools, kept in Occasio's home: one that is described otherwise later is another tool.

A description is text that a model obeys.  What a server says of a tool is kept when it is first heard; what differs
from that waits until a person has accepted it.  Knows files and the shape of a tool; nothing of who is told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from occasio_core import Json, MalformedError, OccasioError, UsageError, canonical, parse_json, write_whole

DIRECTORY = "mcp"  # in Occasio's home
_MAX_BYTES = 16 << 20

Digests = Mapping[str, str]  # of each member of what a server says of a tool


class Mode(StrEnum):
    """What happens to tools that are not as they were."""

    CHANGES = "changes"  # changed ones are refused, new ones are recorded
    STRICT = "strict"  # both are refused
    RECORD = "record"  # both are recorded


@dataclass(frozen=True, slots=True)
class Difference:
    """A tool that is new, or not as it was: `members` differ; it `waits` for a person where it may not be used."""

    tool: str
    is_new: bool
    members: tuple[str, ...]
    waits: bool


class Pins:
    """The tools of one server, as the file at `path` has them, which need not exist.  Raises `OccasioError`.

    Several processes may use it: it is read again when it was changed, and written whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_first = not path.exists()
        self._seen: tuple[int, ...] = ()
        self._known: dict[str, Digests] = {}
        self._waiting: dict[str, Digests] = {}
        self._look()

    @property
    def known(self) -> Mapping[str, Digests]:
        """The tools as they were accepted."""
        self._look()
        return self._known

    @property
    def waiting(self) -> Mapping[str, Digests]:
        """What was said of tools last and is not accepted."""
        self._look()
        return self._waiting

    def compared(self, tools: Mapping[str, Mapping[str, Json]], mode: Mode) -> list[Difference]:
        """Keep what is said of `tools` now, and return what is not as it was.  Raises `OccasioError`."""
        self._look()
        found = []
        before = dict(self._known), dict(self._waiting)
        for name, said in tools.items():
            digests = digests_of(said)
            if self._known.get(name) == digests:
                self._waiting.pop(name, None)
            else:
                found.append(self._differs(name, digests, mode))
        if before != (self._known, self._waiting):
            self._write()
        return found

    def accept(self, tool: str) -> None:
        """Take what was last said of the tool for what it is.  Raises `UsageError` if nothing waits."""
        if tool not in self.waiting:
            raise UsageError(f"nothing waits for the tool `{tool}`", hint="occasio mcp pins list")
        self._known[tool] = self._waiting.pop(tool)
        self._write()

    def _differs(self, name: str, digests: Digests, mode: Mode) -> Difference:
        old = self._known.get(name)
        is_new = old is None
        waits = mode is not Mode.RECORD if not is_new else mode is Mode.STRICT and not self.is_first
        (self._waiting if waits else self._known)[name] = digests
        if not waits:
            self._waiting.pop(name, None)
        members = tuple(sorted(key for key in {*digests, *(old or {})} if digests.get(key) != (old or {}).get(key)))
        return Difference(name, is_new, members, waits)

    def _write(self) -> None:
        form = canonical({"tools": _plain(self._known), "waiting": _plain(self._waiting)}) + b"\n"
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            write_whole(self._path, form, 0o600)
            self._seen = _stamp(self._path)
        except OSError as error:
            raise OccasioError(f"`{self._path}` cannot be written: {error.strerror}") from error

    def _look(self) -> None:
        if (stamp := _stamp(self._path)) != self._seen:
            self._known, self._waiting = _read(self._path)
            self._seen = stamp


def pins_path(home: Path, server: str) -> Path:
    """Return where the pins of a server are."""
    return home / DIRECTORY / f"{server}.json"


def pinned_servers(home: Path) -> Iterator[str]:
    """Yield the names of all servers that have pins, sorted."""
    yield from sorted(path.stem for path in (home / DIRECTORY).glob("*.json"))


def digests_of(said: Mapping[str, Json]) -> Digests:
    """Return the digest of each member of what a server says of a tool; `_meta` is not for the model."""
    return {member: _digest(value) for member, value in sorted(said.items()) if member not in {"_meta", "name"}}


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _digest(value: Json) -> str:
    try:
        form = canonical(value)
    except MalformedError:  # a number that no canonical form has
        form = json.dumps(value, sort_keys=True).encode()
    return hashlib.sha256(form).hexdigest()


def _read(path: Path) -> tuple[dict[str, Digests], dict[str, Digests]]:
    try:
        kept = parse_json(path.read_bytes(), max_bytes=_MAX_BYTES)
    except FileNotFoundError:
        return {}, {}
    except (OSError, MalformedError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise OccasioError(f"`{path}` cannot be read: {why}", hint="remove it to begin anew") from None
    if not isinstance(kept, dict):
        raise OccasioError(f"`{path}` holds no pins", hint="remove it to begin anew")
    return _tools(kept.get("tools")), _tools(kept.get("waiting"))


def _tools(value: Json) -> dict[str, Digests]:
    return {
        name: {member: str(digest) for member, digest in digests.items()}
        for name, digests in (value.items() if isinstance(value, dict) else ())
        if isinstance(digests, dict)
    }


def _plain(tools: Mapping[str, Digests]) -> dict[str, Json]:
    return {name: dict(digests) for name, digests in tools.items()}
