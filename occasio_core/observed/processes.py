"""The processes below one, as Linux's `/proc` has them now.

Knows proc(5).  What is between two looks is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process: its number, its parent's, and the name of its program (15 characters at most)."""

    pid: int
    parent: int
    name: str


def below(root: int, proc: Path = PROC) -> list[Process]:
    """Return `root` and every process that it or one of those has started, by number; empty when `root` is gone."""
    known = {process.pid: process for process in _all(proc)}
    found = [root] if root in known else []
    children: dict[int, list[int]] = {}
    for process in known.values():
        children.setdefault(process.parent, []).append(process.pid)
    for pid in found:  # grows while it is walked
        found += children.get(pid, [])
    return [known[pid] for pid in sorted(found)]


def _all(proc: Path) -> Iterator[Process]:
    for place in proc.iterdir():
        if not place.name.isdigit():
            continue
        try:
            # the name in brackets may hold anything; state and parent follow the last bracket
            before, _, behind = (place / "stat").read_bytes().rpartition(b")")
            fields = behind.split()
            state, parent = fields[0], int(fields[1])
        except (OSError, IndexError, ValueError):
            continue  # it ended while we looked
        if state not in (b"Z", b"X"):
            name = before.partition(b"(")[2].decode("utf-8", "replace")
            yield Process(pid=int(place.name), parent=parent, name=name)
