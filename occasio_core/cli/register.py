"""The commands that have an agent's command run governed in a person's shell: register, unregister."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from occasio_core.cli.output import talk
from occasio_core.errors import UsageError

_AGENTS = ("claude", "codex", "cline", "opencode", "gemini", "copilot")  # each has a command of `occasio`
_SHELLS = ("bash", "zsh", "fish", "powershell")


def _options(command: Callable[..., None]) -> Callable[..., None]:
    shell = click.option("--shell", type=click.Choice(_SHELLS), help="Whose start-up file (default: that of $SHELL).")
    agents = click.argument("agents", nargs=-1, type=click.Choice(_AGENTS), metavar="[AGENT]...")
    return shell(agents(command))


@click.command()
@_options
def register(agents: Sequence[str], shell: str | None) -> None:
    """Have `claude`, or other agents, run governed whenever it is typed into a shell.

    A function of the agent's name is put into the shell's start-up file, and nothing else there is changed. It is a
    convenience and no gate: the program itself stays where it is.
    """
    from occasio_core.shell_functions import Shell, registered
    from occasio_core.startup_file import changed, shell_of, startup_file

    kind = Shell(shell) if shell else shell_of(os.environ)
    path, program, names = startup_file(kind, os.environ), _program(), list(agents or ["claude"])
    done = changed(path, lambda data: registered(data, kind, program, names))
    talk(f"{', '.join(names)}: {'governed in new shells' if done else 'was there already'}: {path}")


@click.command()
@_options
def unregister(agents: Sequence[str], shell: str | None) -> None:
    """Take out what `occasio register` has put in, for some agents or for all."""
    from occasio_core.shell_functions import Shell, unregistered
    from occasio_core.startup_file import changed, shell_of, startup_file

    kind = Shell(shell) if shell else shell_of(os.environ)
    path, program = startup_file(kind, os.environ), _program()
    done = changed(path, lambda data: unregistered(data, kind, program, agents))
    talk(f"{'taken out' if done else 'nothing was there'}: {path}")


def _program() -> str:
    """Return the path of this `occasio`: a name would be looked for wherever a project puts programs."""
    beside = shutil.which("occasio", path=sysconfig.get_path("scripts"))
    found = beside or shutil.which(sys.argv[0]) or shutil.which("occasio")
    if found is None:
        raise UsageError("there is no program `occasio` that a shell could call", hint="install Occasio, by pip")
    path = str(Path(found).absolute())
    if "\n" in path:
        raise UsageError("the path of `occasio` has a line break in it, which no start-up file can hold")
    return path
