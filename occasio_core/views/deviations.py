"""What a run does that the other runs of its project did not.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from occasio_core.detection.finding import Severity
from occasio_core.views.habits import KINDS, Baseline, Habits, Use, is_sensitive
from occasio_verify import Json

# reaches the network, other machines or users, installs, or destroys
_STRONG = re.compile(
    r"(?:curl|wget|nc|ncat|socat|ssh|scp|sftp|rsync|rm|rmdir|dd|mkfs(?:\..*)?|format|shred|sudo|su|doas|pkexec"
    r"|npm|npx|pip3?|pipx|uvx?|gem|cargo|apt|apt-get|dnf|brew)(?:\.exe)?"
)
_MAD_TO_DEVIATION = 1.4826  # of a normal distribution
_DO = {
    "tool": "set `{name}: {{action: block}}` under `tools` in policy.yml if agents may not use it",
    "program": "add a pattern to `deny_commands` in policy.yml if agents may not run it",
    "host": "add `{name}` to `deny_hosts` in policy.yml if agents may not reach it",
    "path": "add it to `deny_paths` in policy.yml if agents may not touch it",
    "rule": "the rule held: see what the agent was after",
}
_LOWER = {Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """What is unlike before: `name` is new, or the number of calls is.  `events` are rows, by `event_id`."""

    what: str
    name: str
    severity: Severity
    message: str
    events: tuple[str, ...]
    hint: str

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "what": self.what,
            "name": self.name,
            "severity": self.severity.value,
            "message": self.message,
            "rows": list(self.events),
            "hint": self.hint,
        }


def deviations(habits: Habits, baseline: Baseline) -> list[Deviation]:
    """Return what a run's habits have that `baseline` has not, the gravest first.

    A baseline of few runs knows little, so what is new to it counts one step less; sensitive paths do not.
    """
    found = [*_new(habits, baseline), *_spike(habits, baseline)]
    return sorted(found, key=lambda one: -one.severity.rank)


def exit_code(found: list[Deviation]) -> int:
    """Return 0 for nothing, 1 for what is low, 2 for what is medium or high."""
    worst = max((one.severity.rank for one in found), default=-1)
    return 0 if worst < 0 else 2 if worst >= Severity.MEDIUM.rank else 1


def _new(habits: Habits, baseline: Baseline) -> Iterator[Deviation]:
    for kind in KINDS:
        known = baseline.seen.get(kind, {})
        for name, use in habits.seen[kind].items():
            if name not in known:
                yield Deviation(
                    what=f"new_{kind}",
                    name=name,
                    severity=_severity(kind, name, use, is_sure=baseline.is_sure),
                    message=_message(kind, name, use, len(baseline.calls)),
                    events=tuple(use.events),
                    hint=_DO[kind].format(name=name),
                )


def _severity(kind: str, name: str, use: Use, *, is_sure: bool) -> Severity:
    if kind == "path" and is_sensitive(name):
        return Severity.HIGH
    severity = Severity.MEDIUM
    if kind == "program" and _STRONG.fullmatch(re.split(r"[/\\]", name)[-1].lower()):
        severity = Severity.HIGH
    elif kind == "path" and not name.startswith(("/", "\\", "~")) and ":" not in name:
        severity = Severity.LOW  # a new part of the project itself
    if use.refused == use.times or not is_sure:
        severity = _LOWER.get(severity, severity)
    return severity


def _message(kind: str, name: str, use: Use, runs: int) -> str:
    refused = ", refused each time" if use.refused == use.times else f", {use.refused} refused" if use.refused else ""
    if kind == "rule":
        return f"`{name}` stopped {_calls(use.times)}, and none of any other run ({runs})"
    return f"the {kind} `{name}` was used by {_calls(use.times)}{refused}, and in no other run ({runs})"


def _calls(number: int) -> str:
    return f"{number:,} call{'' if number == 1 else 's'}"


def _spike(habits: Habits, baseline: Baseline) -> Iterator[Deviation]:
    usual = baseline.volume()
    spread = usual.median + 3 * _MAD_TO_DEVIATION * usual.mad
    if not baseline.is_sure or habits.calls <= max(1.5 * usual.p95, spread):
        return
    yield Deviation(
        what="volume_spike",
        name="calls",
        severity=Severity.HIGH if habits.calls > 3 * usual.p95 else Severity.MEDIUM,
        message=f"{habits.calls:,} calls, where 95 of 100 other runs have at most {usual.p95:,}",
        events=(),
        hint="see what they were with `occasio replay`; `limits` in policy.yml can stop a run that makes too many",
    )
