"""What tests of this plugin share: calls, and the real ripgrep to compare with."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from occasio_core import CallId, Permit, SessionId, ToolCall, frozen
from occasio_files import occasio_register_tool_handlers

AGENTS = Path(__file__).parents[3] / "tests" / "agents" / "node_modules" / "@anthropic-ai"
_RUNNERS = {tool: handler for handler in occasio_register_tool_handlers() for tool in handler.tools}


def tool_call(tool: str, cwd: Path | str, arguments: dict) -> ToolCall:
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool=tool,
        input=frozen(arguments),
        input_digest="0" * 64,
        cwd=str(cwd),
    )


Run = Callable[..., tuple[str, bool]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a tool in a folder of its own: `run("Grep", {...})`, with a permit if one is wanted."""

    def ran(tool: str, arguments: dict, permit: Permit = lambda effect: True) -> tuple[str, bool]:
        return _RUNNERS[tool].run(tool_call(tool, tmp_path, arguments), permit)

    return ran


@pytest.fixture
def make_call(tmp_path: Path) -> Callable[[str, dict], ToolCall]:
    """Return a call of a tool, made in a folder of its own."""
    return lambda tool, arguments: tool_call(tool, tmp_path, arguments)


@pytest.fixture(scope="session")
def ripgrep() -> Callable[..., str]:
    """Run the real ripgrep: the one that Claude Code carries, pinned, or the system's.  Returns what it prints."""
    carried = sorted(AGENTS.glob("claude-code-*/claude"))
    program = str(carried[0]) if carried else shutil.which("rg")
    if program is None:
        if os.environ.get("OCCASIO_REQUIRE_AGENTS") == "1":
            pytest.fail("there is no ripgrep (OCCASIO_REQUIRE_AGENTS=1)", pytrace=False)
        pytest.skip("there is no ripgrep: npm install --prefix tests/agents")

    def ran(*arguments: str, cwd: Path, home: str = "/nowhere") -> str:
        environment = {"HOME": home, "PATH": "", "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["rg", "--no-config", *arguments],
            executable=program,
            cwd=cwd,
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=60,
        )
        assert done.returncode in {0, 1}, done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "replace")

    return ran
