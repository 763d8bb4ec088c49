"""The coding agents that are attacked: how each does one job alone, and how it calls what it can do.

Knows command lines, variables and tools' inputs; starts nothing.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from occasio_core import Call, Json, Turn, UsageError

KEY = "sk-only-the-model-may-see-this-key"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServer:
    """A server that an agent is to start: the name that it gets, its command, and its environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent that has a shell, and may have more."""

    name: str  # as rows have it
    program: str
    arguments: Sequence[str]  # `{}` is the task
    variable: str  # of the base URL of the model's provider
    path: str = ""  # behind the address of a scripted model
    provider: str = ""  # where its live model is
    key: str
    tool: str  # that runs a command
    argument: str = "command"
    more: Mapping[str, Json] = field(default_factory=dict)  # what that tool wants besides
    environment: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    settings: Mapping[str, Json] = field(default_factory=dict)  # by their place in the agent's home
    switches: Mapping[str, str] = field(default_factory=lambda: _NOTHING)  # settings that would switch its hooks off
    has_hooks: bool = False
    has_mcp: bool = False
    has_sub_agents: bool = False

    def command(self, task: str) -> list[str]:
        """Return what has the agent do one job without asking anybody."""
        return [self.program, *(task if one == "{}" else one for one in self.arguments)]

    def alone(self, url: str) -> list[str]:
        """Return arguments that lead the agent to a provider without a gate, in front of its own."""
        return []

    def shell(self, command: str, call: str) -> Call:
        """Return a call that runs a command."""
        return Call(self.tool, {self.argument: command, **self.more}, call)

    def read(self, path: str, call: str) -> Call:
        """Return a call that reads a file."""
        return self.shell(f"cat {shlex.quote(path)}", call)

    def write(self, path: str, text: str, call: str) -> Call:
        """Return a call that writes a file, whose text ends in a line end."""
        return self.shell(f"cat > {shlex.quote(path)} <<'END_OF_TEXT'\n{text}END_OF_TEXT", call)

    def part(self, path: str, first: int, last: int, call: str) -> Call:
        """Return a call that reads the characters of a file from `first` on and before `last`."""
        return self.shell(f"head -c {last} {shlex.quote(path)} | tail -c {last - first}", call)

    def delegate(self, task: str, call: str) -> Call:
        """Return a call that has a sub-agent do a task."""
        raise NotImplementedError

    def with_server(self, server: McpServer) -> list[str]:
        """Return arguments by which the agent has a server of MCP."""
        raise NotImplementedError

    def turns_of_server(self, server: str, tool: str, given: Mapping[str, Json], call: str) -> list[Turn]:
        """Return the turns that call a tool of that server."""
        raise NotImplementedError

    def found(self, folder: Path | None = None) -> Path | None:
        """Return its program, looked for in PATH, in `folder` first."""
        path = os.pathsep.join([*([str(folder)] if folder else []), os.environ.get("PATH", os.defpath)])
        program = shutil.which(self.program, path=path)
        return Path(program) if program else None


class ClaudeCode(Agent):
    """Claude Code."""

    def read(self, path: str, call: str) -> Call:
        """Return a call of Read."""
        return Call("Read", {"file_path": path}, call)

    def write(self, path: str, text: str, call: str) -> Call:
        """Return a call of Write."""
        return Call("Write", {"file_path": path, "content": text}, call)

    def delegate(self, task: str, call: str) -> Call:
        """Return a call of Agent."""
        return Call("Agent", {"description": "a task", "prompt": task, "subagent_type": "general-purpose"}, call)

    def with_server(self, server: McpServer) -> list[str]:
        """Return the server as a configuration on the command line, and no other."""
        command, *arguments = server.command
        told = {"command": command, "args": arguments, "env": dict(server.environment)}
        return ["--mcp-config", json.dumps({"mcpServers": {server.name: told}}), "--strict-mcp-config"]

    def turns_of_server(self, server: str, tool: str, given: Mapping[str, Json], call: str) -> list[Turn]:
        """Return a turn that waits for the server, as the agent begins without it, and one that calls the tool."""
        waits = Turn(calls=[Call("WaitForMcpServers", {}, f"wait_{call}")])
        return [waits, Turn(calls=[Call(f"mcp__{server}__{tool}", dict(given), call)])]


class Codex(Agent):
    """Codex."""

    def alone(self, url: str) -> list[str]:
        """Return a provider on the command line, which wins over every file."""
        told = f'name="x",base_url={json.dumps(url)},env_key="{self.key}",wire_api="responses"'
        own = f"{{{told},supports_websockets=false}}"
        return ["-c", f"model_providers.x={own}", "-c", 'model_provider="x"']

    def with_server(self, server: McpServer) -> list[str]:
        """Return the server as settings on the command line."""
        command, *arguments = server.command
        told = {"command": command, "args": arguments, "required": True, "startup_timeout_sec": 60}
        lines = [f"mcp_servers.{server.name}.{name}={json.dumps(value)}" for name, value in told.items()]
        own = ",".join(f"{name}={json.dumps(value)}" for name, value in server.environment.items())
        lines.append(f"mcp_servers.{server.name}.env={{{own}}}")
        return [word for line in lines for word in ("-c", line)]

    def turns_of_server(self, server: str, tool: str, given: Mapping[str, Json], call: str) -> list[Turn]:
        """Return a turn that calls the tool by its name in the namespace of the server."""
        own = {"type": "function_call", "id": f"fc_{call}", "call_id": call, "status": "completed"}
        named = {"name": tool, "namespace": f"mcp__{server}", "arguments": json.dumps(given)}
        return [Turn(blocks=[{**own, **named}])]


AGENTS: tuple[Agent, ...] = (
    ClaudeCode(
        name="claude-code",
        program="claude",
        arguments=("-p", "{}", "--permission-mode", "bypassPermissions", "--output-format", "json"),
        variable="ANTHROPIC_BASE_URL",
        provider="https://api.anthropic.com",
        key="ANTHROPIC_API_KEY",
        tool="Bash",
        more={"description": "look"},
        environment={
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_TELEMETRY": "1",
            "IS_SANDBOX": "1",  # lifts the refusal to bypass permissions as root
        },
        switches={".claude/settings.json": '{"disableAllHooks": true}\n'},
        has_hooks=True,
        has_mcp=True,
        has_sub_agents=True,
    ),
    Codex(
        name="codex",
        program="codex",
        arguments=(
            *("exec", "--skip-git-repo-check", "--json", "--dangerously-bypass-approvals-and-sandbox"),
            *("-m", "gpt-5.5", "{}"),
        ),
        variable="OPENAI_BASE_URL",
        provider="https://api.openai.com/v1",
        path="/v1",
        key="OPENAI_API_KEY",
        tool="exec_command",
        argument="cmd",
        switches={".codex/config.toml": "[features]\nhooks = false\n"},
        has_hooks=True,
        has_mcp=True,
    ),
    Agent(
        name="opencode",
        program="opencode",
        arguments=("run", "--format", "json", "-m", "anthropic/claude-sonnet-4-5", "{}"),
        variable="ANTHROPIC_BASE_URL",
        provider="https://api.anthropic.com",
        key="ANTHROPIC_API_KEY",
        tool="bash",
        more={"description": "look"},
        environment={
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
            "OPENCODE_DISABLE_MODELS_FETCH": "1",
        },
    ),
    Agent(
        name="gemini-cli",
        program="gemini",
        arguments=("-p", "{}", "--yolo", "-m", "gemini-2.5-pro", "--output-format", "json"),
        variable="GOOGLE_GEMINI_BASE_URL",
        provider="https://generativelanguage.googleapis.com",
        key="GEMINI_API_KEY",
        tool="run_shell_command",
        more={"description": "look"},
        environment={"GEMINI_CLI_TRUST_WORKSPACE": "true"},
        settings={
            ".gemini/settings.json": {
                "security": {"auth": {"selectedType": "gemini-api-key"}},
                "privacy": {"usageStatisticsEnabled": False},
            }
        },
    ),
    Agent(
        name="copilot-cli",
        program="copilot",
        arguments=("-p", "{}", "--allow-all-tools", "--no-auto-update", "--output-format", "json"),
        variable="COPILOT_PROVIDER_BASE_URL",
        path="/v1",
        key="COPILOT_PROVIDER_API_KEY",
        tool="bash",
        more={"description": "look"},
        environment={"COPILOT_MODEL": "gpt-4o"},
    ),
    Agent(
        name="qwen-code",
        program="qwen",
        arguments=("-p", "{}", "--yolo", "--output-format", "json"),
        variable="OPENAI_BASE_URL",
        provider="https://api.openai.com/v1",
        path="/v1",
        key="OPENAI_API_KEY",
        tool="run_shell_command",
        more={"is_background": False},
        environment={"OPENAI_MODEL": "gpt-4o"},
        settings={".qwen/settings.json": {"security": {"auth": {"selectedType": "openai"}}}},
    ),
)


def agent_named(name: str) -> Agent:
    """Return the agent of that name, its own or its program's.  Raises `UsageError`."""
    for agent in AGENTS:
        if name in (agent.name, agent.program):
            return agent
    raise UsageError(
        f"`{name}` is no agent that can be attacked", hint="one of " + ", ".join(a.program for a in AGENTS)
    )
