"""`first-seen`: a host that an agent has never connected to in a project, or a program that it has never run there.

Nothing is told before the agent has worked there for some time: at first everything is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_core import DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_detectors.bounded import PLACES, RUNS, Bounded
from occasio_detectors.calls import hosts, programs
from occasio_detectors.options import number

_MOST_NAMES = 2048  # of a place
_MOST_TOLD = 5  # of a run: one that makes up names without end is told of so often
_MOST_LEARNED = 64  # of a run: no run fills what is known
# what carries data out, opens a door, or does something later
_RISKY = re.compile(
    r"nc|ncat|netcat|socat|telnet|ssh|scp|sftp|rsync|rclone|ftp|tftp|ngrok|cloudflared|chisel|frpc?|tor|wg|openvpn"
    r"|crontab|at|batch|systemctl|launchctl|systemd-run|nsenter|unshare|chroot|insmod|modprobe|gdb|strace|ptrace|xxd|gpg|age"
)
_ADDRESS = re.compile(r"[0-9.]+|[0-9a-f:]+:[0-9a-f:.]*")


@dataclass(slots=True)
class _Place:
    """What is known of an agent in a project."""

    calls: int = 0
    runs: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Run:
    told: int = 0
    learned: int = 0


class _Firsts:
    kinds = frozenset({"tool_call"})

    def __init__(self, settings: DetectorSettings) -> None:
        self._calls = number(settings.options, "calls_before") * settings.multiplier
        self._runs_before = number(settings.options, "runs_before")
        self._places: Bounded[tuple[str, str], _Place] = Bounded(PLACES, _Place)
        self._agents: Bounded[str, set[str]] = Bounded(PLACES, set)
        self._runs: Bounded[str, _Run] = Bounded(RUNS, _Run)

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return a finding for each host and program that is new, once there is something to compare with."""
        place, run = self._places.of((row.agent, row.project)), self._runs.of(row.run_id)
        place.calls += 1
        if len(place.runs) <= self._runs_before:
            place.runs.add(row.run_id)
        found = []
        for what, name in _names(row):
            key = f"{what} {name}"
            if key in place.names:
                continue
            elsewhere = key in self._agents.of(row.agent)
            if self._is_mature(place) and run.told < _MOST_TOLD and (not elsewhere or _is_risky(what, name)):
                run.told += 1
                found.append(_told(row, what, name, elsewhere=elsewhere))
            self._learn(row, run, place, key)
        return found

    def _is_mature(self, place: _Place) -> bool:
        return place.calls > self._calls and len(place.runs) > self._runs_before

    def _learn(self, row: Observation, run: _Run, place: _Place, key: str) -> None:
        if run.learned >= _MOST_LEARNED or len(place.names) >= _MOST_NAMES:
            return
        run.learned += 1
        place.names.add(key)
        everywhere = self._agents.of(row.agent)
        if len(everywhere) < _MOST_NAMES:
            everywhere.add(key)


def _names(row: Observation) -> Iterator[tuple[str, str]]:
    yield from (("host", host) for host in dict.fromkeys(hosts(row)))
    yield from (("program", program) for program in dict.fromkeys(programs(row)))


def _is_risky(what: str, name: str) -> bool:
    return (_ADDRESS if what == "host" else _RISKY).fullmatch(name) is not None


def _told(row: Observation, what: str, name: str, *, elsewhere: bool) -> Finding:
    severity = Severity.MEDIUM if _is_risky(what, name) and not elsewhere else Severity.LOW
    done = "connects to" if what == "host" else "runs"
    where = "in this project, though in others" if elsewhere else "before"
    return Finding(
        severity=severity,
        message=f"the agent {done} `{name}`, as it never did {where}",
        rows=(row.hash,),
        tags=("attack.TA0011",) if what == "host" else ("attack.T1059", "owasp-agentic.T11"),
        hint="nothing to do if the task asks for it; deny_hosts, allow_hosts and deny_commands say what may be",
    )


class FirstSeen:
    """Tells of hosts and programs that are new."""

    name = "first-seen"
    options: Mapping[str, Json] = MappingProxyType({"calls_before": 200, "runs_before": 4})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over where agents connect to and what they run."""
        return _Firsts(settings)
