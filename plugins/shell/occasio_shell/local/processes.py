"""Running a pipeline of programs: without a shell, in an environment of our own, within limits, and ended as a whole.

Knows argument vectors.  It does not know what the programs do.
"""

from __future__ import annotations

import os
import selectors
import signal
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from occasio_shell.local.line import Errors

TRUSTED = ("/usr/bin", "/bin")  # only the system's own programs: others may be the agent's work
ENVIRONMENT: Mapping[str, str] = {"PATH": ":".join(TRUSTED), "LC_ALL": "C.UTF-8", "HOME": "/", "TERM": "dumb"}
TOO_LONG = "it took too long"
TOO_MUCH = "it printed too much"
_PIECE = 1 << 16  # bytes read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One program of a pipeline; `said` is what stands in the place of one that needs no process."""

    program: str
    arguments: Sequence[str]
    errors: Errors = Errors.SHOWN
    said: bytes | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Limits:
    """What is left for a line: until when by the monotonic clock, and how many bytes of output."""

    until: float
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a pipeline printed, errors among it as they came, and how its last program ended.

    `stopped` says that it was ended for taking too long, or for printing too much.
    """

    output: bytes
    code: int
    stopped: str = ""


def trusted(program: str) -> str | None:
    """Return the path of a system program that only root can change, None if there is none of that name."""
    for folder in TRUSTED:
        path = Path(folder, program)
        try:
            if _is_roots(path.resolve(strict=True)) and _is_roots(Path(folder).resolve(strict=True)):
                return str(path)
        except OSError:
            continue
    return None


def run(pipeline: Sequence[Process], cwd: str, limits: Limits) -> Ended:
    """Run the pipeline and return when it has ended, or has been ended.  Raises `OSError` if it cannot be started."""
    with ExitStack() as stack:
        output, into = os.pipe()
        reader = stack.enter_context(os.fdopen(output, "rb", buffering=0))
        writer = stack.enter_context(os.fdopen(into, "wb", buffering=0))
        group = _Group(cwd, writer.fileno())
        stack.callback(group.end)
        for place, process in enumerate(pipeline):
            group.add(process, is_last=place == len(pipeline) - 1)
        group.close()
        writer.close()
        printed, stopped = _read(reader.fileno(), limits)
        return Ended(output=printed, stopped=stopped, code=group.code(limits, killed=bool(stopped)))


class _Group:
    """The processes of one pipeline, in a process group of their own."""

    def __init__(self, cwd: str, shown: int) -> None:
        self._cwd = cwd
        self._shown = shown
        self._started: list[subprocess.Popen[bytes]] = []
        self._input: int | None = None  # what the next one reads
        self._code = 0

    def add(self, process: Process, *, is_last: bool) -> None:
        """Start the next process, or write what stands in its place; the last one writes to what is shown."""
        reading, writing = (None, self._shown) if is_last else os.pipe()
        try:
            if process.said is None:
                self._start(process, writing)
            else:
                self._code = 0
                _write(writing, process.said)
        finally:
            self.close()
            self._input = reading
            if not is_last:
                os.close(writing)

    def close(self) -> None:
        """Close what the last process reads."""
        if self._input is not None:
            os.close(self._input)
            self._input = None

    def code(self, limits: Limits, *, killed: bool) -> int:
        """Return how the last program ended, by its exit code or 128 and the signal's number, as a shell says it."""
        if not self._started:
            return self._code
        if killed:
            self._kill()
        try:
            code = self._started[-1].wait(max(0.1, limits.until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._kill()
            code = self._started[-1].wait()
        return code if code >= 0 else 128 - code

    def end(self) -> None:
        """Kill what is left of the group, and wait for it."""
        self._kill()
        for started in self._started:
            started.wait()

    def _kill(self) -> None:
        # The group has its number as long as its first process was not waited for: it cannot be another's.
        if self._started and any(started.returncode is None for started in self._started):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._started[0].pid, signal.SIGKILL)

    def _start(self, process: Process, output: int) -> None:
        if trusted(process.program) is None:
            raise FileNotFoundError(f"{process.program} is not installed among the system's programs")
        errors = {Errors.SHOWN: self._shown, Errors.PIPED: output, Errors.DROPPED: subprocess.DEVNULL}[process.errors]
        started = subprocess.Popen(
            [*(bound := _bound(process.program)), *process.arguments],
            executable=trusted(bound[0]),
            cwd=self._cwd,
            env={**ENVIRONMENT, "PWD": self._cwd, **process.environment},
            stdin=subprocess.DEVNULL if self._input is None else self._input,
            stdout=output,
            stderr=errors,
            process_group=self._started[0].pid if self._started else 0,
        )
        self._started.append(started)


def _bound(program: str) -> list[str]:
    """Return what keeps a program from writing any file, where the system has it (util-linux): a limit of no bytes."""
    return [program] if trusted("prlimit") is None else ["prlimit", "--fsize=0", "--core=0", "--", program]


def _read(output: int, limits: Limits) -> tuple[bytes, str]:
    """Return what comes until nobody writes any more, and why it was given up if it was."""
    pieces = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            left = limits.until - time.monotonic()
            if left <= 0 or not selector.select(left):
                return bytes(pieces), TOO_LONG
            piece = os.read(output, _PIECE)
            if not piece:
                limits.size -= len(pieces)
                return bytes(pieces), ""
            pieces += piece
            if len(pieces) > limits.size:
                return bytes(pieces[: limits.size]), TOO_MUCH


def _write(output: int, said: bytes) -> None:
    """Write what fits a pipe at once (8 KiB at most, as a line has no more)."""
    os.write(output, said)


def _is_roots(path: Path) -> bool:
    found = path.stat()
    return found.st_uid == 0 and not stat.S_IMODE(found.st_mode) & 0o022
