"""Which hosts the calls that were let through have named, and at which addresses they are now.

Reads the log and asks for names as the agent's own programs do; an address may be that of several hosts.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from occasio_core.reading import Selection, open_reader

_CONNECT = "connect "
_MOST_HOSTS = 256
_LET_THROUGH = ("PASS", "LOCAL", "TRANSFORM")

Resolve = Callable[[str], Collection[str]]


def recorded_hosts(place: Path, runs: Collection[str]) -> list[str]:
    """Return the hosts that calls of these runs were let through to, as the log has them now, each once.

    Raises `OccasioError` if the log cannot be read.
    """
    found: dict[str, None] = {}
    with open_reader(place) as reader:
        for run in runs:
            for row in reader.rows(Selection(run_id=run), kinds=("tool_call",), actions=_LET_THROUGH):
                effects = row.fields.get("effects")
                for effect in effects if isinstance(effects, list | tuple) else ():
                    found.update(dict.fromkeys(_host(str(effect))))
    return list(found)[:_MOST_HOSTS]


def addresses_of(hosts: Collection[str], resolve: Resolve | None = None) -> dict[str, str]:
    """Return the host of each address; a host that has none now is left out."""
    found: dict[str, str] = {}
    for host in hosts:
        for address in (resolve or _resolved)(host):
            found.setdefault(address, host)
    return found


def _host(effect: str) -> Iterator[str]:
    if not effect.startswith(_CONNECT):
        return
    try:
        host = urlsplit(f"//{effect.removeprefix(_CONNECT)}").hostname
    except ValueError:
        return
    if host:
        yield host


def _resolved(host: str) -> set[str]:
    try:
        answers = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return set()
    return {str(ipaddress.ip_address(str(address[0]).partition("%")[0])) for *_, address in answers}
