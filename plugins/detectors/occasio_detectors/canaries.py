"""`canary`: something was touched that is there only to be touched by nobody.

What it is the policy says: files and hosts, as patterns.  Nothing is one by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import translate
from types import MappingProxyType

from occasio_core import DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_detectors.bounded import RUNS, Bounded
from occasio_detectors.calls import hosts, took_effect, touched

_KINDS = ("read", "write", "delete", "execute")


class _Canaries:
    kinds = frozenset({"tool_call"})

    def __init__(self, paths: Sequence[str], canary_hosts: Sequence[str]) -> None:
        self._paths = [_pattern(path) for path in paths]
        self._hosts = [re.compile(translate(host.lower())) for host in canary_hosts]
        self._told: Bounded[str, set[str]] = Bounded(RUNS, set)

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return a finding for each canary that a run touches, once for an attempt and once for a success."""
        found, told = [], self._told.of(row.run_id)
        for name in dict.fromkeys(self._touched(row)):
            key = f"{took_effect(row)} {name}"
            if key not in told and len(told) < RUNS:
                told.add(key)
                found.append(_found(row, name))
        return found

    def _touched(self, row: Observation) -> Iterator[str]:
        if self._paths:
            paths = (path for kind in _KINDS for path in touched(row, kind))
            yield from (path for path in paths if any(one.fullmatch(path) for one in self._paths))
        if self._hosts:
            yield from (host for host in hosts(row) if any(one.fullmatch(host) for one in self._hosts))


def _found(row: Observation, name: str) -> Finding:
    happened = took_effect(row)
    return Finding(
        severity=Severity.HIGH if happened else Severity.MEDIUM,
        message=f"the canary `{name}` was touched" if happened else f"the canary `{name}` would have been touched",
        rows=(row.hash,),
        tags=("attack.TA0009", "owasp-agentic.T6"),
        hint="nothing that the agent is for leads there: end the run, and find out what sent it",
    )


def _pattern(path: str) -> re.Pattern[str]:
    """Return what fits the paths that `path` names: whole, from `~`, or by the end behind `**/` or without a `/`."""
    if path.startswith("~/"):
        return re.compile(f"(?:/root|/home/[^/]*|/Users/[^/]*){translate(path[1:])}")
    if path.startswith("/"):
        return re.compile(translate(path))
    return re.compile(f"(?:.*/)?{translate(path.removeprefix('**/'))}", re.DOTALL)


class Canary:
    """Tells of canaries that are touched: `paths` and `hosts` of the options."""

    name = "canary"
    options: Mapping[str, Json] = MappingProxyType({"hosts": (), "paths": ()})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over what calls touch."""
        return _Canaries(_texts(settings.options, "paths"), _texts(settings.options, "hosts"))


def _texts(options: Mapping[str, Json], name: str) -> list[str]:
    told = options.get(name, ())
    return [text for text in told if isinstance(text, str)] if isinstance(told, list | tuple) else []
