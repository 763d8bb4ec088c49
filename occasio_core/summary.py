"""What a run came to, for the person at the terminal: counted from its rows as they are written.

Knows the members of rows.  It does not know files; the evidence is the log, not this.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from occasio_core.commands import Record
from occasio_core.money import dollars
from occasio_core.reading.counters import Counters, counts_of
from occasio_core.visible import printable
from occasio_verify import Json

_TARGETS = ("path", "pattern", "command", "url", "query")  # members of an input that say what a call is about
_LONGEST = 160  # characters of one
MAX_BLOCKS = 20  # lines; the log has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One refused call: the tool, what it was about, and the rule or code that refused it."""

    tool: str
    target: str | None
    rule: str


class Tally:
    """Counts rows, as readers of the log do; may be told of them from several threads."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.limits: Counter[str] = Counter()
        self.rejected = ""
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def counters(self) -> Counters:
        """Return what the rows add up to so far."""
        with self._lock:
            return Counters(**self._counts)

    def note(self, record: Record) -> None:
        """Count one row."""
        members = record.members
        with self._lock:
            self._counts.update(counts_of(record.kind, members))
            match record.kind:
                case "tool_call" if members["action"] == "BLOCK":
                    rule = members.get("rule") or members["reason"]
                    self.blocks.append(Block(tool=str(members["tool_name"]), target=_target(members), rule=str(rule)))
                case "limit_exceeded":
                    self.limits[str(members["limit"])] += 1
                case "policy_rejected":
                    self.rejected = str(members["error"])


def summary(run_id: str, tally: Tally, failure: str = "") -> Iterator[str]:
    """Yield the lines that are shown when the run has ended."""
    counters = tally.counters
    yield f"run {run_id}"
    decided = ", ".join(
        f"{number} {word}"
        for number, word in (
            (counters.passed, "passed"),
            (counters.local, "run here"),
            (counters.transformed, "transformed"),
            (counters.blocked, "blocked"),
        )
        if number or word in ("passed", "blocked")
    )
    yield f"  {_counted(counters.calls, 'tool call')}: {decided}"
    for block in tally.blocks[:MAX_BLOCKS]:
        yield f"  blocked  {' '.join(part for part in (block.tool, block.target) if part)}  ({block.rule})"
    if len(tally.blocks) > MAX_BLOCKS:
        yield f"  and {len(tally.blocks) - MAX_BLOCKS} more blocked calls"
    if counters.secrets:
        yield f"  {_counted(counters.secrets, 'secret')} kept from the model"
    yield _told_of_requests(counters)
    for limit, times in sorted(tally.limits.items()):
        yield f"  limit    {limit} passed {_counted(times, 'time')}"
    if counters.findings:
        yield f"  {_counted(counters.findings, 'finding')} of detectors: occasio anomalies --since 7d --run {run_id}"
    if counters.policies:
        yield f"  policy   edited {_counted(counters.policies, 'time')} in the run"
    if tally.rejected:
        yield f"  policy   an edit was not used: {tally.rejected}"
    steps = [f"occasio bundle --run {run_id}", f"occasio verify {run_id}.occasio.json"]
    if failure:
        yield f"  the gate closed before the end: {failure}"
        steps.insert(0, "occasio audit repair")  # the run may be open, and its log torn
    for position, step in enumerate(steps):
        yield f"  {'      ' if position else 'next: '}{step}"


def _told_of_requests(counters: Counters) -> str:
    told = [
        _counted(counters.requests, "model request"),
        f"{counters.tokens_in:,} tokens in",
        f"{counters.output_tokens:,} tokens out",
    ]
    if counters.requests > counters.unpriced:
        unpriced = f" and {counters.unpriced:,} unpriced" if counters.unpriced else ""
        told.append(f"{dollars(counters.cost_micro_usd)}{unpriced}")
    return f"  {', '.join(told)}"


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _target(members: Mapping[str, Json]) -> str | None:
    inputs = members.get("tool_inputs")
    named = inputs if isinstance(inputs, Mapping) else {}
    for name in _TARGETS:
        if isinstance(value := named.get(name), str):
            shown = printable(value)
            return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
    return None
