"""What a run came to, for the person at the terminal: counted from its rows as they are written.

Knows the members of rows.  It does not know files; the evidence is the log, not this.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from occasio_core.budget import dollars
from occasio_core.commands import Record
from occasio_verify import Json

MAX_BLOCKS = 20  # lines; the log has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One refused call: the tool, what it was about, and the rule or code that refused it."""

    tool: str
    target: str | None
    rule: str


class Tally:
    """Counts rows; may be told of them from several threads."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.blocks: list[Block] = []
        self.numbers: Counter[str] = Counter()
        self.limits: Counter[str] = Counter()
        self.rejected = ""
        self._lock = threading.Lock()

    def note(self, record: Record) -> None:
        """Count one row."""
        members = record.members
        with self._lock:
            match record.kind:
                case "tool_call":
                    self._note_call(members)
                case "tool_result":
                    self.numbers["redacted"] += _number(members.get("secrets_redacted"))
                case "request":
                    self.numbers["requests"] += 1
                    self.numbers["input"] += sum(
                        _number(members.get(f"{name}_tokens")) for name in ("input", "cache_read", "cache_write")
                    )
                    self.numbers["output"] += _number(members.get("output_tokens"))
                    self.numbers["cost"] += _number(members.get("cost_micro_usd"))
                    self.numbers["unpriced"] += "cost_micro_usd" not in members
                case "limit_exceeded":
                    self.limits[str(members["limit"])] += 1
                case "policy_loaded":
                    self.numbers["policies"] += 1
                case "policy_rejected":
                    self.rejected = str(members["error"])

    def _note_call(self, members: Mapping[str, Json]) -> None:
        action = str(members["action"])
        self.calls[action] += 1
        if action == "BLOCK":
            rule = members.get("rule") or members["reason"]
            self.blocks.append(Block(tool=str(members["tool_name"]), target=_target(members), rule=str(rule)))


def summary(run_id: str, tally: Tally, failure: str = "") -> Iterator[str]:
    """Yield the lines that are shown when the run has ended."""
    calls, numbers = tally.calls, tally.numbers
    yield f"run {run_id}"
    decided = ", ".join(
        f"{calls[action]} {word}"
        for action, word in (
            ("PASS", "passed"),
            ("LOCAL", "run here"),
            ("TRANSFORM", "transformed"),
            ("BLOCK", "blocked"),
        )
        if calls[action] or action in ("PASS", "BLOCK")
    )
    yield f"  {_counted(sum(calls.values()), 'tool call')}: {decided}"
    for block in tally.blocks[:MAX_BLOCKS]:
        yield f"  blocked  {' '.join(part for part in (block.tool, block.target) if part)}  ({block.rule})"
    if len(tally.blocks) > MAX_BLOCKS:
        yield f"  and {len(tally.blocks) - MAX_BLOCKS} more blocked calls"
    if numbers["redacted"]:
        yield f"  {_counted(numbers['redacted'], 'secret')} kept from the model"
    yield from _told_of_requests(numbers)
    for limit, times in sorted(tally.limits.items()):
        yield f"  limit    {limit} passed {_counted(times, 'time')}"
    if numbers["policies"]:
        yield f"  policy   edited {_counted(numbers['policies'], 'time')} in the run"
    if tally.rejected:
        yield f"  policy   an edit was not used: {tally.rejected}"
    steps = [f"occasio bundle --run {run_id}", f"occasio verify {run_id}.occasio.json"]
    if failure:
        yield f"  the gate closed before the end: {failure}"
        steps.insert(0, "occasio audit repair")  # the run may be open, and its log torn
    for position, step in enumerate(steps):
        yield f"  {'      ' if position else 'next: '}{step}"


def _told_of_requests(numbers: Mapping[str, int]) -> Iterator[str]:
    told = [
        _counted(numbers["requests"], "model request"),
        f"{numbers['input']:,} tokens in",
        f"{numbers['output']:,} tokens out",
    ]
    if numbers["requests"] > numbers["unpriced"]:
        told.append(
            dollars(numbers["cost"]) + (f" and {numbers['unpriced']:,} unpriced" if numbers["unpriced"] else "")
        )
    yield f"  {', '.join(told)}"


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _target(members: Mapping[str, Json]) -> str | None:
    inputs = members.get("tool_inputs")
    named = inputs if isinstance(inputs, Mapping) else {}
    for name in ("path", "pattern"):
        if isinstance(value := named.get(name), str):
            return "".join(character if character.isprintable() else "?" for character in value)
    return None


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
