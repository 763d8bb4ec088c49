"""Coding agents as programs: their own commands change the files by which they find their hooks and their provider.

What adds a server of MCP, or a plugin, by such a command is told from what only talks, and from a start that leaves
those files aside.  It is noted as writing the file that stands for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, Output, Word

_CHANGES = (
    r"(?:add|add-json|add-from-\S+|remove|enable|disable|install|uninstall|update|link|marketplace|set|unset|edit)\b"
)


@dataclass(frozen=True, slots=True)
class _Agent:
    """An agent: a file with its settings, its commands that change such, options and variables that lead around it."""

    settings: str
    changes: str
    around: str = r"(?!)"
    variables: tuple[str, ...] = ()


_AGENTS = {
    "claude": _Agent(
        "~/.claude.json",
        rf"^(?:config|mcp|plugins?)\s.*?{_CHANGES}",
        r"--settings\b|--setting-sources\b|--bare\b|--plugin-dir\b",
        ("ANTHROPIC_BASE_URL", "CLAUDE_CONFIG_DIR", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"),
    ),
    "codex": _Agent(
        "~/.codex/config.toml",
        rf"^(?:mcp|features|plugins?)\s+{_CHANGES}",
        (
            r"(?:-c|--config)[ =]?['\"]?(?:model_provider|(?:openai|chatgpt)_base_url|hooks|features|notify|profile)"
            r"|--disable\b"
        ),
        ("CODEX_HOME", "OPENAI_BASE_URL"),
    ),
    "gemini": _Agent(
        "~/.gemini/settings.json",
        rf"^(?:mcp|extensions?|hooks?)\s+{_CHANGES}",
        variables=("GEMINI_CLI_HOME", "GOOGLE_GEMINI_BASE_URL", "GEMINI_CLI_SYSTEM_SETTINGS_PATH"),
    ),
    "opencode": _Agent(
        "~/.config/opencode/opencode.json",
        rf"^(?:mcp|plugins?)\s+(?:{_CHANGES}|[@\w])",
        variables=("OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR", "OPENCODE_CONFIG_CONTENT"),
    ),
    "copilot": _Agent("~/.copilot/config.json", rf"^(?:config|mcp|plugins?)\s+{_CHANGES}", variables=("COPILOT_HOME",)),
    "cline": _Agent("~/.cline/data/settings", r"^(?:config|auth|mcp)\b"),
}
_AGENTS["qwen"] = _Agent("~/.qwen/settings.json", _AGENTS["gemini"].changes, variables=("OPENAI_BASE_URL",))
# The same by the names of their packages, as `npx` starts them.
PACKAGES = {
    "@anthropic-ai/claude-code": "claude",
    "@openai/codex": "codex",
    "@google/gemini-cli": "gemini",
    "@qwen-code/qwen-code": "qwen",
    "@github/copilot": "copilot",
    "opencode-ai": "opencode",
    "cline": "cline",
}


def _agent(invocation: Invocation) -> Output:
    agent = _AGENTS[invocation.name]
    text = " ".join(word.text for word in invocation.words)
    leads_around = re.search(agent.around, text) or any(map(invocation.shell.assigned, agent.variables))
    if leads_around or (re.search(agent.changes, text) and not re.search(r"(?:-s|--scope)[ =]project\b", text)):
        invocation.notes.write(Word(agent.settings))
    return LOCAL_OUTPUT


PROGRAMS: dict[str, Program] = dict.fromkeys(_AGENTS, _agent)
