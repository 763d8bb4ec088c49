"""What the row of a call says: whether it took effect, and what it touched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from occasio_core import Observation

# names of files that hold what opens other doors: keys, tokens, passwords
_SECRET = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?!example$|sample$|template$|dist$)[\w-]+)?|\.?netrc|\.npmrc|\.pypirc|\.pgpass|\.git-credentials|\.htpasswd"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|[\w.-]+\.(?:pem|key|p12|pfx|jks|keystore|kdbx)|credentials(?:\.\w+)?|secrets?\.(?:ya?ml|json|toml|txt)"
    r"|shadow|service-account[\w.-]*\.json)$"
    r"|(?:^|/)(?:\.ssh/(?!config$|known_hosts|[\w.-]+\.pub$)|\.aws/|\.gnupg/|\.kube/config|\.docker/config\.json|\.config/gcloud/)"
)

_last: tuple[Observation | None, dict[str, list[str]]] = (None, {})


def touched(row: Observation, kind: str) -> Sequence[str]:
    """Return the targets of a call's effects of that kind."""
    return _effects(row).get(kind, ())


def _effects(row: Observation) -> Mapping[str, Sequence[str]]:
    """Return the targets by kind; those of the last row are kept, for every detector asks about the same one."""
    global _last
    known, found = _last
    if known is row:
        return found
    found = {}
    effects = row.fields.get("effects") if row.kind == "tool_call" else None
    for effect in effects if isinstance(effects, list) else ():
        name, _, target = str(effect).partition(" ")
        if target:
            found.setdefault(name, []).append(target)
    _last = row, found
    return found


def took_effect(row: Observation) -> bool:
    """Return whether the call was let through, or was carried out here."""
    return row.kind == "tool_call" and row.fields.get("action") != "BLOCK"


def is_denied(row: Observation) -> bool:
    """Return whether the policy's own rules refused the call, not a limit or something broken."""
    reason = str(row.fields.get("reason"))
    return row.fields.get("action") == "BLOCK" and reason.endswith(("-denied", "-protected", "-not-allowed"))


def is_secret_place(path: str) -> bool:
    """Return whether a file of that name is made to hold secrets."""
    return _SECRET.search(path) is not None


def hosts(row: Observation) -> Iterator[str]:
    """Yield the hosts that a call connects to, this machine left out; ports do not count."""
    for target in touched(row, "connect"):
        if (host := _host(target)) and not _is_here(host):
            yield host


def programs(row: Observation) -> Iterator[str]:
    """Yield the base names of the programs that a call runs."""
    for target in touched(row, "execute"):
        yield target.split(" ")[0].rpartition("/")[2] or target


def _host(target: str) -> str:
    try:
        found = urlsplit(target if "://" in target else f"//{target}").hostname
    except ValueError:
        found = target
    return (found or target).rstrip(".").lower()


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
