"""A real run as an agent's job hands it over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that `occasio demo attest` leaves, with a log and its policies."""
    place = tmp_path_factory.mktemp("github") / "demo-out"
    command = [sys.executable, "-m", "occasio_core", "demo", "attest", "--out", str(place)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return place / "home"
