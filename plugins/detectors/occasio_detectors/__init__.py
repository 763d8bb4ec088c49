"""Watches the log for what is unlike the runs before, and for what looks like an attack or a mishap.

Each detector is told by the policy's `detectors:` and knows nothing but rows.  None is on the path of a decision.
"""

from __future__ import annotations

from occasio_core import Detector, hookimpl
from occasio_detectors.canaries import Canary
from occasio_detectors.costs import CostRate
from occasio_detectors.denials import DenyRate
from occasio_detectors.firsts import FirstSeen
from occasio_detectors.gaps import CoverageGap
from occasio_detectors.hours import UnusualHours
from occasio_detectors.leaks import SecretThenConnect
from occasio_detectors.loops import Loop
from occasio_detectors.probes import Probing
from occasio_detectors.reads import ReadVolume
from occasio_detectors.redactions import SecretRate
from occasio_detectors.shapes import InputShape
from occasio_detectors.written import WriteThenRun


@hookimpl
def occasio_register_detectors() -> list[Detector]:
    """Return the detectors."""
    return [
        Canary(),
        CostRate(),
        CoverageGap(),
        DenyRate(),
        FirstSeen(),
        InputShape(),
        Loop(),
        Probing(),
        ReadVolume(),
        SecretRate(),
        SecretThenConnect(),
        UnusualHours(),
        WriteThenRun(),
    ]


__all__ = [
    "Canary",
    "CostRate",
    "CoverageGap",
    "DenyRate",
    "FirstSeen",
    "InputShape",
    "Loop",
    "Probing",
    "ReadVolume",
    "SecretRate",
    "SecretThenConnect",
    "UnusualHours",
    "WriteThenRun",
    "occasio_register_detectors",
]
