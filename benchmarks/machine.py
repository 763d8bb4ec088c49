"""What a figure was measured on: the machine and the versions of what took part."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PEERS = ("rfc8785", "aiohttp")


def machine() -> dict[str, str]:
    """Return what is known of the machine, by its name in the report."""
    found = {
        "processors": f"{os.cpu_count()}, {_processor()}",
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }
    if node := shutil.which("node"):
        done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        found["Node"] = done.stdout.strip()
    for peer in PEERS:
        try:
            found[peer] = version(peer)
        except PackageNotFoundError:
            found[peer] = "not there"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (ValueError, OSError, AttributeError):
        return "unknown"
