"""The log as static files that anybody can serve and check: c2sp.org/tlog-tiles.

A tile holds up to 256 hashes of one level of the tree; level L is 8 L levels above the leaves.  Entry bundles hold the
row lines themselves, each behind its length in two bytes, so no row of more than 65,535 bytes fits.  Full tiles never
change: to export again writes what is new.  Knows files; it signs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from occasio_core.errors import LedgerError
from occasio_core.files import write_whole
from occasio_verify import Checkpoint, CompactRange, leaf_hash

WIDTH = 256
MAX_ENTRY = 65_535


class Tiles:
    """A folder of tiles for one export; `written` counts the files that were not there as they should be."""

    def __init__(self, folder: Path, *, entries: bool) -> None:
        self._folder = folder
        self._entries = entries
        self._levels: list[list[bytes]] = [[]]
        self._numbers: list[int] = [0]
        self._tree = CompactRange()
        self.written = 0

    def add(self, lines: Sequence[bytes]) -> None:
        """Add the rows of one entry bundle, fewer than 256 only at the end.  Raises `LedgerError`, `OSError`."""
        if self._entries:
            data = b"".join(_entry(line, self._tree.size + at) for at, line in enumerate(lines))
            self._put("entries", self._numbers[0], len(lines), data)
        for line in lines:
            hashed = leaf_hash(line)
            self._tree.append(hashed)
            self._levels[0].append(hashed)
        level = 0
        while len(self._levels[level]) == WIDTH:
            self._raise(level)
            level += 1

    def finish(self, checkpoint: Checkpoint, note: bytes, source: Path) -> None:
        """Write what is not full, and then the checkpoint, which must be over just these rows.

        Who serves the folder never shows a checkpoint without its tiles.  Raises `LedgerError`, `OSError`.
        """
        if (self._tree.size, self._tree.root()) != (checkpoint.size, checkpoint.root):
            raise LedgerError(
                f"the rows of {source} are not those of its checkpoint", hint="see `occasio audit verify`"
            )
        for level, hashes in enumerate(self._levels):
            if hashes:
                self._put(str(level), self._numbers[level], len(hashes), b"".join(hashes))
        write_whole(self._folder / "checkpoint", note)

    def _raise(self, level: int) -> None:
        """Write a full tile; its root is a hash of the next level."""
        hashes = self._levels[level]
        self._put(str(level), self._numbers[level], WIDTH, b"".join(hashes))
        if level + 1 == len(self._levels):
            self._levels.append([])
            self._numbers.append(0)
        subtree = CompactRange()
        for each in hashes:
            subtree.append(each)
        self._levels[level + 1].append(subtree.root())
        self._levels[level] = []
        self._numbers[level] += 1

    def _put(self, kind: str, number: int, width: int, data: bytes) -> None:
        path = self._folder / tile_path(kind, number, width)
        if path.is_file() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
        self.written += 1


def export_tiles(log: Path, checkpoint: Checkpoint, note: bytes, folder: Path, *, entries: bool = True) -> int:
    """Write the rows of `log` that `checkpoint`, signed in `note`, is over; return how many files are new.

    Raises `LedgerError` if the rows have another root, or one does not fit into an entry bundle; `OSError`.
    """
    tiles = Tiles(folder, entries=entries)
    with log.open("rb") as file:
        lines: Iterator[bytes] = (line.removesuffix(b"\n") for line in islice(file, checkpoint.size))
        while block := list(islice(lines, WIDTH)):
            tiles.add(block)
    tiles.finish(checkpoint, note, log)
    return tiles.written


def tile_path(kind: str, number: int, width: int) -> str:
    """Return where a tile is: groups of three digits, all but the last behind an `x`; `.p/W` where it is partial."""
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{kind}/{'/'.join(groups)}" + ("" if width == WIDTH else f".p/{width}")


def _entry(line: bytes, number: int) -> bytes:
    if len(line) > MAX_ENTRY:
        raise LedgerError(
            f"row {number} has {len(line)} bytes, and an entry of a tile has {MAX_ENTRY} at most",
            hint="--no-entries writes the hashes alone",
        )
    return len(line).to_bytes(2) + line
