"""What the policy says of a sink: the part that all have, and values with their types.

Raises `PluginError` with the sink's name for what is not known: a finding that goes nowhere would look like none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from occasio_core import Json, PluginError, Severity, printable

AT_LEAST = "at_least"


def checked(sink: str, told: Mapping[str, Json], known: Iterable[str]) -> Mapping[str, Json]:
    """Return `told` if it has no key but the known ones and `at_least`."""
    names = sorted({*known, AT_LEAST})
    for key in told:
        if key not in names:
            near = get_close_matches(key, names, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(names)}"
            raise PluginError(f"sinks: {sink}: `{key}` is not known", hint=hint)
    return told


def text(sink: str, told: Mapping[str, Json], key: str, default: str | None = None) -> str:
    """Return a text; one without a default must be there."""
    value = told.get(key, default)
    if not isinstance(value, str) or not value:
        raise PluginError(f"sinks: {sink}: `{key}` is a text that must be there", hint=f"write `{sink}: {{{key}: …}}`")
    return value


def threshold(sink: str, told: Mapping[str, Json]) -> Severity:
    """Return from which severity on findings are handed on: by default all of them."""
    word = text(sink, told, AT_LEAST, Severity.INFO.value)
    if word not in list(Severity):
        raise PluginError(f"sinks: {sink}: `{word}` is no severity", hint=f"known are {', '.join(Severity)}")
    return Severity(word)


def matters(row: Mapping[str, Json], least: Severity) -> bool:
    """Return whether a finding is as severe as `least`, or more."""
    return Severity(str(row["severity"])).rank >= least.rank


def line(row: Mapping[str, Json]) -> str:
    """Return a finding in one line, without anything that would move a terminal."""
    told = f"{str(row['severity']).upper()} {row['detector']}: {' '.join(str(row['message']).split())}"
    return printable(told)
