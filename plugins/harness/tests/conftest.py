"""What the tests share: a scratch, and the real agents where they are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_harness.scratch import Scratch, prepared
from tests.real_agents import CLAUDE_CODE, CODEX


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return prepared(tmp_path)


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder with the programs of Claude Code and Codex; where they are missing the test is skipped."""
    folders = {agent.required().parent for agent in (CLAUDE_CODE, CODEX)}
    (folder,) = folders
    return folder
