"""Watches the log for what is unlike the runs before: refusals, reads, inputs and secrets.

Each detector is told by the policy's `detectors:` and knows nothing but rows.  None is on the path of a decision.
"""

from __future__ import annotations

from occasio_core import Detector, hookimpl
from occasio_detectors.denials import DenyRate
from occasio_detectors.reads import ReadVolume
from occasio_detectors.redactions import SecretRate
from occasio_detectors.shapes import InputShape


@hookimpl
def occasio_register_detectors() -> list[Detector]:
    """Return the detectors."""
    return [DenyRate(), InputShape(), ReadVolume(), SecretRate()]


__all__ = ["DenyRate", "InputShape", "ReadVolume", "SecretRate", "occasio_register_detectors"]
