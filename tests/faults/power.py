"""A disk that can lose its power: what was done to the files of one directory, and what may be left of it.

The model is that of POSIX file systems as they are: a flush makes everything durable that was in the file when it began.
Of what came later each sector of 512 bytes may hold what it held at any moment since, whatever its neighbours hold; the
size may be any that the file had since, and what was never written is zeros; a file whose name was not flushed may be
gone.  Knows files and bytes, not what they mean.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core.ledger import disk

if TYPE_CHECKING:
    import pytest

SECTOR = 512
_MODULES = ("head", "runs", "logfile", "durability")


@dataclass(frozen=True, slots=True)
class Written:
    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Flushed:
    """All of the file's that stands before `begun` in the trace is durable."""

    name: str
    begun: int


@dataclass(frozen=True, slots=True)
class Named:
    """All names that stand before `begun` in the trace are durable."""

    begun: int


@dataclass(frozen=True, slots=True)
class Made:
    name: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    hash: str


Step = Written | Cut | Flushed | Named | Made | Acknowledged


@dataclass
class Trace:
    """What was done, in order, from a directory with the files `before`, all durable."""

    before: dict[str, bytes] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, row_hash: str) -> None:
        with self._lock:
            self.steps.append(Acknowledged(row_hash))

    def acknowledged(self, moment: int) -> set[str]:
        return {step.hash for step in self.steps[:moment] if isinstance(step, Acknowledged)}

    def write_at(self, descriptor: int, data: bytes, offset: int) -> int:
        with self._lock:
            self.steps.append(Written(_name(descriptor), offset, bytes(data)))
            return os.pwrite(descriptor, data, offset)

    def cut(self, descriptor: int, size: int) -> None:
        with self._lock:
            self.steps.append(Cut(_name(descriptor), size))
            _ftruncate(descriptor, size)

    def flush(self, descriptor: int) -> None:
        """The test's file system need not flush anything: no power is lost but in the trace."""
        name = _name(descriptor)
        with self._lock:
            if ".torn-" in name:  # written through a file object
                self.steps.append(Written(name, 0, Path(f"/proc/self/fd/{descriptor}").read_bytes()))
            begun = len(self.steps)
        threading.Event().wait(0)  # others may write now
        with self._lock:
            self.steps.append(Flushed(name, begun))

    def flush_directory(self, directory: Path) -> None:
        with self._lock:
            self.steps.append(Named(len(self.steps)))

    def open_private(self, path: Path) -> int:
        with self._lock:
            if not path.exists():
                self.steps.append(Made(path.name))
            return disk.open_private(path)

    def new_file(self, path: Path) -> Path:
        made = _new_file(path)
        with self._lock:
            self.steps.append(Made(made.name))
        return made


def traced(directory: Path, patched: pytest.MonkeyPatch) -> Trace:
    """Return the trace of everything that a ledger does below `directory` from now on."""
    trace = Trace(files_in(directory))
    for module in _MODULES:
        for name in ("write_at", "flush", "flush_directory", "open_private"):
            patched.setattr(f"occasio_core.ledger.{module}.{name}", getattr(trace, name), raising=False)
    patched.setattr("os.ftruncate", trace.cut)
    patched.setattr("occasio_core.ledger.logfile._new_file", trace.new_file)
    return trace


def files_in(directory: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in directory.iterdir()} if directory.exists() else {}


def left_behind(trace: Trace, moment: int, dice: random.Random) -> dict[str, bytes]:
    """Return what may be on the disk if the power went before the step `moment`: one of the legal states, by chance."""
    steps = trace.steps[:moment]
    names = {step.name for step in steps if isinstance(step, Written | Cut | Made)} | set(trace.before)
    named = max((step.begun for step in steps if isinstance(step, Named)), default=0)
    left = {}
    for name in sorted(names):
        made = next((at for at, step in enumerate(steps) if step == Made(name)), -1)
        if made >= named and dice.random() < 0.2:
            continue
        left[name] = _contents(name, trace.before.get(name, b""), steps, dice)
    return left


def _contents(name: str, before: bytes, steps: list[Step], dice: random.Random) -> bytes:
    durable = max((step.begun for step in steps if isinstance(step, Flushed) and step.name == name), default=0)
    versions = list(_versions(name, before, steps, durable))
    size = len(dice.choice(versions))
    if dice.random() < 0.3:  # all that was ever written back, but for a few sectors
        versions = versions[-1:] * 5 + versions[:1]
    pieces = []
    for start in range(0, size, SECTOR):
        piece = dice.choice(versions)[start : start + SECTOR]
        pieces.append(piece.ljust(SECTOR, b"\0"))
    return b"".join(pieces)[:size]


def _versions(name: str, before: bytes, steps: list[Step], durable: int) -> Iterator[bytes]:
    """Yield what the file held when it was last made durable, and after each step since."""
    data = bytearray(before)
    for at, step in enumerate(steps):
        if at == durable:
            yield bytes(data)
        match step:
            case Written(written, offset, piece) if written == name:
                data.extend(bytes(max(0, offset + len(piece) - len(data))))
                data[offset : offset + len(piece)] = piece
            case Cut(written, size) if written == name:
                data[size:] = bytes(max(0, size - len(data)))
            case _:
                continue
        if at >= durable:
            yield bytes(data)
    if durable >= len(steps):
        yield bytes(data)


def _name(descriptor: int) -> str:
    return Path(f"/proc/self/fd/{descriptor}").readlink().name


_ftruncate = os.ftruncate
from occasio_core.ledger.logfile import _new_file  # noqa: E402
