"""One program, run within a time, with everything that it leaves behind.  POSIX only: a run is a process group."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended and what it wrote; `in_time` is false if it had to be ended."""

    exit_code: int
    stdout: str
    stderr: str
    in_time: bool = True

    @property
    def words(self) -> str:
        """The beginning of what it said, errors first, in one line; empty if it said nothing."""
        return " ".join((self.stderr.strip() or self.stdout).split())[:300]


def run(
    command: Sequence[str], *, environment: Mapping[str, str], directory: Path, seconds: float, given: str = ""
) -> Finished:
    """Return how a program ended that was `given` a text; after `seconds` it is ended with all that it started.

    Raises `OSError` where it cannot be started.
    """
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    in_time = True
    try:
        stdout, stderr = process.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired:
        in_time = False
        _end_group(process.pid)
        stdout, stderr = process.communicate()
    finally:
        _end_group(process.pid)  # an agent's background commands outlive it
        process.wait()
    return Finished(exit_code=process.returncode, stdout=stdout, stderr=stderr, in_time=in_time)


def _end_group(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
