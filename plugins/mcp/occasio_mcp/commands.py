"""`occasio mcp`: wrap, serve, pins."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import Json, UsageError, checked_base, open_gatekeeper, printable, printed
from occasio_mcp.calls import MCP
from occasio_mcp.pins import Mode, Pins, pinned_servers, pins_path

if TYPE_CHECKING:
    from occasio_mcp.conversation import Conversation

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")
_LAST_PORT = 65535


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
@click.option("--name", metavar="NAME", help="What the agent calls the server (default: from its program).")
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
    help="A directory that the server is told of; may be repeated (default: none, whatever the client says).",
)
@click.option(
    "--pins",
    type=click.Choice([mode.value for mode in Mode]),  # of the enumeration itself click takes names
    default=Mode.CHANGES.value,
    show_default=True,
    help="Refuse tools that were changed, also new ones (strict), or only record both (record).",
)
@click.option("--url", metavar="URL", help="The server, if it is reached by Streamable HTTP.")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="NAME:VALUE",
    help="A header for the server at the URL; ${VARIABLE} stands for what the environment holds.",
)
@click.option(
    "--listen",
    metavar="127.0.0.1:PORT",
    help="Serve clients by Streamable HTTP at this address, 0 for a free port, instead of the parent by pipes.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def wrap(
    home: Path,
    command: Sequence[str],
    name: str | None,
    roots: Sequence[Path],
    pins: str,
    url: str | None,
    headers: Sequence[str],
    listen: str | None,
) -> None:
    """Stand before an MCP server: each call is decided and recorded before it, each result scanned after it.

    COMMAND starts the server; its exit code is passed on, 127 if there is no such program. With --listen each client
    has a server of its own, and the address is printed.
    """
    if bool(command) == bool(url) or (headers and not url):
        raise UsageError("one server is needed: a command, or --url", hint="occasio mcp wrap -- SERVER…")
    server = checked_name(name or _name_of([checked_base(url)] if url else command))
    place = Place(home, server, roots, Mode(pins))
    if listen is not None:
        asyncio.run(_listening(place, port_of(listen), command, url, headers))
        return
    code = asyncio.run(_bridged(place, url, headers) if url else _wrapped(place, command))
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
    found: list[dict[str, Json]] = [
        {"server": server, "tool": tool, "waits": tool in pins.waiting, "is_new": tool not in pins.known}
        for server in pinned_servers(home)
        for pins in [Pins(pins_path(home, server))]
        for tool in sorted({*pins.known, *pins.waiting})
    ]
    if as_json:
        printed({"pins": found})
        return
    if not found:
        click.echo("no tool is pinned yet: `occasio mcp wrap` does that", err=True)
    for pin in found:
        state = ("new, waits" if pin["is_new"] else "changed, waits") if pin["waits"] else "pinned"
        click.echo(f"{pin['server']}  {printable(str(pin['tool']))}  {state}")


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
        click.echo(f"accepted: {server} {printable(tool)}", err=True)


def checked_name(name: str) -> str:
    """Return the name if it can be a server's.  Raises `UsageError`."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"`{name}` is no name for a server", hint="--name, made of A-Z a-z 0-9 . _ -, at most 64")
    return name


def port_of(address: str) -> int:
    """Return the port of an address of this machine.  Raises `UsageError` for any other."""
    host, _, port = address.rpartition(":")
    if host not in ("127.0.0.1", "localhost") or not port.isdecimal() or int(port) > _LAST_PORT:
        raise UsageError(f"`{address}` is no address of this machine alone", hint="--listen 127.0.0.1:0")
    return int(port)


@dataclass(frozen=True, slots=True)
class Place:
    """Which server is wrapped, and under which conditions."""

    home: Path
    server: str
    roots: Sequence[Path]
    mode: Mode

    @asynccontextmanager
    async def conversation(self, agent: str) -> AsyncIterator[Conversation]:
        """Yield the conversation of one client, in the run that it belongs to.  Raises `OccasioError`."""
        async with self.conversations(agent) as opened:
            yield opened()

    @asynccontextmanager
    async def conversations(self, agent: str) -> AsyncIterator[Callable[[], Conversation]]:
        """Yield what begins a conversation of one client; all of them are in one run.  Raises `OccasioError`."""
        from occasio_mcp.conversation import Conversation
        from occasio_mcp.gateway import Gateway

        cwd = Path.cwd()
        async with open_gatekeeper(door=MCP, agent=agent, cwd=cwd) as keeper:
            pins = Pins(pins_path(self.home, self.server))
            yield lambda: Conversation(
                Gateway(
                    server=self.server,
                    keeper=keeper,
                    pins=pins,
                    mode=self.mode,
                    cwd=cwd,
                    roots=self.roots,
                    note=_note,
                )
            )


async def _listening(place: Place, port: int, command: Sequence[str], url: str | None, headers: Sequence[str]) -> None:
    """Serve clients by HTTP until a signal ends it."""
    from occasio_mcp.child import Child
    from occasio_mcp.listen import Listener
    from occasio_mcp.remote import Remote
    from occasio_mcp.stdio import end_on_signals
    from occasio_mcp.visitor import Visitor

    base, own = checked_base(url) if url else "", _own_headers(headers)
    program = "" if url else _program(command[0])
    async with place.conversations(place.server) as opened:

        def visitor(shared: bool) -> Visitor:
            conversation = opened()
            one = Visitor(conversation, _note, shared=shared)
            one.server = (
                Remote(base, own, one.from_server, conversation.waits_for)
                if base
                else Child([program, *command[1:]], _environment(), Path.cwd(), one.from_server, one.server_ended)
            )
            return one

        listener = Listener(visitor)
        await listener.start(port)
        waiting = asyncio.create_task(_for_ever())
        end_on_signals(waiting)
        click.echo(listener.url)
        try:
            with suppress(asyncio.CancelledError):
                await waiting
        finally:
            await listener.stop()


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _bridged(place: Place, url: str, headers: Sequence[str]) -> int:
    from occasio_mcp.bridge import bridge

    own = _own_headers(headers)
    async with place.conversation(place.server) as conversation:
        return await bridge(conversation, checked_base(url), own, _note)


async def _wrapped(place: Place, command: Sequence[str]) -> int:
    from occasio_mcp.stdio import wrap

    program = _program(command[0])
    async with place.conversation(Path(program).name) as conversation:
        return await wrap(conversation, [program, *command[1:]], _environment(), Path.cwd(), _note)


def _own_headers(lines: Sequence[str]) -> list[tuple[str, str]]:
    from occasio_mcp.remote import thawed_headers

    try:
        return thawed_headers(lines, os.environ)
    except ValueError as error:
        raise UsageError(str(error), hint="--header 'Authorization: Bearer ${TOKEN}'") from None


def _program(name: str) -> str:
    from occasio_mcp.stdio import MissingServerError

    program = shutil.which(name)
    if program is None:
        raise MissingServerError(f"there is no program `{name}`", hint="is it installed, and in PATH?")
    return program


def _environment() -> dict[str, str]:
    """Return the server's environment: what is Occasio's is none of its business."""
    return {key: value for key, value in os.environ.items() if not key.startswith("OCCASIO_")}


def _name_of(command: Sequence[str]) -> str:
    """Return a name from a program, or from the host of a URL."""
    base = command[0].partition("://")[2].partition("/")[0] or Path(command[0]).name
    return _NOT_IN_NAMES.sub("-", base).strip("-._")[:64]


def _note(text: str) -> None:
    click.echo(f"occasio: {' '.join(text.split())}", err=True)
