"""Governs agents that look at a screen, press keys and click.

* handler `computer`: what a call types is judged as the worst that it may be, a line for a terminal, an address, a
  path; text that is typed over several calls is judged together.
* rules `keyboard`, `commands`, `screen`, `clicks`: what `computer_use:` of the policy refuses.  Its
  `allow_browser_hosts` is judged by the plugin `hosts`, from the hosts that are found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from occasio_computer_use.gestures import OTHER, TOOLSET, Gesture, gestures
from occasio_computer_use.rules import CANONICAL, JOINED, Clicks, Keyboard, Lines, Screen
from occasio_computer_use.typed import lines
from occasio_computer_use.words import hosts_in
from occasio_core import (
    Earlier,
    Effect,
    EffectKind,
    Json,
    PolicyRule,
    ToolCall,
    ToolHandler,
    effects_of_unknown,
    hookimpl,
)

_TOOLS = {"computer": CANONICAL, "computer_call": CANONICAL, **{f"computer.{name}": CANONICAL for name in TOOLSET}}
_COMPLETED = "\t"  # a shell makes a whole name of what stands before it


class UsesComputers:
    """Knows what actions on a screen and a keyboard may come to."""

    name = "computer"
    tools: Mapping[str, str] = MappingProxyType(_TOOLS)

    def joined(self, call: ToolCall, earlier: Sequence[Earlier], /) -> ToolCall:
        """Return the call with the lines that it types or goes on with.  Raises `ValueError` if it says nothing."""
        before = [gesture for one in earlier for gesture in gestures(one.call.tool, one.call.input)]
        found = lines(before, gestures(call.tool, call.input))
        return replace(call, input=MappingProxyType({**call.input, JOINED: "\n".join(found)}))

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return what the lines would touch if a terminal ran them, and the hosts that they name."""
        joined = call.input.get(JOINED)
        text = joined if isinstance(joined, str) else "\n".join(lines((), gestures(call.tool, call.input)))
        return list(dict.fromkeys(effect for line in text.split("\n") if line for effect in _effects(call, line)))

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the kinds of action, where they point, and how much is typed; never what."""
        done = gestures(call.tool, call.input)
        told: dict[str, Json] = {"actions": [gesture.kind for gesture in done[:_SHOWN]], "count": len(done)}
        points = [list(point) for gesture in done for point in gesture.points][:_SHOWN]
        typed = sum(len(gesture.text) for gesture in done)
        return {**told, **({"points": points} if points else {}), **({"typed": typed} if typed else {})}


_SHOWN = 32  # actions and points that a row keeps


def _effects(call: ToolCall, line: str) -> Iterator[Effect]:
    as_command = replace(call, input=MappingProxyType({"command": line.replace(_COMPLETED, " ")}))
    yield from (effect for effect in effects_of_unknown(as_command) if effect.kind is not EffectKind.CONNECT)
    yield from (Effect(EffectKind.CONNECT, host, line=said) for host, said in hosts_in(line))
    for begun in line.split(_COMPLETED)[:-1]:
        if word := begun.rpartition(" ")[2]:
            yield from (Effect(kind, f"{word}*", wild=True) for kind in (EffectKind.READ, EffectKind.WRITE))


@hookimpl
def occasio_register_tool_handlers() -> list[ToolHandler]:
    """Return the one handler."""
    return [UsesComputers()]


@hookimpl
def occasio_register_policy_rules() -> list[PolicyRule]:
    """Return the four rules."""
    return [Keyboard(), Lines(), Screen(), Clicks()]


__all__ = [
    "OTHER",
    "Clicks",
    "Gesture",
    "Keyboard",
    "Lines",
    "Screen",
    "UsesComputers",
    "gestures",
    "occasio_register_policy_rules",
    "occasio_register_tool_handlers",
]
