"""Which process is the agent whose hook asks: the nearest above the hook's program that is no shell.

Knows Linux's `/proc`; elsewhere nothing can be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_SHELLS = frozenset({"ash", "bash", "dash", "fish", "ksh", "sh", "zsh"})
_MOST = 64
_PROC = Path("/proc")


def agent_process(hook: int | None) -> int | None:
    """Return the process that is the agent, None where nobody can tell."""
    for process, name in _above(hook) if hook is not None else ():
        if name not in _SHELLS:
            return process
    return None


def is_below(process: int, above: int) -> bool:
    """Return whether `above`, or a process that it started, started `process`; True where nobody can tell."""
    if _stat(process) is None:
        return not _PROC.exists()
    return any(parent == above for parent, _ in _above(process))


def is_running(process: int) -> bool:
    """Return whether the process is there, and has not ended."""
    found = _stat(process)
    return found is not None and found[1] not in ("Z", "X")


def _above(process: int) -> Iterator[tuple[int, str]]:
    """Yield the processes that started `process`, nearest first, with their names."""
    found = _stat(process)
    for _ in range(_MOST):
        if found is None or (parent := found[2]) <= 1 or (found := _stat(parent)) is None:
            return
        yield parent, found[0]


def _stat(process: int) -> tuple[str, str, int] | None:
    """Return the name, the state and the parent of a process, proc(5): the name in brackets may hold anything."""
    try:
        before, _, behind = (_PROC / str(process) / "stat").read_bytes().rpartition(b")")
        fields = behind.split()
        return before.partition(b"(")[2].decode("utf-8", "replace"), fields[0].decode(), int(fields[1])
    except (OSError, IndexError, ValueError):
        return None
