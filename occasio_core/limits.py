"""How much an agent may do in a round and in a run: counting, and saying when it is too much.

Knows numbers and names of tools.  It does not know what is refused because of it, nor who writes it down.  A round is
one answer of the model, with the results that went to the model for it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from occasio_core.model import Limits

SHELLS = frozenset({"shell_bash", "shell_powershell"})  # canonical names


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceeded:
    """A limit that was passed, as its row says it: by `actual`, where `max` is what the policy allows."""

    limit: str
    max: int
    actual: int

    @property
    def rule(self) -> str:
        """Return the policy's own words for it."""
        return f"limits: {self.limit}: {self.max}"

    @property
    def message(self) -> str:
        """Return what a person is told."""
        return f"{self.actual} would be more than the {self.max} that the policy allows"


@dataclass(slots=True)
class Counts:
    """What a round, or a run, has come to so far."""

    tool_calls: int = 0
    bash_calls: int = 0
    bytes_to_model: int = 0
    requests: int = 0


@dataclass(slots=True)
class Counter:
    """Counts a run.  May be asked from several threads at once; a round belongs to one exchange."""

    run: Counts = field(default_factory=Counts)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def call(self, tool: str, here: Counts, limits: Limits) -> Exceeded | None:
        """Count one call of a tool, by its canonical name; return the first limit that it passes.

        A call counts whatever becomes of it: an agent that is refused again and again is one to stop, too.
        """
        is_bash = tool in SHELLS
        with self._lock:
            for counts in (here, self.run):
                counts.tool_calls += 1
                counts.bash_calls += is_bash
            amounts = [
                ("max_tool_calls_per_round", limits.max_tool_calls_per_round, here.tool_calls),
                ("max_tool_calls_per_run", limits.max_tool_calls_per_run, self.run.tool_calls),
            ]
            if is_bash:
                amounts += [
                    ("max_bash_calls_per_round", limits.max_bash_calls_per_round, here.bash_calls),
                    ("max_bash_calls_per_run", limits.max_bash_calls_per_run, self.run.bash_calls),
                ]
        return _first(amounts)

    def result(self, size: int, here: Counts, limits: Limits) -> Exceeded | None:
        """Count the bytes of a result that goes to the model; return the first limit that they pass.

        What is withheld because of it is taken back: the notice in its place is not counted.
        """
        with self._lock:
            exceeded = _first(
                [
                    (
                        "max_bytes_to_model_per_round",
                        limits.max_bytes_to_model_per_round,
                        here.bytes_to_model + size,
                    ),
                    (
                        "max_bytes_to_model_per_run",
                        limits.max_bytes_to_model_per_run,
                        self.run.bytes_to_model + size,
                    ),
                ]
            )
            if exceeded is None:
                here.bytes_to_model += size
                self.run.bytes_to_model += size
        return exceeded

    def request(self, limits: Limits) -> Exceeded | None:
        """Count one request to the model's provider; return the limit that it passes.  A refused one is not counted."""
        with self._lock:
            exceeded = _first([("max_requests_per_run", limits.max_requests_per_run, self.run.requests + 1)])
            if exceeded is None:
                self.run.requests += 1
        return exceeded


def _first(amounts: list[tuple[str, int | None, int]]) -> Exceeded | None:
    for name, maximum, actual in amounts:
        if maximum is not None and actual > maximum:
            return Exceeded(limit=name, max=maximum, actual=actual)
    return None
