"""`input-shape`: a tool is given a member that its input has never had.

What matters is the name alone: that a command is run with `env` or `sandbox: off` shows in no command.  Members that
come and go are no news, and a combination of known ones is none either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from occasio_core import DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_detectors.bounded import Bounded
from occasio_detectors.options import number

_MOST_TOOLS = 1024  # of all agents
_MOST_NAMES = 64  # of one tool; one that makes up names without end is told once
# what lets a tool do more than it says, or says who does it
_RISKY = re.compile(
    r"env|privileg|sudo|root|raw|exec|eval|stdin|seccomp|sandbox|unsafe|bypass|dangerous|force|escalat|override|as_user",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Tool:
    """What is known of a tool of an agent."""

    calls: int = 0
    names: set[str] = field(default_factory=set)
    is_full: bool = False


class _Shapes:
    """The names that inputs had, by agent and tool, whatever the project."""

    kinds = frozenset({"tool_call"})

    def __init__(self, settings: DetectorSettings) -> None:
        self._calls_before = number(settings.options, "calls_before") * settings.multiplier
        self._tools: Bounded[tuple[str, str], _Tool] = Bounded(_MOST_TOOLS, _Tool)

    def observe(self, row: Observation, /) -> Sequence[Finding]:
        """Return a finding for names that a tool's input has never had, once enough calls of it were seen."""
        names = row.fields.get("input_names")
        if not isinstance(names, list):
            return ()
        tool = self._tools.of((row.agent, str(row.fields.get("tool_name"))))
        new = [name for name in cast("list[str]", names) if name not in tool.names]
        is_known, was_full = tool.calls >= self._calls_before, tool.is_full
        tool.calls += 1
        self._learn(tool, new)
        if not new or not is_known or was_full:
            return ()
        return [_finding(row, new, tool)]

    def _learn(self, tool: _Tool, new: Sequence[str]) -> None:
        room = _MOST_NAMES - len(tool.names)
        tool.names.update(new[:room])
        tool.is_full = len(tool.names) >= _MOST_NAMES


def _finding(row: Observation, new: Sequence[str], tool: _Tool) -> Finding:
    told = ", ".join(f"`{name}`" for name in new[:8])
    risky = [name for name in new if _RISKY.search(name)]
    return Finding(
        severity=Severity.MEDIUM if risky else Severity.LOW,
        message=f"{row.fields.get('tool_name')} was given {told}, never seen in {tool.calls - 1} calls of it",
        rows=(row.hash,),
        tags=("owasp-agentic.T2",),
        hint="ask the agent's maker what it does; a policy judges the tool whatever its input says",
        observed=tool.calls,
    )


class InputShape:
    """Tells of inputs of an unseen shape."""

    name = "input-shape"
    options: Mapping[str, Json] = MappingProxyType({"calls_before": 50})

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch over the inputs of calls."""
        return _Shapes(settings)
