"""What runs of one project usually do: the tools, programs, hosts and paths they use, the rules that stop them, calls.

Names alone are kept, never contents; of paths the top-level part, whole only where the path is a sensitive one.  What a
refused call would have touched was not touched, so it is not learned: an agent cannot make a thing usual by trying it.
Pure: knows rows, no log and no file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from occasio_core.views.calls import text
from occasio_verify import Json, Row

KINDS = ("tool", "program", "host", "path", "rule")
SURE = 5  # runs: below, confidence is low
_MOST_EVENTS = 5
_OUTSIDE_PARTS = 4  # of a path outside of the project: the root and three names
_OF_EFFECTS = {"execute": "program", "connect": "host", "read": "path", "write": "path", "delete": "path"}
_SENSITIVE = re.compile(  # a name of the path, whole or by its beginning
    r"(?:^|[/\\])(?:\.ssh|\.aws|\.gnupg|\.gcloud|\.azure|\.kube|\.netrc|\.env(?:\.[^/\\]*)?|id_(?:rsa|ed25519|ecdsa)"
    r"|credentials[^/\\]*|secrets?(?:\.[^/\\]*)?|private|shadow|passwd|sudoers[^/\\]*)(?:[/\\]|$)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Use:
    """How often a run used a thing, how often it was refused, and the first rows that say so, by `event_id`."""

    times: int = 0
    refused: int = 0
    events: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Habits:
    """One run: how many calls it made, and what of each kind it used."""

    calls: int
    seen: Mapping[str, Mapping[str, Use]]

    def learned(self) -> Iterator[tuple[str, str]]:
        """Yield the kind and the name of what was used; rules, and nothing that was always refused."""
        for kind, uses in self.seen.items():
            yield from ((kind, name) for name, use in uses.items() if kind == "rule" or use.refused < use.times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What was learned of a project: the calls of each run by its id, and in how many runs each name was seen."""

    project: str
    learned_at: str
    calls: Mapping[str, int]
    seen: Mapping[str, Mapping[str, int]]

    @property
    def is_sure(self) -> bool:
        """Return whether there were enough runs for what is new to mean something."""
        return len(self.calls) >= SURE

    def without(self, run_id: str, habits: Habits) -> Baseline:
        """Return what was learned from all runs but this one: no run is usual by itself."""
        if run_id not in self.calls:
            return self
        own = set(habits.learned())
        seen = {
            kind: {name: left for name, runs in names.items() if (left := runs - ((kind, name) in own)) > 0}
            for kind, names in self.seen.items()
        }
        calls = {run: number for run, number in self.calls.items() if run != run_id}
        return Baseline(project=self.project, learned_at=self.learned_at, calls=calls, seen=seen)

    def volume(self) -> Volume:
        """Return how many calls its runs made."""
        return volume(list(self.calls.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Calls of a run: the median, the median absolute deviation from it, and the 95th percentile (nearest rank)."""

    median: float
    mad: float
    p95: int

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {"median": self.median, "mad": self.mad, "p95": self.p95}


def volume(numbers: Sequence[int]) -> Volume:
    """Return what is usual of `numbers`; zeros where there are none."""
    if not numbers:
        return Volume(median=0, mad=0, p95=0)
    middle = median(numbers)
    rank = -(-95 * len(numbers) // 100)  # nearest rank: the smallest that 95 % do not pass
    return Volume(median=middle, mad=median(abs(one - middle) for one in numbers), p95=sorted(numbers)[rank - 1])


def habits_of(calls: Iterable[Row], cwd: str) -> Habits:
    """Return what the `tool_call` rows of one run say, which worked in `cwd`."""
    seen: dict[str, dict[str, Use]] = {kind: {} for kind in KINDS}
    number = 0
    for row in calls:
        number += 1
        is_refused = text(row, "action") == "BLOCK"
        for kind, name in dict.fromkeys(_named(row, cwd, is_refused=is_refused)):
            use = seen[kind].setdefault(name, Use())
            use.times += 1
            use.refused += is_refused
            if len(use.events) < _MOST_EVENTS:
                use.events.append(text(row, "event_id"))
    return Habits(number, seen)


def baseline_of(project: str, learned_at: str, runs: Iterable[tuple[str, Habits]]) -> Baseline:
    """Return what these runs, by their ids, have in common; `learned_at` is RFC 3339."""
    calls: dict[str, int] = {}
    seen: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for run_id, habits in runs:
        calls[run_id] = habits.calls
        for kind, name in habits.learned():
            seen[kind][name] += 1
    return Baseline(project=project, learned_at=learned_at, calls=calls, seen=seen)


def is_sensitive(path: str) -> bool:
    """Return whether a path has a name that secrets mostly have."""
    return _SENSITIVE.search(path) is not None


def part_of(path: str, cwd: str) -> str:
    """Return the part of the project that a path is in, `./` for its own files; else its first folders."""
    if is_sensitive(path):
        return path
    root = cwd.rstrip("/\\")
    if path == root:
        return "./"
    if root and path.startswith((f"{root}/", f"{root}\\")):
        first, *rest = re.split(r"[/\\]", path[len(root) + 1 :], maxsplit=1)
        return f"{first}/" if rest else "./"
    *folders, _ = re.split(r"[/\\]", path)
    return "/".join(folders[:_OUTSIDE_PARTS]) + "/"


def _named(row: Row, cwd: str, *, is_refused: bool) -> Iterator[tuple[str, str]]:
    yield "tool", text(row, "tool_name")
    if is_refused:
        yield "rule", text(row, "rule") or text(row, "reason")
    effects = row.fields.get("effects")
    for effect in effects if isinstance(effects, list | tuple) else ():
        word, _, target = str(effect).partition(" ")
        kind = _OF_EFFECTS.get(word)
        if kind is not None and target:
            yield kind, part_of(target, cwd) if kind == "path" else target
