"""A home of their own for the tests of the command."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return Occasio's home, which is not there yet."""
    place = tmp_path / "home"
    monkeypatch.setenv("OCCASIO_HOME", str(place))
    return place
