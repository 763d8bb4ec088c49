"""The demonstration of detectors shows all four at work on rows that the real gate has written."""

from __future__ import annotations

from pathlib import Path

from occasio_core.demo.anomalies import EXPECTED, anomalies_demo
from occasio_verify import walk_log


def test_all_four_find_something(tmp_path: Path) -> None:
    told: list[str] = []
    assert anomalies_demo(tmp_path / "demo", told.append)
    assert all(any(f"detectors.{name} " in text for text in told) for name in EXPECTED)
    assert walk_log(tmp_path / "demo" / "home" / "pipeline-events.jsonl").rows > 400
