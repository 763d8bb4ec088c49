"""Where hooks are answered: a socket in Occasio's home, and for agents that can post, a port on the loopback interface.

The socket is its owner's alone (0600, in a directory that is 0700).  The port wants a secret, and no web page may use
it.  Knows sockets and HTTP as a server; logs nothing.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import re
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aiohttp import web

from occasio_core.errors import OccasioError, UsageError
from occasio_core.home import run_path
from occasio_core.hooks.event import HookReply
from occasio_core.hooks.replies import Replies, refused
from occasio_core.hooks.thin import MAX_BYTES
from occasio_core.transports.proxy import is_from_this_machine, listening, silent

_HEAD = re.compile(rb"occasio-hook/1 ([a-z0-9][a-z0-9._-]{0,63}) ([0-9]{1,9})\n")
_ADDRESS_BYTES = 100  # unix(7): 108, with the zero and some to spare
_BACKLOG = 256
_RUN_HEADER = "X-Occasio-Run"


class HookSocket:
    """Answers thin programs at the socket `path`."""

    def __init__(self, path: Path, replies: Replies) -> None:
        self._path = path
        self._replies = replies
        self._server: asyncio.Server | None = None
        self._under_way: set[asyncio.Task[object]] = set()

    async def start(self) -> None:
        """Listen; a socket that a dead process left is taken over.  Raises `OccasioError`."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)
            with short_address(self._path) as address:
                listener.bind(address)
            self._path.chmod(0o600)
            listener.setblocking(False)
            self._server = await asyncio.start_unix_server(self._serve, sock=listener, backlog=_BACKLOG)
        except OSError as error:
            listener.close()
            raise OccasioError(f"cannot listen at `{self._path}`: {error.strerror or error}") from error

    async def stop(self) -> None:
        """Take no more questions, and give no more answers: who still waits is refused."""
        if self._server is None:
            return
        self._server.close()
        self._path.unlink(missing_ok=True)
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            with suppress(ConnectionError):
                writer.write(_written(await self._reply(reader, _peer(writer))))
                await writer.drain()
        except asyncio.CancelledError:
            pass  # the connection closes without an answer, and the program at its other end says no
        finally:
            self._under_way.discard(task)
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader, process: int | None) -> HookReply:
        try:
            head = _HEAD.fullmatch(await reader.readuntil(b"\n"))
            if head is None or (size := int(head[2])) > MAX_BYTES:
                return refused("occasio was asked in a form that it does not know")
            data = await reader.readexactly(size)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return refused("occasio was asked in a form that it does not know")
        return await _unless_gone(reader, self._replies.reply(head[1].decode(), data, process))


async def _unless_gone(reader: asyncio.StreamReader, replying: object) -> HookReply:
    """Return the reply; if the asker goes away first, whatever is under way for it is cancelled."""
    assert asyncio.iscoroutine(replying)
    reply: asyncio.Task[HookReply] = asyncio.ensure_future(replying)
    gone = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((reply, gone), return_when=asyncio.FIRST_COMPLETED)
        if not reply.done():
            raise ConnectionResetError
        return reply.result()
    finally:
        gone.cancel()
        reply.cancel()
        await asyncio.gather(reply, gone, return_exceptions=True)


class HookPort:
    """Answers agents that post their events themselves, to `/SECRET/AGENT`.

    An agent that was started in a run says so, and is answered by that run, whose socket is below `place`.
    """

    def __init__(self, secret: str, port: int, replies: Replies, place: Path) -> None:
        self.port = port
        self._place = place
        self._secret = secret
        self._replies = replies
        application = web.Application(client_max_size=MAX_BYTES)
        application.router.add_post("/{secret}/{agent}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, logger=silent, handler_cancellation=True)

    async def start(self) -> None:
        """Listen on the port; 0 is any.  Raises `OccasioError` if it is taken."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise OccasioError(f"cannot listen on 127.0.0.1:{self.port}: {error.strerror}") from error
        self.port = listening(self._runner)

    async def stop(self) -> None:
        """Take no more questions."""
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        if not is_from_this_machine(request, self.port):
            return web.Response(status=403)
        if not hmac.compare_digest(request.match_info["secret"].encode(), self._secret.encode()):
            return web.Response(status=404)
        agent, data = request.match_info["agent"], await request.read()
        if run := request.headers.get(_RUN_HEADER):
            reply = await _relayed(self._place, run, agent, data)
        else:
            reply = await self._replies.reply(agent, data, None)
        if reply.exit_code:  # an agent takes no exit code from a port: with an error it does what `onFailure` says
            return web.Response(status=500, body=reply.stderr, content_type="text/plain")
        return web.Response(body=reply.stdout or b"{}", content_type="application/json")


async def _relayed(place: Path, run: str, agent: str, data: bytes) -> HookReply:
    """Return what the run answers; a run that is not there answers no."""
    try:
        return await asked(run_path(place, run).with_suffix(".sock"), agent, data)
    except (OSError, UsageError):
        return refused("the run that the agent was started in is not there, or its answer broke off")


async def asked(path: Path, agent: str, data: bytes) -> HookReply:
    """Return what is answered at the socket `path`.  Raises `OSError`, also where the answer broke off."""
    with short_address(path) as address:
        reader, writer = await asyncio.open_unix_connection(address)
    try:
        writer.write(f"occasio-hook/1 {agent} {len(data)}\n".encode() + data)
        await writer.drain()
        head, newline, body = (await reader.read()).partition(b"\n")
    finally:
        writer.close()
    try:
        code, out, err = (int(number) for number in head.split(b" "))
    except ValueError:
        raise ConnectionResetError("the answer broke off") from None
    if not newline or len(body) != out + err:
        raise ConnectionResetError("the answer broke off")
    return HookReply(exit_code=code, stdout=body[:out], stderr=body[out:])


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """Yield a name of `path` that is short enough for an address.  Raises `OSError`."""
    if len(os.fsencode(path)) <= _ADDRESS_BYTES or sys.platform != "linux":
        yield str(path)
        return
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def _peer(writer: asyncio.StreamWriter) -> int | None:
    """Return the process at the other end, where the system tells."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    connection = writer.get_extra_info("socket")
    pid, _, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return int(pid)


def _written(reply: HookReply) -> bytes:
    head = f"{reply.exit_code} {len(reply.stdout)} {len(reply.stderr)}\n".encode()
    return head + reply.stdout + reply.stderr
