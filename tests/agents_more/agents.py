"""The agents of this folder: how each is started under Occasio, what it calls its shell, and what it needs around it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core.scripted.turn import Call
from tests.agents_more.installed import HERE, Npm, Pip
from tests.end_to_end.place import Place

PROMPT = "read what you can, kingfisher"  # nothing else that an agent asks a model has that word
KEY = "sk-only-the-model-may-see-this-key"


def shell(name: str, argument: str = "command", **more: object) -> Callable[[str, str], Call]:
    """Return what makes a call of the tool that runs a command."""
    return lambda command, call: Call(name, {argument: command, **more}, call)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreAgent:
    """One agent."""

    name: str  # as rows have it
    protocol: str  # as rows have it
    program: Npm | Pip
    command: Sequence[str | Path]  # of occasio
    upstream: tuple[str, str]  # the variable that names the model's address, and its path
    key: str  # the variable that holds the key
    shell: Callable[[str, str], Call]
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)  # by their place in the agent's home
    last: Callable[[str, str], Call] | None = None  # what ends it; by default a turn without calls does
    refused: str = ""  # what it tells the model of a refused call, if it keeps the call out of its history

    def prepare(self, place: Place) -> None:
        """Write its settings."""
        for name, settings in self.settings.items():
            file = place.home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings), encoding="utf-8")


_MINI = Pip("mini-swe-agent", "mini")
_SDK = Pip("claude-agent-sdk", "python")
_COPILOT = ("copilot", "-p", PROMPT, "--allow-all-tools", "--no-auto-update", "--output-format", "json")

OPENCODE = MoreAgent(
    name="opencode",
    protocol="anthropic-http",
    program=Npm("opencode-ai", "opencode"),
    command=("opencode", "run", "--format", "json", "-m", "anthropic/claude-sonnet-4-5", PROMPT),
    upstream=("ANTHROPIC_BASE_URL", ""),
    key="ANTHROPIC_API_KEY",
    shell=shell("bash", description="look"),
    environment={
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
    },
)
OPENCODE_OPENAI = MoreAgent(
    name="opencode",
    protocol="openai-responses",
    program=OPENCODE.program,
    command=("opencode", "run", "--format", "json", "-m", "openai/gpt-5", PROMPT),
    upstream=("OPENAI_BASE_URL", "/v1"),
    key="OPENAI_API_KEY",
    shell=OPENCODE.shell,
    environment=OPENCODE.environment,
)
CLINE = MoreAgent(
    name="cline",
    protocol="anthropic-http",
    program=Npm("cline", "cline"),
    command=("cline", "--json", "-m", "claude-sonnet-4-5", PROMPT),
    upstream=("ANTHROPIC_BASE_URL", ""),
    key="ANTHROPIC_API_KEY",
    shell=lambda command, call: Call("run_commands", {"commands": [command]}, call),
)
CLINE_OPENAI = MoreAgent(
    name="cline",
    protocol="openai-responses",
    program=CLINE.program,
    command=("cline", "--json", "-P", "openai-native", "-m", "gpt-5", PROMPT),
    upstream=("OPENAI_BASE_URL", "/v1"),
    key="OPENAI_API_KEY",
    shell=CLINE.shell,
)
GEMINI = MoreAgent(
    name="gemini-cli",
    protocol="gemini",
    program=Npm("@google/gemini-cli", "gemini"),
    command=("gemini", "-p", PROMPT, "--yolo", "-m", "gemini-2.5-pro", "--output-format", "json"),
    upstream=("GOOGLE_GEMINI_BASE_URL", ""),
    key="GEMINI_API_KEY",
    shell=shell("run_shell_command", description="look"),
    environment={"GEMINI_CLI_TRUST_WORKSPACE": "true"},
    settings={
        ".gemini/settings.json": {
            "security": {"auth": {"selectedType": "gemini-api-key"}},
            "privacy": {"usageStatisticsEnabled": False},
        }
    },
)
COPILOT = MoreAgent(
    name="copilot-cli",
    protocol="openai-chat",
    program=Npm("@github/copilot", "copilot"),
    command=_COPILOT,
    upstream=("COPILOT_PROVIDER_BASE_URL", "/v1"),
    key="COPILOT_PROVIDER_API_KEY",
    shell=shell("bash", description="look"),
    environment={"COPILOT_MODEL": "gpt-4o"},
)
COPILOT_RESPONSES = MoreAgent(
    name="copilot-cli",
    protocol="openai-responses",
    program=COPILOT.program,
    command=_COPILOT,
    upstream=("OPENAI_BASE_URL", "/v1"),
    key="OPENAI_API_KEY",
    shell=COPILOT.shell,
    environment={"COPILOT_MODEL": "gpt-5", "COPILOT_PROVIDER_WIRE_API": "responses"},
)
COPILOT_ANTHROPIC = MoreAgent(
    name="copilot-cli",
    protocol="anthropic-http",
    program=COPILOT.program,
    command=_COPILOT,
    upstream=("COPILOT_PROVIDER_BASE_URL", ""),
    key="COPILOT_PROVIDER_API_KEY",
    shell=COPILOT.shell,
    environment={"COPILOT_MODEL": "claude-sonnet-4-5", "COPILOT_PROVIDER_TYPE": "anthropic"},
)
QWEN = MoreAgent(
    name="qwen-code",
    protocol="openai-chat",
    program=Npm("@qwen-code/qwen-code", "qwen"),
    command=("run", "--agent", "qwen-code", "--", "qwen", "-p", PROMPT, "--yolo", "--output-format", "json"),
    upstream=("OPENAI_BASE_URL", "/v1"),
    key="OPENAI_API_KEY",
    shell=shell("run_shell_command", is_background=False),
    environment={"OPENAI_MODEL": "gpt-4o"},
    settings={".qwen/settings.json": {"security": {"auth": {"selectedType": "openai"}}}},
)
MINI = MoreAgent(
    name="mini-swe-agent",
    protocol="openai-chat",
    program=_MINI,
    command=(
        *("run", "--agent", "mini-swe-agent", "--"),
        *("mini", "-y", "-m", "openai/gpt-4o", "-t", PROMPT, "--exit-immediately", "-o", "trajectory.json"),
    ),
    upstream=("OPENAI_BASE_URL", "/v1"),
    key="OPENAI_API_KEY",
    shell=shell("bash"),
    environment={
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "MSWEA_CONFIGURED": "true",
        "MSWEA_COST_TRACKING": "ignore_errors",
    },
    last=lambda _, call: Call("bash", {"command": "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"}, call),
    refused="Unknown tool 'occasio_refused__bash'",
)
SDK = MoreAgent(
    name="claude-code",
    protocol="anthropic-http",
    program=_SDK,
    command=("run", "--agent", "claude-code", "--", _SDK.path, HERE / "sdk_job.py", PROMPT),
    upstream=("ANTHROPIC_BASE_URL", ""),
    key="ANTHROPIC_API_KEY",
    shell=shell("Bash", description="look"),
)
