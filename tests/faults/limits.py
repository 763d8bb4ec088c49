"""Real limits of the system: a small disk, a disk that is read-only, few descriptors, short files.

Mounting takes root, which the machine that runs the checks is; elsewhere what needs it is skipped and says so.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_prlimit = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process that runs")


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """Have a file system of that size at `place`, which is a directory that is empty or is made."""
    place.mkdir(exist_ok=True)
    options = f"size={size},mode=700"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, text=True, check=False
    ) if sys.platform == "linux" else None  # fmt: skip
    if mounted is None or mounted.returncode != 0:
        pytest.skip(f"a file system of our own cannot be mounted: {mounted.stderr.strip() if mounted else 'not Linux'}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Let nobody write to the file system at `place`, root neither."""
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)


def fill(place: Path, leave: int = 0) -> Path:
    """Write zeros to a file until the disk is full but for `leave` bytes, and return the file."""
    stuffing = place / "stuffing"
    with stuffing.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            file.truncate(max(0, file.tell() - leave))
    return stuffing


def no_file_longer_than(process: int, size: int) -> None:
    """Let the system refuse every byte by which the process would make a file longer than that."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def no_more_descriptors_than(process: int, count: int) -> None:
    """Let the process open no more than that many files and sockets."""
    resource.prlimit(process, resource.RLIMIT_NOFILE, (count, resource.prlimit(process, resource.RLIMIT_NOFILE)[1]))
