"""Findings to syslog, as RFC 5424 has it: to the socket of this machine, or by UDP (RFC 5426) or TCP (RFC 6587).

The facility is 13, log audit.  The structured data are under the enterprise number that is kept for examples (32473),
since Occasio has none of its own.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from occasio_core import Json, PluginError
from occasio_sinks.settings import checked, line, matters, text, threshold

_FACILITY = 13
_SEVERITIES = {"high": 2, "medium": 4, "low": 5, "info": 6}  # critical, warning, notice, informational
_SECONDS = 5.0
_MOST_BYTES = 2048  # what every receiver takes (RFC 5425 section 4.3.1)
_ESCAPED = re.compile(r'(["\\\]])')


class Syslog:
    """Sends each finding as a message.  Raises `PluginError` for an address that cannot be meant."""

    name = "syslog"

    def __init__(self, told: Mapping[str, Json]) -> None:
        checked(self.name, told, ("address",))
        self._least = threshold(self.name, told)
        self._path, self._parts = _address(text(self.name, told, "address", "/dev/log"))

    def write(self, row: Mapping[str, Json], /) -> None:
        """Send the finding.  Raises `OSError` when nobody takes it."""
        if not matters(row, self._least):
            return
        data = message(row, socket.gethostname(), os.getpid())
        if self._parts is None:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
                local.settimeout(_SECONDS)
                local.sendto(data, self._path)
        elif self._parts.scheme == "tcp":
            with socket.create_connection(_host(self._parts), _SECONDS) as stream:
                stream.sendall(b"%d %b" % (len(data), data))  # octet counting
        else:
            host, port = _host(self._parts)
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, kind) as datagram:
                datagram.sendto(data, address)


def message(row: Mapping[str, Json], host: str, process: int) -> bytes:
    """Return the message for a finding, cut where it would be too long for a receiver."""
    priority = _FACILITY * 8 + _SEVERITIES[str(row["severity"])]
    named = {"detector": row["detector"], "severity": row["severity"], "run": row.get("run_id"), "row": row.get("hash")}
    data = "".join(f' {key}="{_ESCAPED.sub(_BEHIND, str(value))}"' for key, value in named.items() if value)
    head = f"<{priority}>1 {row.get('ts') or '-'} {_word(host)} occasio {process} finding [occasio@32473{data}] "
    whole = (head + line(row)).encode()
    return whole[:_MOST_BYTES].decode("utf-8", "ignore").encode()


_BEHIND = r"\\\1"  # a backslash before what would end a value


def _word(host: str) -> str:
    return re.sub(r"[^!-~]", "", host)[:255] or "-"


def _address(given: str) -> tuple[str, SplitResult | None]:
    if given.startswith("/"):
        return given, None
    parts = urlsplit(given)
    try:
        is_whole = parts.scheme in ("udp", "tcp") and parts.hostname and parts.port
    except ValueError:
        is_whole = False
    if not is_whole:
        hint = "write /dev/log, udp://HOST:514 or tcp://HOST:601"
        raise PluginError(f"sinks: syslog: `{given}` is no address of a syslog", hint=hint)
    return "", parts


def _host(parts: SplitResult) -> tuple[str, int]:
    return parts.hostname or "", parts.port or 0
