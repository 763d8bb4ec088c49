"""Knows what the agents' shell tools touch: everything that a command line would do, read from its syntax tree.

* `shell`: Bash and its like.  A command that cannot be read to the end is judged by its worst reading as well.  Where
  the policy says LOCAL, commands of a closed read-only grammar are run here (`local`).
* `powershell`: another grammar, always judged by its worst reading.
* `session`: asking a running shell for its output, or ending it, touches nothing.
"""

from __future__ import annotations

import os.path
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from occasio_core import (
    Effect,
    EffectKind,
    Json,
    Permit,
    SessionId,
    ToolCall,
    ToolHandler,
    effects_of_patch,
    effects_of_unknown,
    frozen,
    hookimpl,
)
from occasio_shell.arguments import commands, directory
from occasio_shell.shell import noted

_PATHS = frozenset({EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE})
_SUPPOSED = "internal"  # the protocol of a call that nobody made, and about which somebody only asks
_SHOWN = 512  # characters of a command in a row

# Claude Code, Cline, Copilot and opencode and mini-swe-agent, Codex, Gemini and Qwen.
_SHELL = dict.fromkeys(
    (
        "Bash",
        "Monitor",
        "execute_command",
        "run_commands",
        "bash",
        "exec_command",
        "shell",
        "shell_command",
        "local_shell",
        "local_shell_call",
        "shell_call",
        "container.exec",
        "write_stdin",
        "run_shell_command",
        "monitor",
    ),
    "shell_bash",
)
# The tools that run one command and return what it printed, and what their inputs may say for it to be run here.
_ONE_COMMAND = frozenset({"Bash", "bash", "execute_command", "shell_command", "run_shell_command"})
_MEMBERS = frozenset(
    {"command", "description", "timeout", "requires_approval", "run_in_background", "workdir", "directory", "dir_path"}
)
_POWERSHELL = dict.fromkeys(("PowerShell", "powershell", "pwsh"), "shell_powershell")
_SESSION = {
    "BashOutput": "shell_output",
    "KillBash": "shell_stop",
    "KillShell": "shell_stop",
    "read_bash": "shell_output",
    "stop_bash": "shell_stop",
    "list_bash": "shell_output",
    "read_powershell": "shell_output",
    "stop_powershell": "shell_stop",
}


class RunsCommands:
    """Judges commands of Bash, and runs those here that only look.

    An agent's shell stays where an earlier command went.  Where that is, is not known here, so that nothing more is run
    here for a session in which a command went anywhere.
    """

    name = "shell"
    tools: Mapping[str, str] = MappingProxyType(_SHELL)

    def __init__(self) -> None:
        self._moved: set[SessionId] = set()
        self._since = time.time()  # programs that are older nobody has written under this gate

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return what the commands would touch.  Raises `ValueError` when there is none, or one that is no text."""
        lines, cwd = commands(call), directory(call)
        notes = noted(lines, cwd, self._since)
        effects, is_read = notes.effects(), not notes.garbled
        if (notes.has_moved or not is_read) and call.protocol != _SUPPOSED:
            self._moved.add(call.session)
        patched = (effect for line in lines if "*** Begin Patch" in line for effect in effects_of_patch(line))
        effects = (*effects, *patched)
        if cwd != call.cwd:  # the rules see paths from where the agent works
            effects = tuple(_seen_from(cwd, effect) for effect in effects)
        effects = (*effects, *_watched(call))
        return effects if is_read else tuple(dict.fromkeys((*effects, *_whole(lines), *effects_of_unknown(call))))

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the commands, clipped."""
        return _shown(call)

    def can_run(self, call: ToolCall, /) -> bool:
        """Return whether the call is one read-only command that can be run here; most are not."""
        from occasio_shell.local import can_run  # most processes run none

        if call.session in self._moved:
            return False
        if call.tool not in _ONE_COMMAND or not _MEMBERS.issuperset(call.input) or call.input.get("run_in_background"):
            return False
        lines = commands(call)
        return len(lines) == 1 and isinstance(call.input.get("command"), str) and can_run(lines[0], directory(call))

    def run(self, call: ToolCall, permit: Permit, /) -> tuple[str, bool]:
        """Run the command; return what it prints, and whether it failed.  Raises `ValueError` when it cannot."""
        from occasio_shell.local import MAX_SECONDS, carry_out

        (line,) = commands(call)
        given = call.input.get("timeout")
        seconds = given / 1000 if isinstance(given, int) and given > 0 else MAX_SECONDS
        return carry_out(line, directory(call), permit, seconds)


class RunsPowerShell:
    """Judges commands of PowerShell, by every word in them."""

    name = "powershell"
    tools: Mapping[str, str] = MappingProxyType(_POWERSHELL)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return the effects of the worst reading.  Raises `ValueError` when there is no command."""
        return *_whole(commands(call)), *effects_of_unknown(call)

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the commands, clipped."""
        return _shown(call)


class AsksSessions:
    """Asks for what a shell that runs already has printed, or ends it."""

    name = "session"
    tools: Mapping[str, str] = MappingProxyType(_SESSION)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return nothing: what the shell does was judged when it was told to."""
        return ()

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return nothing."""
        return {}


def _whole(lines: Sequence[str]) -> list[Effect]:
    """Return the commands as they are written, for rules that look for commands."""
    return [Effect(EffectKind.EXECUTE, "a command that cannot be read", line=line) for line in lines]


def _seen_from(cwd: str, effect: Effect) -> Effect:
    """Return `effect` with its path in full, seen from the directory in which the command runs."""
    if effect.kind not in _PATHS or effect.unknown or effect.target.startswith(("~", "/")):
        return effect
    return replace(effect, target=os.path.join(cwd, effect.target))  # noqa: PTH118


def _watched(call: ToolCall) -> Sequence[Effect]:
    """Return what a tool connects to that may watch a socket instead of a command."""
    socket = call.input.get("ws")
    return effects_of_unknown(replace(call, input=frozen({"url": socket}))) if isinstance(socket, str | Mapping) else ()


def _shown(call: ToolCall) -> Mapping[str, Json]:
    return {"command": "\n".join(commands(call))[:_SHOWN]}


@hookimpl
def occasio_register_tool_handlers() -> list[ToolHandler]:
    """Return the three handlers."""
    return [RunsCommands(), RunsPowerShell(), AsksSessions()]


__all__ = ["AsksSessions", "RunsCommands", "RunsPowerShell", "occasio_register_tool_handlers"]
