"""How much memory a process has had at most, as Linux tells it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

MIB = 1 << 20
needs_proc = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="Linux tells what a process has used, in /proc"
)


def most_used(process: int) -> int:
    """Return the most bytes of memory that the process, which is alive, has had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024
