"""What all tests share: a home of their own, and the real agents where they are installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real_agents import require_claude_code


@pytest.fixture(scope="session", autouse=True)
def _home_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the home of whoever runs it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OCCASIO_HOME", str(tmp_path_factory.mktemp("occasio-home")))
        yield


@pytest.fixture
def claude_code() -> Path:
    """The pinned Claude Code; where it is missing the test is skipped, or fails if it must be there."""
    return require_claude_code()
