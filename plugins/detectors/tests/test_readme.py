"""The detector that the README shows works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from occasio_core import Detector, Watch
from plugins.detectors.tests.rows import findings, opened, seen

README = Path(__file__).parents[1] / "README.md"


def test_the_example_is_a_detector() -> None:
    found = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, object] = {}
    exec(found[1], names)
    register = names["occasio_register_detectors"]
    assert callable(register)
    (detector,) = register()
    assert isinstance(detector, Detector)
    watch: Watch = opened(detector)
    rows = [seen(number, "tool_result", size=size) for number, size in enumerate((10, 2_000_000))]
    assert [finding.message for finding in findings(watch, rows)] == ["a result of a megabyte"]
