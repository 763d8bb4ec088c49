"""What the policy says of who watches the log, and of who is told: `detectors:` and `sinks:`.

Knows trees, not files.  Which detectors and sinks there are it is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from occasio_core.detection.finding import Detection
from occasio_core.detection.protocols import Detector
from occasio_core.model import Policy
from occasio_core.policy.document import Node, Table, document
from occasio_core.policy.nodes import check_keys, listing, mapping, positive, settings, text, unknown
from occasio_verify import Json

DETECTORS = "detectors"
SINKS = "sinks"
KEYS = ("window_seconds", "threshold_percent", "disabled", "options")


def detectors(table: Table, base: Detection) -> Detection:
    """Return `base` with what `detectors:` adds.  Raises `PolicyError`."""
    given = mapping(table, DETECTORS)
    check_keys(given, KEYS)
    disabled = tuple(text(item, "the name of a detector") for item in listing(given, "disabled").items)
    return Detection(
        window_seconds=positive(given, "window_seconds") or base.window_seconds,
        threshold_percent=positive(given, "threshold_percent") or base.threshold_percent,
        disabled=tuple(dict.fromkeys((*base.disabled, *disabled))),
        options=MappingProxyType({**base.options, **_each(given, "options")}),
    )


def sinks(table: Table) -> dict[str, Mapping[str, Json]]:
    """Return what `sinks:` says of each sink, by name.  Raises `PolicyError`."""
    return _each(table, SINKS)


def check_detectors(policy: Policy, known: Mapping[str, Detector]) -> None:
    """Make sure that `detectors:` speaks of detectors and options that there are.

    Raises `PolicyError` at the first that would change nothing.
    """
    given = _given(policy, DETECTORS)
    for item in listing(given, "disabled").items:
        if (name := text(item, "the name of a detector")) not in known:
            raise unknown(item.place, name, "detector", sorted(known))
    options = mapping(given, "options")
    for name, place in options.keys.items():
        if name not in known:
            raise unknown(place, name, "detector", sorted(known))
        told = options.members[name]
        if isinstance(told, Table):
            check_keys(told, known[name].options)
            for option, node in told.members.items():
                _check_option(option, node, known[name].options[option])


def check_sinks(policy: Policy, known: Collection[str]) -> None:
    """Make sure that every sink which the policy names is there.  Raises `PolicyError` at the first that is not."""
    for name, place in _given(policy, SINKS).keys.items():
        if name not in known:
            raise unknown(place, name, "sink", sorted(known))


def _each(table: Table, key: str) -> dict[str, Mapping[str, Json]]:
    return {name: settings(name, member) for name, member in mapping(table, key).members.items()}


def _check_option(name: str, node: Node, default: Json) -> None:
    """Make sure that the option is of the type of its default: a whole number, or a list of texts."""
    if isinstance(default, int):
        positive(Table(place=node.place, members={name: node}), name)
    else:
        for item in listing(Table(place=node.place, members={name: node}), name).items:
            text(item, f"an entry of {name}")


def _given(policy: Policy, key: str) -> Table:
    """Return what the file says under `key`, every node with its place."""
    return mapping(document(policy.text.encode(), policy.path or "default.yml"), key)
