"""The commands that put Occasio's hooks into agents' settings: hook install, uninstall, status."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from occasio_core import home as places
from occasio_core.cli.output import printed, talk
from occasio_core.errors import UsageError

if TYPE_CHECKING:
    from occasio_core.hooks.install import Target

_Command = TypeVar("_Command", bound=Callable[..., object])


def _of_an_agent(command: _Command) -> _Command:
    """Add the options that say which agent, and whose settings."""
    for scope in ("managed", "project", "user"):
        whose = {"user": "the person's", "project": "the project's", "managed": "everybody's on this machine"}[scope]
        command = click.option(f"--{scope}", "scope", flag_value=scope, help=f"In {whose} settings.")(command)
    return click.option(
        "--agent", default="claude-code", show_default=True, metavar="NAME", help="The agent whose hooks these are."
    )(command)


@click.group()
def hook() -> None:
    """Put Occasio's hooks into an agent's settings, or take them out."""


@hook.command()
@_of_an_agent
@click.option(
    "--http", "posts", is_flag=True, help="Have the agent post to the daemon; quicker, for Claude Code 2.1.295."
)
def install(agent: str, scope: str | None, posts: bool) -> None:
    """Have the agent ask Occasio before and after each tool; what others have set there stays as it is."""
    from occasio_core.hooks import install as installing
    from occasio_core.hooks.place import place_thin

    target = _target(agent, scope)
    place_thin(places.prepared(target.place))
    if posts:
        target = replace(target, url=_url(target))
    changed = installing.install(target)
    talk(f"hooks of {agent} {'installed' if changed else 'were installed already'}: {target.path}")
    for note in target.dialect.installation.notes:
        talk(f"note: {note}")
    talk("start the daemon that answers them: occasio daemon start")


@hook.command()
@_of_an_agent
def uninstall(agent: str, scope: str | None) -> None:
    """Take Occasio's hooks out of the agent's settings, and nothing else."""
    from occasio_core.hooks import install as installing

    target = _target(agent, scope)
    there = installing.uninstall(target)
    talk(f"hooks of {agent} {'taken out' if there else 'were not there'}: {target.path}")


@hook.command()
@_of_an_agent
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(agent: str, scope: str | None, as_json: bool) -> None:
    """Say whether the agent asks Occasio, and whether anybody answers.

    Exit codes: 0 it does and somebody does, 1 not so.
    """
    from occasio_core import daemon
    from occasio_core.hooks import install as installing

    target = _target(agent, scope)
    found, answering = installing.status(target), daemon.status(target.place)
    if as_json:
        printed(
            {
                "agent": agent,
                "daemon": answering is not None,
                "events": list(found.events),
                "missing": list(found.missing),
                "path": str(found.path),
            }
        )
    else:
        click.echo(f"{found.path}: {_said(found.events, found.missing)}")
        refusing = "; outside of `occasio run` every call is refused" if found.events else ""
        click.echo(f"daemon: {'running' if answering else f'not running{refusing}'}")
        if not found.events or found.missing:
            talk(f"hint: occasio hook install --agent {agent}{f' --{scope}' if scope else ''}")
        if not answering:
            talk("hint: occasio daemon start")
    click.get_current_context().exit(0 if answering and found.events and not found.missing else 1)


def _url(target: Target) -> str:
    """Return where the agent posts to; only the daemon knows.  Raises `UsageError`."""
    from occasio_core import daemon
    from occasio_core.hooks import install as installing
    from occasio_core.hooks.event import Scope

    if target.scope is not Scope.USER:
        raise UsageError("--http writes a secret of this person's daemon", hint="it goes into --user settings alone")
    installing.check_posts(target.dialect.installation, os.environ)
    if (running := daemon.status(target.place)) is None:
        raise UsageError("the daemon that the agent would post to is not running", hint="occasio daemon start")
    return running.url(target.dialect.name)


def _said(events: tuple[str, ...], missing: tuple[str, ...]) -> str:
    if not events:
        return "no hooks of Occasio"
    return f"hooks for {', '.join(events)}" + (f"; missing: {', '.join(missing)}" if missing else "")


def _target(agent: str, scope: str | None) -> Target:
    from occasio_core.engine import engine
    from occasio_core.hooks.event import Scope
    from occasio_core.hooks.install import Target, home_of_person
    from occasio_core.policy import load_policy

    place = places.home()
    dialects = engine(load_policy(None, place), place).registry.hook_dialects
    if agent not in dialects:
        raise UsageError(f"Occasio speaks with no hooks of `{agent}`", hint=f"it knows: {', '.join(sorted(dialects))}")
    return Target(
        dialect=dialects[agent],
        scope=Scope(scope or Scope.USER),
        home=home_of_person(os.environ),
        cwd=Path.cwd(),
        place=place,
        environment=os.environ,
    )
