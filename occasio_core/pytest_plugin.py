"""What pytest finds by itself wherever Occasio is installed: the fixture `occasio_gate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from occasio_core.testing.gate import TestGate


@pytest.fixture
def occasio_gate(tmp_path: Path) -> Callable[..., TestGate]:
    """Return what makes a `TestGate` in a folder of its own: `occasio_gate(plugin, policy=..., settings=...)`."""
    from occasio_core.testing.gate import TestGate

    work = tmp_path / "work"
    work.mkdir()

    def made(plugin: object = None, **given: object) -> TestGate:
        return TestGate(plugin, **{"cwd": work, "home": tmp_path / "home", **given})  # type: ignore[arg-type]

    return made
