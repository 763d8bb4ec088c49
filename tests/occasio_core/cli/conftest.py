"""A home for each test of the command line, and a log in it for those that ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import home as places
from tests.occasio_core.cli.commands import two_runs, written
from tests.samples import POLICY, Log, sha256


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that is not there yet, and a working directory of the test's own."""
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


@pytest.fixture
def log(home: Path) -> Log:
    """A log of two runs in the home, and the policy that was in force."""
    places.prepared(home)
    kept = places.policy_copy_path(home, sha256(POLICY.encode()))
    kept.parent.mkdir()
    kept.write_text(POLICY, encoding="utf-8")
    return written(home, two_runs())
