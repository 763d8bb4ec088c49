"""The verbs of detection: what a plugin's detectors, their watches and sinks must be able to do.

Nothing here needs to be inherited from; an object with the right members will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from occasio_core.detection.finding import DetectorSettings, Finding, Observation
from occasio_verify import Json


class Watch(Protocol):
    """A detector at work on one log: sees its rows one after the other, and remembers a bounded amount of them."""

    def observe(self, row: Observation, /) -> Iterable[Finding]:
        """Return what `row` gives away beside those before it.

        Must not do I/O; has no time but that of the rows.  A watch that raises is a finding, and is asked no more.
        """


@runtime_checkable
class NarrowWatch(Watch, Protocol):
    """A watch that is shown rows of some kinds alone."""

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of rows that it is shown."""


@runtime_checkable
class Detector(Protocol):
    """Knows one way in which a run can be unlike the others."""

    @property
    def name(self) -> str:
        """Unique among the plugin's detectors."""

    @property
    def options(self) -> Mapping[str, Json]:
        """What the policy's `detectors:` may set, with the defaults: whole numbers, or lists of texts."""

    def open(self, settings: DetectorSettings, /) -> Watch:
        """Return a watch that has seen nothing yet."""


@runtime_checkable
class Sink(Protocol):
    """Hands on what was found."""

    @property
    def name(self) -> str:
        """What the policy's `sinks:` calls it: unique among all plugins."""

    def write(self, row: Mapping[str, Json], /) -> None:
        """Hand on a `finding` row.  Called in a thread of its own: it may wait.  One that raises is logged."""
