"""`secret-then-connect`: something secret was touched, and then there was a connection to where there never was one.

What touches: a result in which secrets were found, a call that was refused a path or a host, and a read of a file that
is made to hold secrets.  A connection to a host that earlier runs of the agent in the project had used is no news.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_core import DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_detectors.bounded import PLACES, RUNS, Bounded
from occasio_detectors.calls import hosts, is_denied, is_secret_place, programs, took_effect, touched

_MOST_HOSTS = 512  # of a place
_LOGS_IN = frozenset({"ssh", "scp", "sftp", "rsync", "git", "gpg", "kubectl", "aws", "gcloud", "docker"})


@dataclass(slots=True)
class _Run:
    """What a run has touched last, and the hosts that it was told of."""

    at: float = 0.0
    what: str = ""
    row: str = ""
    told: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)


class _Leaks:
    kinds = frozenset({"tool_call", "tool_result", "run_ended"})

    def __init__(self, settings: DetectorSettings) -> None:
        self._window = settings.window
        self._runs: Bounded[str, _Run] = Bounded(RUNS, _Run)
        self._known: Bounded[tuple[str, str], set[str]] = Bounded(PLACES, set)
        self._refused: Bounded[tuple[str, str], set[str]] = Bounded(PLACES, set)  # told, and nobody got there

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return a finding for each host that is new and was connected to behind something secret."""
        run = self._runs.of(row.run_id)
        if row.kind == "run_ended":
            self._end(row, run)
            return ()
        if what := _what(row):
            run.at, run.what, run.row = row.at, what, row.hash
        found = [self._told(row, run, host) for host in hosts(row) if self._is_news(row, run, host)]
        if took_effect(row):
            run.hosts.update(list(hosts(row))[: _MOST_HOSTS - len(run.hosts)])
        return found

    def _end(self, row: Observation, run: _Run) -> None:
        """Learn the hosts of a run that has ended, but for those that were told of."""
        known = self._known.of((row.agent, row.project))
        known.update(list(run.hosts - run.told)[: _MOST_HOSTS - len(known)])
        self._runs.forget(row.run_id)

    def _is_news(self, row: Observation, run: _Run, host: str) -> bool:
        is_recent = bool(run.row) and 0 <= row.at - run.at <= self._window
        place = row.agent, row.project
        is_old_try = not took_effect(row) and host in self._refused.of(place)
        return is_recent and host not in run.told and host not in self._known.of(place) and not is_old_try

    def _is_odd(self, row: Observation) -> bool:
        """Return whether nothing ordinary reads a secret and connects: no log-in by a key, and no first run here."""
        is_known = bool(self._known.of((row.agent, row.project)))
        return is_known and not any(program in _LOGS_IN for program in programs(row))

    def _told(self, row: Observation, run: _Run, host: str) -> Finding:
        run.told.add(host)
        tries = self._refused.of((row.agent, row.project))
        if not took_effect(row) and len(tries) < _MOST_HOSTS:
            tries.add(host)
        is_one_call = row.hash == run.row
        severity = Severity.LOW
        if took_effect(row):
            severity = Severity.HIGH if is_one_call and self._is_odd(row) else Severity.MEDIUM
        order = "by" if is_one_call else "after"
        done = "was connected to" if took_effect(row) else "was to be connected to"
        return Finding(
            severity=severity,
            message=f"`{host}`, never used before here, {done} {order} a call that {run.what}",
            rows=(row.hash,) if is_one_call else (run.row, row.hash),
            tags=("attack.T1552", "attack.T1048", "owasp-agentic.T2"),
            hint="see what was sent (occasio replay --detail), change what may have got out, and name allow_hosts",
        )


def _what(row: Observation) -> str:
    """Return what a row touched that is secret, as a relative clause; empty for nothing."""
    if row.kind == "tool_result" and (row.fields.get("secret_labels") or row.fields.get("secrets_redacted")):
        return "had secrets in its result"
    if is_denied(row):
        return "was refused by the policy"
    if took_effect(row) and any(is_secret_place(path) for path in touched(row, "read")):
        return "read a file that is made for secrets"
    return ""


class SecretThenConnect:
    """Tells of connections behind something secret."""

    name = "secret-then-connect"
    options: Mapping[str, Json] = MappingProxyType({})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over what runs touch and where they connect to."""
        return _Leaks(settings)
