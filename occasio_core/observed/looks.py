"""Looking again and again at what a tree of processes is connected to, and keeping what was seen.

Knows processes and sockets.  It does not know which connection is meant to be: that is `paranoid`'s.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core.observed.processes import PROC, Process, below
from occasio_core.observed.sockets import Socket, inodes, namespace, sockets


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A connection that a process had: who it was, and where the other end is."""

    pid: int
    program: str
    protocol: str
    address: str
    port: int


@dataclass(slots=True)
class Looks:
    """What was seen so far of the tree below `root`.  `governing` returns the processes that govern a run now."""

    root: int
    governing: Callable[[], Collection[int]] = tuple
    proc: Path = PROC
    count: int = 0
    processes: dict[int, Process] = field(default_factory=dict)
    links: dict[Link, int] = field(default_factory=dict)  # in how many looks each was there
    gates: set[int] = field(default_factory=set)
    gate_ports: set[int] = field(default_factory=set)
    own_ports: set[int] = field(default_factory=set)  # on which a process of the tree listens
    unconnected: dict[int, str] = field(default_factory=dict)  # who held a socket that may send anywhere
    over: dict[tuple[str, str, int], int] = field(default_factory=dict)  # ended before anyone saw whose they were
    closed_to_us: dict[int, Process] = field(default_factory=dict)
    _before: set[tuple[str, tuple[str, int], tuple[str, int]]] = field(default_factory=set)

    def look(self) -> bool:
        """Take one look; return whether there was anything to look at."""
        tree = below(self.root, self.proc)
        self.gates |= {process.pid for process in tree} & set(self.governing())
        tables: dict[str, list[Socket]] = {}
        for process in tree:
            self.processes[process.pid] = process
            try:
                network = namespace(process.pid, self.proc)
                if network not in tables:
                    tables[network] = list(sockets(process.pid, self.proc))
                self._note(process, {one.inode: one for one in tables[network]})
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we looked
            except OSError:
                self.closed_to_us[process.pid] = process
        self._note_over([one for table in tables.values() for one in table if one.state == "over"])
        self.count += bool(tree)
        return bool(tree)

    def _note(self, process: Process, by_inode: Mapping[int, Socket]) -> None:
        held = [by_inode[inode] for inode in inodes(process.pid, self.proc) if inode in by_inode]
        listening = {one.local[1] for one in held if one.state == "listening"}
        (self.gate_ports if process.pid in self.gates else self.own_ports).update(listening)
        for socket in held:
            if socket.is_connected:
                self._note_link(process, socket, listening)
            elif socket.protocol != "tcp":
                self.unconnected[process.pid] = process.name

    def _note_link(self, process: Process, socket: Socket, listening: set[int]) -> None:
        address, port = socket.remote
        if socket.local[1] in listening and ipaddress.ip_address(address).is_loopback:
            return  # somebody on this machine has come to it
        link = Link(process.pid, process.name, socket.protocol, address, port)
        self.links[link] = self.links.get(link, 0) + 1

    def _note_over(self, over: list[Socket]) -> None:
        """Keep connections that ended between two looks; those that were over when we began are nobody's of ours."""
        ends = {(one.protocol, one.local, one.remote) for one in over}
        if self.count == 0:
            self._before = ends
            return
        seen = {(link.protocol, link.address, link.port) for link in self.links}
        for protocol, local, remote in ends - self._before:
            self._before.add((protocol, local, remote))
            ours = self.gate_ports | self.own_ports
            if (protocol, *remote) not in seen and local[1] not in ours and remote[1] not in ours:
                self.over[(protocol, *remote)] = self.over.get((protocol, *remote), 0) + 1
