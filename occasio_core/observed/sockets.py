"""Who is connected to where, as the kernel's tables of sockets have it (proc_net(5)).

Knows files below `/proc`.  It does not know which connection is meant to be.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from occasio_core.observed.processes import PROC

_TABLES = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6", "udplite", "udplite6")
_STATES = {"01": "open", "02": "opening", "03": "opening", "06": "over", "0A": "listening"}
_OVER = "over"
_WORD = 8  # hexadecimal digits, each four bytes in the machine's own order


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """One line of a table: `state` is `open`, `opening`, `listening`, `over` (TIME_WAIT) or `other`."""

    protocol: str
    local: tuple[str, int]
    remote: tuple[str, int]
    state: str
    inode: int

    @property
    def is_connected(self) -> bool:
        """Return whether it has another end."""
        return self.remote[1] != 0 and self.state != "listening"


def namespace(pid: int, proc: Path = PROC) -> str:
    """Return which network the process is in.  Raises `OSError` where nobody may look."""
    return str((proc / str(pid) / "ns" / "net").readlink())


def sockets(pid: int, proc: Path = PROC) -> Iterator[Socket]:
    """Yield every socket of the network that the process is in.  Raises `OSError` where nobody may look."""
    for table in _TABLES:
        path = proc / str(pid) / "net" / table
        try:
            lines = path.read_text(encoding="ascii").split("\n")[1:]
        except FileNotFoundError:
            continue  # the kernel was built without it
        for line in lines:
            if line:
                yield _socket(table.removesuffix("6"), line.split())


def inodes(pid: int, proc: Path = PROC) -> set[int]:
    """Return the sockets that the process holds, by inode.  Raises `OSError` where nobody may look."""
    found = set()
    for link in (proc / str(pid) / "fd").iterdir():
        try:
            target = str(link.readlink())
        except FileNotFoundError:
            continue  # closed while we looked
        if target.startswith("socket:["):
            found.add(int(target[len("socket:[") : -1]))
    return found


def _socket(protocol: str, fields: list[str]) -> Socket:
    return Socket(
        protocol=protocol,
        local=_end(fields[1]),
        remote=_end(fields[2]),
        state=_STATES.get(fields[3], "other"),
        inode=int(fields[9]),
    )


def _end(text: str) -> tuple[str, int]:
    words, _, port = text.partition(":")
    data = b"".join(int(words[at : at + _WORD], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), _WORD))
    address = ipaddress.ip_address(data)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address), int(port, 16)
