"""What a run's connections say: through the gate, within the run, on a call that the log has, or around the gate.

Knows what was seen, and what the log says was let through.  What it cannot say is in `Verdict.unseen`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from occasio_core.observed.looks import Link, Looks


class Way(StrEnum):
    """How a connection relates to the gate."""

    GATE = "gate"  # the agent's, to the run's own proxy
    PROVIDER = "provider"  # the proxy's own, on the agent's behalf
    WITHIN = "within"  # to a process of the same run
    NAMED = "named"  # to a host that a recorded call was let through to
    AROUND = "around"  # anything else


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One connection, how it relates to the gate, and the host that a recorded call names, if it is that one."""

    link: Link
    way: Way
    looks: int
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was seen, in the order of how much it matters, and what could not be."""

    seen: tuple[Seen, ...]
    unseen: tuple[str, ...]
    is_blind: bool  # nothing can be said of a part of the run

    @property
    def around(self) -> tuple[Seen, ...]:
        """Return the connections that went around the gate."""
        return tuple(one for one in self.seen if one.way is Way.AROUND)


def verdict(looks: Looks, named: Mapping[str, str]) -> Verdict:
    """Return what the looks say; `named` are the addresses of the hosts that recorded calls were let through to."""
    seen = [_seen(link, count, looks, named) for link, count in sorted(looks.links.items())]
    seen.sort(key=lambda one: list(Way).index(one.way), reverse=True)
    return Verdict(
        seen=tuple(seen),
        unseen=tuple(_unseen(looks)),
        is_blind=bool(looks.closed_to_us or not looks.count or not looks.gates),
    )


def _seen(link: Link, count: int, looks: Looks, named: Mapping[str, str]) -> Seen:
    host = named.get(link.address, "")
    if link.pid in looks.gates:
        way = Way.PROVIDER
    elif ipaddress.ip_address(link.address).is_loopback and link.port in looks.gate_ports:
        way = Way.GATE
    elif ipaddress.ip_address(link.address).is_loopback and link.port in looks.own_ports:
        way = Way.WITHIN
    else:
        way = Way.NAMED if host else Way.AROUND
    return Seen(link=link, way=way, looks=count, host=host)


def _unseen(looks: Looks) -> Iterator[str]:
    if not looks.count:
        yield "the run had ended before the first look"
    elif not looks.gates:
        yield "no process of this tree governs a run: nothing can be said of what goes around a gate"
    for process in looks.closed_to_us.values():
        yield f"{process.name} {process.pid} cannot be looked into: it belongs to another user, or hides itself"
    for pid, name in sorted(looks.unconnected.items()):
        yield f"{name} {pid} has a socket without another end (UDP or raw): where it sends cannot be seen"
    far = {end: times for end, times in looks.over.items() if not ipaddress.ip_address(end[1]).is_loopback}
    for (protocol, address, port), times in sorted(far.items()):
        yield f"{times} to {shown_end(address, port)} ({protocol}) ended before anyone saw whose: maybe not this run's"
    if near := sum(looks.over.values()) - sum(far.values()):
        yield f"{near} within this machine ended before anyone saw whose: maybe not this run's"


def shown_end(address: str, port: int) -> str:
    """Return an address and a port as people write them."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
