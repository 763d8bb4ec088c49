"""The real coding agents that the tests run: where they are, their clean environment, and one bounded run.

Knows npm's layout and the agents' command lines; knows nothing of Occasio.  POSIX only: a run is a process group.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from occasio_core.scripted.turn import Document

AGENTS = Path(__file__).parent / "agents"
INSTALL = "npm install --prefix tests/agents"
REQUIRED = "OCCASIO_REQUIRE_AGENTS"  # set to 1: a missing agent is a failure


class AgentMissing(Exception):
    """Raised with the reason and the command that mends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended and what it wrote."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def answer(self) -> Document:
        """What Claude Code prints with --output-format json; its last line, should others have written before."""
        parsed = json.loads(self.stdout.rstrip("\n").rpartition("\n")[2])
        assert isinstance(parsed, dict), self.stdout
        return parsed


@dataclass(frozen=True, slots=True)
class Pinned:
    """An agent that `agents/package.json` pins: what people call it, its package, and its program."""

    name: str
    package: str
    program: str

    def path(self) -> Path:
        """The program; raises AgentMissing."""
        pinned = json.loads((AGENTS / "package.json").read_text(encoding="utf-8"))["dependencies"][self.package]
        installed = AGENTS / "node_modules" / self.package / "package.json"
        if not installed.is_file():
            raise AgentMissing(f"{self.name} is not installed: {INSTALL}")
        found = json.loads(installed.read_text(encoding="utf-8"))["version"]
        if found != pinned:
            raise AgentMissing(f"{self.name} {found} is installed, {pinned} is pinned: {INSTALL}")
        program = AGENTS / "node_modules" / ".bin" / self.program
        if shutil.which(program) is None:
            raise AgentMissing(f"{self.name} has no program at {program}: {INSTALL}")
        return program

    def required(self) -> Path:
        """The program, or the test is skipped with the reason; with OCCASIO_REQUIRE_AGENTS=1 it fails."""
        try:
            return self.path()
        except AgentMissing as missing:
            if os.environ.get(REQUIRED) == "1":
                pytest.fail(f"{missing} ({REQUIRED}=1)", pytrace=False)
            pytest.skip(str(missing))


CLAUDE_CODE = Pinned("claude code", "@anthropic-ai/claude-code", "claude")
CODEX = Pinned("codex", "@openai/codex", "codex")
MCP_FILES = Pinned("the filesystem server", "@modelcontextprotocol/server-filesystem", "mcp-server-filesystem")
MCP_EVERYTHING = Pinned("the everything server", "@modelcontextprotocol/server-everything", "mcp-server-everything")

claude_code = CLAUDE_CODE.path
require_claude_code = CLAUDE_CODE.required


def clean_environment(home: Path, base_url: str = "") -> dict[str, str]:
    """An environment of its own for an agent: nothing of the caller's but PATH, and the base URL if there is one."""
    home.mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "ANTHROPIC_API_KEY": "sk-ant-test",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_TMPDIR": str(home),
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
        "IS_SANDBOX": "1",  # lifts the refusal to bypass permissions as root
    }
    return environment | ({"ANTHROPIC_BASE_URL": base_url} if base_url else {})


def headless(program: Path | str, prompt: str, *arguments: str) -> list[str]:
    """The command that has Claude Code do one job without asking anybody."""
    return [str(program), "-p", prompt, "--permission-mode", "bypassPermissions", "--output-format", "json", *arguments]


def codex_headless(program: Path | str, prompt: str, *arguments: str, model: str = "gpt-5.5") -> list[str]:
    """The command that has Codex do one job without asking anybody, and without a sandbox of its own."""
    flags = ("--skip-git-repo-check", "--json", "--dangerously-bypass-approvals-and-sandbox", "-m", model)
    return [str(program), "exec", *flags, *arguments, prompt]


def run(
    command: Sequence[str | Path], *, environment: Mapping[str, str], directory: Path, timeout: float = 120
) -> Finished:
    """The finished program, its standard input empty; after `timeout` seconds it is killed and the test fails."""
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _kill_group(process.pid)
        stdout, stderr = process.communicate()
        pytest.fail(f"{command[0]} ran for more than {timeout} s\n{stdout}\n{stderr}", pytrace=False)
    finally:
        _kill_group(process.pid)
        process.wait()
    return Finished(returncode=process.returncode, stdout=stdout, stderr=stderr)


def _kill_group(leader: int) -> None:
    """End what is left of a run: an agent's background commands outlive it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
