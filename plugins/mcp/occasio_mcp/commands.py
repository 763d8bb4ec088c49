"""`occasio mcp`: wrap, serve, pins."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from occasio_core import UsageError, open_gatekeeper
from occasio_mcp.calls import MCP
from occasio_mcp.pins import Mode, Pins, pinned_servers, pins_path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


def mcp_group(home: Path) -> click.Group:
    """Return the group `mcp`."""
    pins = click.Group("pins", commands=[list_pins, accept], help="What servers have said of their tools.")
    return click.Group(
        "mcp",
        commands=[serve, wrap, pins],
        help="Govern servers of the Model Context Protocol, or be one.",
        context_settings={"obj": home},
    )


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--name", help="What the agent calls the server (default: from its program).")
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
    help="A directory that the server is told of; may be repeated (default: none, whatever the client says).",
)
@click.option(
    "--pins",
    type=click.Choice([*Mode]),
    default=Mode.CHANGES,
    show_default=True,
    help="Refuse tools that were changed, also new ones (strict), or only record both.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def wrap(home: Path, command: Sequence[str], name: str | None, roots: Sequence[Path], pins: str) -> None:
    """Stand before an MCP server: each call is decided and recorded before it, each result scanned after it.

    Its exit code is passed on; 127 if there is no such program.
    """
    server = checked_name(name or _name_of(command))
    code = asyncio.run(_wrapped(home, server, command, roots, Mode(pins)))
    click.get_current_context().exit(code)


@click.command
def serve() -> None:
    """Serve read_file, find_files and grep to an MCP client: each call is decided, recorded and carried out here."""
    from occasio_mcp.serve import serve as serving

    asyncio.run(serving(Path.cwd()))


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_pins(home: Path, as_json: bool) -> None:
    """List the tools of all servers, and those that wait to be accepted."""
    found = [
        {"server": server, "tool": tool, "waits": tool in pins.waiting, "is_new": tool not in pins.known}
        for server in pinned_servers(home)
        for pins in [Pins(pins_path(home, server))]
        for tool in sorted({*pins.known, *pins.waiting})
    ]
    if as_json:
        click.echo(json.dumps({"pins": found}, ensure_ascii=False, indent=2))
        return
    for pin in found:
        state = ("new, waits" if pin["is_new"] else "changed, waits") if pin["waits"] else "pinned"
        click.echo(f"{pin['server']}  {pin['tool']}  {state}")


@click.command
@click.argument("server")
@click.argument("tools", nargs=-1, metavar="[TOOL]...")
@click.pass_obj
def accept(home: Path, server: str, tools: Sequence[str]) -> None:
    """Accept what the server SERVER says now of its tools, or of those named."""
    path = pins_path(home, checked_name(server))
    if not path.exists():
        raise UsageError(f"nothing is pinned of a server `{server}`", hint="occasio mcp pins list")
    pins = Pins(path)
    for tool in tools or sorted(pins.waiting):
        pins.accept(tool)
        click.echo(f"accepted: {server} {tool}", err=True)


def checked_name(name: str) -> str:
    """Return the name if it can be a server's.  Raises `UsageError`."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"`{name}` is no name for a server", hint="--name, made of A-Z a-z 0-9 . _ -, at most 64")
    return name


async def _wrapped(home: Path, server: str, command: Sequence[str], roots: Sequence[Path], mode: Mode) -> int:
    from occasio_mcp.conversation import Conversation
    from occasio_mcp.gateway import Gateway
    from occasio_mcp.stdio import MissingServerError, wrap

    cwd = Path.cwd()
    program = shutil.which(command[0])
    if program is None:
        raise MissingServerError(f"there is no program `{command[0]}`", hint="is it installed, and in PATH?")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OCCASIO_")}
    async with open_gatekeeper(door=MCP, agent=Path(program).name, cwd=cwd) as keeper:
        pins = Pins(pins_path(home, server))
        gateway = Gateway(server=server, keeper=keeper, pins=pins, mode=mode, cwd=cwd, roots=roots, note=_note)
        return await wrap(Conversation(gateway), [program, *command[1:]], environment, cwd, _note)


def _name_of(command: Sequence[str]) -> str:
    return _NOT_IN_NAMES.sub("-", Path(command[0]).name).strip("-._")[:64]


def _note(text: str) -> None:
    click.echo(f"occasio: {' '.join(text.split())}", err=True)
