"""What a text that names a host stands for, in every way in which a program may read it.

Knows text only: no name is looked up, so a name that leads to an address is not that address here, unless it says so
as the names below `nip.io` do.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TypeAlias

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

_BREAKS = re.compile(r"[\\/?#]")  # a backslash ends the host for browsers (WHATWG URL, section 4.4) and not for others
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>[0-9]*)")
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))  # RFC 3490 section 3.1
_NAMES_OF_THIS_MACHINE = ("localhost", "ip6-localhost", "localhost.localdomain")
# Services that answer with the address that is a part of the name, dotted, with dashes or in hexadecimal.
_EMBEDDED = re.compile(
    r"(?:.*[.-])?(?:(?P<dotted>\d{1,3}(?:[.-]\d{1,3}){3})|(?P<hexadecimal>[0-9a-f]{8}))\."
    r"(?:nip\.io|sslip\.io|xip\.io|traefik\.me|backname\.io|local-ip\.(?:co|sh|medicmobile\.org))"
)
_LOOPBACK = ipaddress.ip_address("127.0.0.1")


@dataclass(frozen=True, slots=True)
class Host:
    """One reading: a name in lower case and ASCII, empty where it is an address; its port where one is written.

    A name that says what it leads to, `10-0-0-1.nip.io`, has that address as well.
    """

    name: str
    address: Address | None = None
    port: int | None = None


def readings(target: str) -> tuple[Host, ...]:
    """Return what `target`, a host with or without a user and a port, may be; nothing for what can be no host.

    Where programs differ, at a backslash and at a second `@`, each reading is one of them.
    """
    texts = [target, *_BREAKS.split(target)[:1]]
    texts += [text.rpartition("@")[2] for text in texts]
    texts += [text.partition("@")[2] for text in texts]
    hosts = (_host(text) for text in dict.fromkeys(texts) if text and not _BREAKS.search(text) and "@" not in text)
    return tuple(dict.fromkeys(host for host in hosts if host))


def _host(text: str) -> Host | None:
    text, port = text.strip(), None
    if (found := _PORT.fullmatch(text)) and (text.startswith("[") or text.count(":") == 1):
        text, port = found["host"], int(found["port"]) if found["port"] else None
    name = _ascii(text.strip("[]"))
    if not name:
        return None
    address = _LOOPBACK if _is_this_machine(name) else _address(name)
    if address is None:
        return Host(name, _embedded(name), port)
    return Host("", address, port)


def _ascii(text: str) -> str:
    """Return a name as it is looked up: IDNA where it has one, without the dot of the root."""
    name = text.translate(_DOTS).rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return name


def _is_this_machine(name: str) -> bool:
    return name in _NAMES_OF_THIS_MACHINE or name.endswith(".localhost")


def _address(name: str) -> Address | None:
    """Return the address that `name` spells, as inet_aton(3) reads it too; one of IPv4 inside of IPv6 is that one."""
    try:
        address: Address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return _old_address(name)
    if isinstance(address, ipaddress.IPv6Address):
        return _local(address.ipv4_mapped or address.sixtofour or _of_nat64(address) or address)
    return _local(address)


def _old_address(name: str) -> Address | None:
    """Return an address of one to four numbers, decimal, octal or hexadecimal, the last of which fills what is left."""
    parts = name.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        *first, last = (_number(part) for part in parts)
    except ValueError:
        return None
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(parts)):
        return None
    value = sum(number << (24 - 8 * position) for position, number in enumerate(first)) + last
    return _local(ipaddress.IPv4Address(value))


def _embedded(name: str) -> Address | None:
    """Return the address that a name holds which is answered with it, `10-0-0-1.nip.io`."""
    if not (found := _EMBEDDED.fullmatch(name)):
        return None
    if found["hexadecimal"]:
        return _local(ipaddress.IPv4Address(int(found["hexadecimal"], 16)))
    return _old_address(".".join(str(int(part)) for part in re.split(r"[.-]", found["dotted"])))


def _number(text: str) -> int:
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    return int(text, 8 if len(text) > 1 and text[0] == "0" else 10)


def _of_nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    is_translated = address in ipaddress.ip_network("64:ff9b::/96")  # RFC 6052 section 2.1
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if is_translated else None


def _local(address: Address) -> Address:
    """Return `address`; the unspecified one and the loopback of IPv6 lead to this machine."""
    return _LOOPBACK if address.is_unspecified or address == ipaddress.IPv6Address(1) else address
