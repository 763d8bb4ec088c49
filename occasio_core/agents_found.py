"""Which of the agents that Occasio knows are on this machine, and in which versions.

Starts none of them: what a package says of itself is read where it is installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from occasio_core.launch import AGENTS, KnownAgent

_DEPTH = 6  # folders between a program and the description of its package


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAgent:
    """An agent that is installed; `version` is empty where nothing says it."""

    agent: KnownAgent
    program: Path
    version: str


def found_agents(environment: Mapping[str, str]) -> Iterator[FoundAgent]:
    """Yield every known agent whose program is in the environment's PATH."""
    for agent in AGENTS:
        if program := shutil.which(agent.program, path=environment.get("PATH", os.defpath)):
            yield FoundAgent(agent=agent, program=Path(program), version=version_of(Path(program), agent.install))


def version_of(program: Path, install: str) -> str:
    """Return the version of a program that the command `install` has installed, empty if nothing says it."""
    package = install.rpartition(" ")[2]
    return (_of_pip if install.startswith("pip ") else _of_npm)(program, package)


def _of_npm(program: Path, package: str) -> str:
    """Return what the package says: beside what the link in `bin` leads to, or in the folder of packages above it."""
    real = program.resolve()
    for folder in [*real.parents][:_DEPTH]:
        for file in (folder / "package.json", folder / "node_modules" / package / "package.json"):
            described = _described(file)
            if described.get("name") == package:
                return str(described.get("version", ""))
    return ""


def _of_pip(program: Path, package: str) -> str:
    """Return what the environment says that the program belongs to."""
    name = re.sub(r"[-_.]+", "_", package).lower()
    for folder in {program.parent, program.resolve().parent}:
        for found in (folder.parent / "lib").glob(f"python3*/site-packages/{name}-*.dist-info"):
            return found.name.removeprefix(f"{name}-").removesuffix(".dist-info")
    return ""


def _described(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
