"""Judges the hosts that a call connects to by the policy's lists.

* `deny`: no reading of a host may fall under `deny_hosts`.
* `allow`: where there is an `allow_hosts`, every reading must fall under it.
* `browser`: the same of `computer_use: allow_browser_hosts`, for the hosts that are typed into a computer.

A host that is made up at run time may be any: it is refused where the person has a list, and not for the few entries of
the built-in policy, or `curl $URL` would never run.  A port that is not written may be any as well, unless the scheme
of the URL tells it.  No name is looked up: a name that leads to a denied address is found by its own entry alone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from occasio_core import Action, Case, Effect, EffectKind, HostEntry, Opinion, PolicyRule, hookimpl
from occasio_hosts.names import Host, readings

_SHOWN = 200  # characters of a host in a message
_COMPUTER = "computer"  # the canonical name of tools that press keys
_SCHEME = re.compile(r"\s*(?P<scheme>[a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ssh": 22, "git+ssh": 22, "sftp": 22, "ftp": 21, "git": 9418}
_EXPLICIT = re.compile(r"[^/?#]*?:(?P<port>[0-9]{1,5})(?:[/?#\\].*)?", re.DOTALL)


class DeniedHosts:
    """Refuses what `deny_hosts` names."""

    name = "deny"
    looks_at = frozenset({EffectKind.CONNECT})

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if a host falls under an entry, or may be any."""
        entries = case.policy.deny_hosts
        is_chosen = any(entry.line for entry in entries)
        for effect in _connections(case) if entries else ():
            if is_chosen and (effect.unknown or effect.wild):
                return _unknown(effect)
            for host in _hosts(effect):
                if entry := _found(host, entries, otherwise=True):
                    return _refusal("host-denied", f"deny_hosts: {entry.text}", effect, entry.message)
        return None


class AllowedHosts:
    """Refuses what `allow_hosts` does not name, if it names anything."""

    name = "allow"
    looks_at = frozenset({EffectKind.CONNECT})

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if a host falls under no entry, or may be any."""
        return _not_allowed(case, case.policy.allow_hosts, "allow_hosts")


class BrowserHosts:
    """Refuses to have typed what `allow_browser_hosts` does not name, if it names anything."""

    name = "browser"
    looks_at = frozenset({EffectKind.CONNECT})

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if it types a host that falls under no entry."""
        if case.tool != _COMPUTER:
            return None
        return _not_allowed(case, case.policy.computer_use.allow_browser_hosts, "computer_use: allow_browser_hosts")


def _not_allowed(case: Case, entries: Sequence[HostEntry], rule: str) -> Opinion | None:
    for effect in _connections(case) if entries else ():
        if effect.unknown or effect.wild:
            return _unknown(effect)
        hosts = _hosts(effect)
        if not hosts or not all(_found(host, entries, otherwise=False) for host in hosts):
            return _refusal("host-not-allowed", rule, effect)
    return None


def _connections(case: Case) -> list[Effect]:
    return [effect for effect in case.effects if effect.kind is EffectKind.CONNECT]


def _hosts(effect: Effect) -> Sequence[Host]:
    """Return the readings of an effect's host, with the port of its URL where there is one."""
    port = _port(effect.line)
    return [Host(host.name, host.address, host.port or port) for host in readings(effect.target)]


def _port(url: str) -> int | None:
    scheme = _SCHEME.match(url)
    if scheme is None:
        return None
    authority = url[scheme.end() :].rpartition("@")[2]
    written = _EXPLICIT.fullmatch(authority)
    return int(written["port"]) if written else _PORTS.get(scheme["scheme"].lower())


def _found(host: Host, entries: Sequence[HostEntry], *, otherwise: bool) -> HostEntry | None:
    """Return the entry that `host` falls under; `otherwise` says if one with a port fits where no port is known."""
    return next((entry for entry in entries if _fits(host, entry, otherwise)), None)


def _fits(host: Host, entry: HostEntry, otherwise: bool) -> bool:
    if entry.port is not None and (host.port != entry.port if host.port is not None else not otherwise):
        return False
    if entry.network:
        return host.address is not None and _is_in(host, entry.network)
    if not entry.name:
        return True
    return (
        host.name.endswith(f".{entry.name}") or (host.name == entry.name and not entry.below) or _is_local(host, entry)
    )


def _is_in(host: Host, block: str) -> bool:
    network = ipaddress.ip_network(block)
    if network == ipaddress.ip_network("::1/128"):
        network = ipaddress.ip_network("127.0.0.1/32")  # one machine, whatever the family
    return host.address in network


def _is_local(host: Host, entry: HostEntry) -> bool:
    return entry.name == "localhost" and not entry.below and host.address is not None and host.address.is_loopback


def _unknown(effect: Effect) -> Opinion:
    return Opinion(
        action=Action.BLOCK,
        reason="host-unknown",
        message=f"`{_shown(effect)}` is made up at run time: it may be any host",
    )


def _refusal(reason: str, rule: str, effect: Effect, message: str = "") -> Opinion:
    told = message or f"may not connect to `{_shown(effect)}`"
    return Opinion(action=Action.BLOCK, reason=reason, rule=rule, message=told)


def _shown(effect: Effect) -> str:
    return effect.target if len(effect.target) <= _SHOWN else f"{effect.target[:_SHOWN]}…"


@hookimpl
def occasio_register_policy_rules() -> list[PolicyRule]:
    """Return the three rules."""
    return [DeniedHosts(), AllowedHosts(), BrowserHosts()]


__all__ = ["AllowedHosts", "BrowserHosts", "DeniedHosts", "Host", "occasio_register_policy_rules", "readings"]
