"""Knows the tools by which an agent steers itself and other agents.

* `quiet`: sub-agents, skills, schedules, teams, plans, questions: they touch nothing themselves.  What a sub-agent does
  comes by call by call.
* `program`: a program that the agent's own runtime carries out.  It is judged by every word in it: each text in quotes
  as a path and as a command, too.  What it puts together while it runs is not seen.
* `worktree`: makes or removes a working tree of git.
* `publish`: reads a file and sends it to the person's account.
* `remember`: adds to the notes that an agent reads at each start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from occasio_agents.names import QUIET
from occasio_core import Effect, EffectKind, Json, ToolCall, ToolHandler, effects_of_unknown, hookimpl

_LONGEST = 4096  # characters of a path in a row
_SHOWN = 512  # characters of a program in a row
_WORKTREES = ".claude/worktrees"

# Claude Code; Codex in code mode; Copilot's databases, which can attach any file; opencode; the providers' own.
_PROGRAM = {
    "Workflow": "workflow",
    "REPL": "run_code",
    "exec": "run_code",
    "js_repl": "run_code",
    "sql": "query_sql",
    "session_store_sql": "query_sql",
    "batch": "batch",
    "code_execution": "run_code",
    "code_interpreter": "run_code",
}
_TEXTS = ("script", "code", "input", "query")
_QUOTED = re.compile(r"""(?P<quote>["'`])(?P<text>(?:\\.|(?!(?P=quote))[^\\])*+)(?P=quote)""", re.DOTALL)
_WORKTREE = {"EnterWorktree": "enter_worktree", "ExitWorktree": "exit_worktree"}
_PUBLISH = {"Artifact": "publish_file", "SendUserFile": "publish_file"}
_NOTES = ("~/.gemini/GEMINI.md", "~/.qwen/QWEN.md")  # of Gemini CLI and of Qwen Code, which share the tool's name


class Quiet:
    """Touches nothing outside the conversation."""

    name = "quiet"
    tools: Mapping[str, str] = QUIET

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return nothing."""
        return ()

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return nothing."""
        return {}


class RunsPrograms:
    """Runs a program inside the agent."""

    name = "program"
    tools: Mapping[str, str] = MappingProxyType(_PROGRAM)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return the effects of the worst reading, and a run of the program and of every text in quotes in it."""
        runs = (Effect(EffectKind.EXECUTE, "a program of the agent", line=text) for text in _candidates(call))
        return tuple(dict.fromkeys((*runs, *effects_of_unknown(call), *_file(call))))

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the beginning of the program."""
        texts = list(_programs(call))
        return {"program": texts[0][:_SHOWN]} if texts else {}


class KeepsWorktrees:
    """Makes and removes working trees of git, below `.claude/worktrees` unless a path is given."""

    name = "worktree"
    tools: Mapping[str, str] = MappingProxyType(_WORKTREE)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return a write of the tree that is entered, a delete of one that is removed."""
        name, path = (_text(call, member) for member in ("name", "path"))
        if call.tool == "EnterWorktree":
            return (
                Effect(EffectKind.READ, path) if path else Effect(EffectKind.WRITE, f"{_WORKTREES}/{name or 'new'}"),
            )
        return () if call.input.get("action") == "keep" else (Effect(EffectKind.DELETE, _WORKTREES),)

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the name, the path and the action."""
        given = ((member, _text(call, member)) for member in ("name", "path", "action"))
        return {member: value[:_LONGEST] for member, value in given if value}


class PublishesFiles:
    """Sends a file to the person's account at the agent's provider."""

    name = "publish"
    tools: Mapping[str, str] = MappingProxyType(_PUBLISH)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return a read of each file.  Raises `ValueError` when there is none."""
        paths = list(_file(call))
        if not paths:
            raise ValueError("no path")
        return paths

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the first path."""
        return {"path": self.effects(call)[0].target[:_LONGEST]}


class Remembers:
    """Writes down a fact for later sessions."""

    name = "remember"
    tools: Mapping[str, str] = MappingProxyType({"save_memory": "remember"})

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return a write of the notes of each agent that has the tool."""
        return [Effect(EffectKind.WRITE, path) for path in _NOTES]

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return nothing."""
        return {}


def _candidates(call: ToolCall) -> Iterator[str]:
    for text in _programs(call):
        yield text
        yield from (quoted["text"] for quoted in _QUOTED.finditer(text) if quoted["text"].strip())


def _programs(call: ToolCall) -> Iterator[str]:
    return (text for member in _TEXTS if (text := _text(call, member)))


def _file(call: ToolCall) -> Iterator[Effect]:
    for member in ("file_path", "scriptPath", "path", "files"):
        value = call.input.get(member)
        for path in value if isinstance(value, list | tuple) else (value,):
            if isinstance(path, str):
                yield Effect(EffectKind.READ, path)


def _text(call: ToolCall, name: str) -> str:
    value = call.input.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value or ""


@hookimpl
def occasio_register_tool_handlers() -> list[ToolHandler]:
    """Return the five handlers."""
    return [Quiet(), RunsPrograms(), KeepsWorktrees(), PublishesFiles(), Remembers()]


__all__ = ["KeepsWorktrees", "PublishesFiles", "Quiet", "Remembers", "RunsPrograms", "occasio_register_tool_handlers"]
