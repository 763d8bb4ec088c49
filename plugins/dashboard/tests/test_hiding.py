"""What the dashboard keeps in memory no other program of the person reads."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")

SAYS = (
    "import os\n"
    "from occasio_dashboard.hiding import hide_memory\n"
    "print(os.stat('/proc/self/environ').st_uid, hide_memory(), os.stat('/proc/self/environ').st_uid)\n"
)


def test_memory_and_environment_belong_to_the_administrator_from_then_on() -> None:
    """proc(5): of a process that is not dumpable the files in /proc/PID are root's, and ptrace(2) refuses others."""
    import ctypes

    command = [sys.executable, "-c", SAYS + "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"]
    done = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert done[1:] == ["True", "0", "0"]
    assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 1  # ours still is
