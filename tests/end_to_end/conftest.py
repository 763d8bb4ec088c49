"""What the tests of this folder share: one governed session and its sealed bundle, made when first asked for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.place import Place, Sealed, prepared
from tests.end_to_end.session import Session, governed
from tests.real_agents import REQUIRED, require_claude_code


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The governed session, alone in its log."""
    claude_code = require_claude_code()
    return governed(prepared(tmp_path_factory.mktemp("session")), claude_code)


@pytest.fixture(scope="session")
def sealed(session: Session) -> Sealed:
    """The session's bundle, signed by the key of its Occasio home, which is made for it."""
    return session.place.seal()


@pytest.fixture
def place(tmp_path: Path, claude_code: Path) -> Place:
    """A place of the test's own, with the real Claude Code in PATH."""
    return prepared(tmp_path, claude_code)


@pytest.fixture(scope="session")
def node() -> str:
    """The program that runs JavaScript; where it is missing the test is skipped, or fails if the agents must be there."""
    found = shutil.which("node")
    if found is None and os.environ.get(REQUIRED) == "1":
        pytest.fail(f"node is not installed ({REQUIRED}=1)", pytrace=False)
    return found or pytest.skip("node is not installed")
