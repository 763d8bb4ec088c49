"""Where the agents of this folder are, or why their tests are skipped.

Knows the layouts of npm and of virtual environments; knows nothing of Occasio.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REQUIRED = "OCCASIO_REQUIRE_MORE_AGENTS"  # set to 1: a missing agent is a failure
INSTALL = "make test-agents installs it"


@dataclass(frozen=True, slots=True)
class Npm:
    """A program of a package that `package.json` pins."""

    package: str
    program: str

    @property
    def pinned(self) -> str:
        """The version that the tests are for."""
        version = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"][self.package]
        assert isinstance(version, str)
        return version

    @property
    def path(self) -> Path:
        """Where the program is, if it is installed."""
        return HERE / "node_modules" / ".bin" / self.program

    @property
    def installed(self) -> str:
        """The version that is installed, empty if none is."""
        file = HERE / "node_modules" / self.package / "package.json"
        return str(json.loads(file.read_text(encoding="utf-8"))["version"]) if file.is_file() else ""


@dataclass(frozen=True, slots=True)
class Pip:
    """A program of a distribution that a requirements file of its name pins, in an environment of its own."""

    package: str
    program: str

    @property
    def pinned(self) -> str:
        """The version that the tests are for."""
        first = (HERE / f"{self.package}.txt").read_text(encoding="utf-8").split("\n")[0]
        return first.partition("==")[2]

    @property
    def path(self) -> Path:
        """Where the program is, if it is installed."""
        return HERE / "venvs" / self.package / "bin" / self.program

    @property
    def installed(self) -> str:
        """The version that is installed, empty if none is."""
        name = re.sub(r"[-_.]+", "_", self.package)
        found = list((HERE / "venvs" / self.package).glob(f"lib/python*/site-packages/{name}-*.dist-info"))
        return found[0].name.removeprefix(f"{name}-").removesuffix(".dist-info") if found else ""


def required(agent: Npm | Pip) -> Path:
    """Return the program, or skip the test with the reason; with OCCASIO_REQUIRE_MORE_AGENTS=1 it fails."""
    if agent.installed == agent.pinned and agent.path.exists():
        return agent.path
    state = f"{agent.installed} is installed" if agent.installed else "is not installed"
    reason = f"{agent.package} {state}, {agent.pinned} is pinned: {INSTALL}"
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{reason} ({REQUIRED}=1)", pytrace=False)
    pytest.skip(reason)
