"""What is known of an agent, and what leads it to the gate.

Only nouns.  Knows command lines and variables; starts nothing and writes no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

IDLE_MILLISECONDS = 600_000  # longer than a person has for an answer
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What leads an agent to the gate: arguments in front of its own, variables, and files.

    Its environment may change `variables`, not what is `fixed`.  Each of `files` is written for the run alone; the key
    is the variable that names its place, the value its text.
    """

    arguments: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    fixed: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    files: Mapping[str, str] = field(default_factory=lambda: _NOTHING, repr=False)


class KnownAgent(Protocol):
    """One agent."""

    @property
    def name(self) -> str:
        """What rows call it."""

    @property
    def program(self) -> str:
        """The command that starts it."""

    @property
    def install(self) -> str:
        """The command that installs it."""

    @property
    def tried(self) -> str:
        """The version that the tests run."""

    @property
    def base_url_variable(self) -> str:
        """The variable of the one provider that it speaks to, empty if there are several."""

    def known_variables(self, environment: Mapping[str, str], /) -> Mapping[str, str]:
        """Return what the person gave under names of the agent's own, under the names that providers have here."""

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return what leads it to the gate.

        `addresses` are the providers' base URLs by their variables; keys in `environment` are throw-away tokens.
        """

    def way_around(self, arguments: Sequence[str], environment: Mapping[str, str], /) -> str:
        """Return what of its own arguments and variables would lead it around the gate, empty if nothing would."""


class Agent:
    """An agent that finds its providers by the variables that every agent gets, and by nothing else."""

    base_url_variable = ""

    def known_variables(self, environment: Mapping[str, str], /) -> Mapping[str, str]:
        """Return nothing: it has no names of its own."""
        return _NOTHING

    def way(self, addresses: Mapping[str, str], environment: Mapping[str, str], /) -> Way:
        """Return nothing more."""
        return Way()

    def way_around(self, arguments: Sequence[str], environment: Mapping[str, str], /) -> str:
        """Return nothing: no argument of it names a provider."""
        return ""


def option(arguments: Sequence[str], *names: str) -> tuple[str, str] | None:
    """Return the first of these options among the arguments, as it is written, and its value.

    Long ones may carry the value behind `=`, short ones at once.  What stands behind `--` is no option.
    """
    for at, argument in enumerate(arguments):
        if argument == "--":
            return None
        following = arguments[at + 1] if at + 1 < len(arguments) else ""
        for name in names:
            if argument == name:
                return name, following
            if name.startswith("--") and argument.startswith(f"{name}="):
                return name, argument.removeprefix(f"{name}=")
            if not name.startswith("--") and argument.startswith(name) and not argument.startswith("--"):
                return name, argument.removeprefix(name).removeprefix("=")
    return None


def is_on(value: str | None) -> bool:
    """Return whether a variable switches something on."""
    return (value or "").strip().lower() not in ("", "0", "false", "no", "off")
