"""Which processes are at the other end of a connection on this machine: for answers that come over TCP.

A Unix socket tells its peer's process, a TCP socket does not; Linux's `/proc` shows which sockets there are, and, to
their owner, who holds them (proc(5)).  A process that hides its files, or belongs to another user, is not found:
whoever asks has to take that for a no.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

Address: TypeAlias = tuple[str, int]  # IPv4 in dotted form, and the port

_PROC = Path("/proc")
_MAPPED = "0000000000000000FFFF0000"  # an IPv4 address in a socket of IPv6, as the kernel prints it


def processes_at(client: Address, server: Address) -> frozenset[int]:
    """Return every process that holds the client's end of the connection, as far as we may see; empty if none."""
    inodes = {f"socket:[{inode}]" for inode in _inodes(_printed(client), _printed(server))}
    return frozenset(_holders(inodes)) if inodes else frozenset()


def _printed(address: Address) -> str:
    """Return the address as `/proc/net/tcp` has it: a number of the machine's own byte order, and the port."""
    number = int.from_bytes(socket.inet_aton(address[0]), sys.byteorder)
    return f"{number:08X}:{address[1]:04X}"


def _inodes(local: str, remote: str) -> Iterator[str]:
    pairs = {(local, remote), (_MAPPED + local, _MAPPED + remote)}
    for name in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / name).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if len(fields) > 9 and (fields[1], fields[2]) in pairs:
                yield fields[9]


def _holders(sockets: set[str]) -> Iterator[int]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and _holds(entry / "fd", sockets):
            yield int(entry.name)


def _holds(descriptors: Path, sockets: set[str]) -> bool:
    try:
        with os.scandir(descriptors) as found:
            return any(_target(one.path) in sockets for one in found)
    except OSError:  # it has ended, or does not let us see
        return False


def _target(path: str) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115 - it is no path
    except OSError:
        return ""
