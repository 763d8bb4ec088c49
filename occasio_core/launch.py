"""The agents that Occasio knows: how each is installed, how it is led to the gate, and what would lead it around.

Starts nothing.
"""

from __future__ import annotations

from pathlib import PurePath

from occasio_core.launching.by_argument import Codex, QwenCode
from occasio_core.launching.by_settings import Cline, OpenCode
from occasio_core.launching.by_variable import Aider, ClaudeCode, Copilot, Gemini, MiniSweAgent
from occasio_core.launching.way import KnownAgent, Way

__all__ = ["AGENTS", "KnownAgent", "Way", "known_agent"]

AGENTS: tuple[KnownAgent, ...] = (
    ClaudeCode(),
    Codex(),
    Cline(),
    OpenCode(),
    Gemini(),
    Copilot(),
    QwenCode(),
    MiniSweAgent(),
    Aider(),
)


def known_agent(name: str | None, command: str) -> KnownAgent | None:
    """Return the agent of that name, or else the one that the command starts; None if it is not known."""
    program = PurePath(command).name.lower().removesuffix(".exe").removesuffix(".cmd")
    by_name = next((agent for agent in AGENTS if agent.name == name), None)
    return by_name or next((agent for agent in AGENTS if agent.program == program), None)
