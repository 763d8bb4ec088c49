"""What an entry of a host list stands for.

* `example.com`: that host and every host below it; `*.example.com`: only those below.
* `10.0.0.0/8`, `192.0.2.1`, `2001:db8::/32`: a block of addresses, or one.
* `example.com:8443`, `[2001:db8::1]:22`: that port alone.  `*` stands for every host.

Knows text only.
"""

from __future__ import annotations

import ipaddress
import re

from occasio_core.model import HostEntry
from occasio_core.policy.document import Place

_PORT = re.compile(r"(?P<host>.*[^:]|\[.*\]):(?P<port>[0-9]{1,5})")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")  # RFC 1123 section 2.1, and the `_` of services
_LONGEST = 253  # RFC 1035 section 2.3.4, without the dots of the root


def host_entry(text: str, place: Place, message: str = "") -> HostEntry:
    """Return an entry of a host list.  Raises `PolicyError` at `place` when it could not mean what it says."""
    if "/" in text and "://" in text:
        raise place.error(f"`{text}` is a URL", "write the host alone")
    host, port = _split(text, place)
    if network := _network(host):
        return HostEntry(text=text, network=network, port=port, line=place.line, message=message)
    below = host.startswith("*.")
    name = "" if host == "*" else _name(host.removeprefix("*."), text, place)
    return HostEntry(text=text, name=name, below=below, port=port, line=place.line, message=message)


def _split(text: str, place: Place) -> tuple[str, int | None]:
    found = _PORT.fullmatch(text)
    if not found or (found["host"].count(":") and not found["host"].startswith("[")):
        return text, None
    port = int(found["port"])
    if not 0 < port < 65536:
        raise place.error(f"`{text}`: {port} is not a port", "write a number from 1 to 65535")
    return found["host"], port


def _network(host: str) -> str:
    """Return the block of addresses that `host` is, empty if it is none."""
    try:
        return str(ipaddress.ip_network(host.strip("[]"), strict=False))
    except ValueError:
        return ""


def _name(host: str, text: str, place: Place) -> str:
    try:
        name = host.rstrip(".").encode("idna").decode("ascii").lower() if host.isprintable() else ""
    except UnicodeError:
        name = ""
    if not name or len(name) > _LONGEST or not all(map(_LABEL.fullmatch, name.split("."))):
        raise place.error(f"`{text}` is not a host", "write a name such as `example.com`, or addresses")
    if name.rpartition(".")[2].isdigit():
        raise place.error(f"`{text}` is not an address", "write four numbers from 0 to 255")
    return name
