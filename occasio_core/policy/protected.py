"""What is protected from an agent in every policy beside Occasio's own directory: where agents find their settings.

One line in such a file takes an agent's traffic, or its hooks, out of Occasio's sight: another base URL, a switch for
all hooks, a plugin that runs before ours.  Writing and deleting is refused, reading is not.  An entry is here because
an agent obeys the file without asking; what is only read when a person agrees (`.mcp.json`), what adds a tool whose
calls are still seen (servers of MCP, skills, commands, sub-agents) and instructions (`CLAUDE.md`, `AGENTS.md`) are not:
agents are asked to write those.  Sources: the agents' documentation and runs of them, late 2026.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from occasio_core.model import PathEntry
from occasio_core.policy.entries import built_in_entry

_SETTINGS = (
    # Claude Code: its settings have the base URL and the hooks; /etc has those that an administrator manages
    "**/.claude/settings.json",
    "**/.claude/settings.local.json",
    "**/.claude/settings.d",
    "~/.claude.json",
    "/etc/claude-code",
    "/Library/Application Support/ClaudeCode",
    # Codex: providers and hooks; profiles are files beside
    "**/.codex/*.toml",
    "**/.codex/hooks.json",
    "/etc/codex",
    # Gemini CLI, and Qwen Code which is made of it: hooks, policies, which folders are trusted
    "**/.gemini/settings.json",
    "**/.gemini/policies",
    "**/.gemini/.env",
    "~/.gemini/trustedFolders.json",
    "/etc/gemini-cli",
    "/Library/Application Support/GeminiCli",
    "**/.qwen/settings.json",
    "**/.qwen/.env",
    "~/.qwen/trustedFolders.json",
    "/etc/qwen-code",
    "/Library/Application Support/QwenCode",
    # Cline: scripts that are hooks by their name, and where its providers are
    "**/.clinerules/hooks",
    "~/Documents/Cline/Hooks",
    "~/.cline/hooks",
    "~/.cline/data/settings",
    # Cursor
    "**/.cursor/hooks.json",
    "**/.cursor/cli.json",
    "~/.cursor/cli-config.json",
    "/etc/cursor",
    "/Library/Application Support/Cursor/hooks.json",
    # Copilot
    "**/.github/hooks",
    "**/.github/copilot/settings.json",
    "**/.github/copilot/settings.local.json",
    "~/.copilot/settings.json",
    "~/.copilot/config.json",
    "~/.copilot/permissions-config.json",
    "~/.copilot/hooks",
    # opencode: a project's file has the base URL and the plugins, and is obeyed like Claude Code's settings
    "**/opencode.json",
    "**/opencode.jsonc",
    "**/.opencode/plugin",
    "**/.opencode/plugins",
    "~/.config/opencode",
    "/etc/opencode",
    "/Library/Application Support/opencode",
)

# Where a variable moves such a directory, and what is protected there; an empty name is the whole of it.
_MOVED: Mapping[str, tuple[str, ...]] = {
    "CLAUDE_CONFIG_DIR": ("settings.json", "settings.local.json", "settings.d", ".claude.json"),
    "CODEX_HOME": ("*.toml", "hooks.json"),
    "GEMINI_CLI_HOME": (".gemini/settings.json", ".gemini/policies", ".gemini/.env", ".gemini/trustedFolders.json"),
    "GEMINI_CLI_SYSTEM_SETTINGS_PATH": ("",),
    "GEMINI_CLI_SYSTEM_DEFAULTS_PATH": ("",),
    "QWEN_CODE_SYSTEM_SETTINGS_PATH": ("",),
    "QWEN_CODE_SYSTEM_DEFAULTS_PATH": ("",),
    "COPILOT_HOME": ("settings.json", "config.json", "permissions-config.json", "hooks"),
    "XDG_CONFIG_HOME": ("opencode",),
    "OPENCODE_CONFIG": ("",),
    "OPENCODE_CONFIG_DIR": ("",),
}


def agent_settings(cwd: str, environment: Mapping[str, str] = os.environ) -> Iterator[PathEntry]:
    """Yield an entry for everything by which an agent that works in `cwd` could leave Occasio's sight."""
    yield from (built_in_entry(text, cwd) for text in _SETTINGS)
    for variable, names in _MOVED.items():
        if moved := environment.get(variable):
            folder = moved.rstrip("/")
            # A relative one starts where the agent works; a bare name would stand for that name anywhere.
            folder = folder if folder.startswith(("/", "~")) else f"./{folder}"
            yield from (built_in_entry(f"{folder}/{name}" if name else folder, cwd) for name in names)
