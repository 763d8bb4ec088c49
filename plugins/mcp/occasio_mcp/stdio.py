"""A server that is our child, and a client that is our parent: lines between them, through a conversation.

Knows processes and pipes.  It does not know what lines say.
"""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from occasio_core import OccasioError
from occasio_mcp.conversation import Conversation, Passed, may_wait
from occasio_mcp.frames import PARSE_ERROR, Lines, failed

GRACE_SECONDS = 5.0  # for a server whose client is gone
CHUNK = 1 << 16
_AT_ONCE = 256  # calls of one client under way

_Send = Callable[[bytes], Awaitable[None]]


class MissingServerError(OccasioError):
    """Raised when the server's program cannot be started."""

    exit_code = 127  # as a shell has it


async def wrap(
    conversation: Conversation,
    command: Sequence[str],
    environment: Mapping[str, str],
    cwd: Path,
    note: Callable[[str], object],
) -> int:
    """Run the server and pass messages until either side ends; return its exit code, 0 if the client ended first.

    Raises `MissingServerError`, and `OccasioError` where we have no pipes to a client.
    """
    client_in, client_out = await standard_streams()
    try:
        server = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=dict(environment), cwd=cwd
        )
    except OSError as error:
        raise MissingServerError(f"`{command[0]}` cannot be started: {error.strerror}") from None
    return await _Stdio(conversation, server, client_in, client_out, note).run()


class _Stdio:
    """The two pumps and what is under way between them."""

    def __init__(
        self,
        conversation: Conversation,
        server: asyncio.subprocess.Process,
        client_in: asyncio.StreamReader,
        client_out: asyncio.StreamWriter,
        note: Callable[[str], object],
    ) -> None:
        assert server.stdin is not None
        assert server.stdout is not None
        self._conversation = conversation
        self._server = server
        self._server_in, self._server_out = server.stdin, server.stdout
        self._client_in, self._client_out = client_in, client_out
        self._note = note
        self._under_way: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> int:
        from_client = asyncio.ensure_future(self._from_client())
        from_server = asyncio.ensure_future(self._from_server())
        end_on_signals(from_client)
        try:
            await asyncio.wait((from_client, from_server), return_when=asyncio.FIRST_COMPLETED)
            if from_server.done():
                return await self._server_ended(from_server)
            if self._under_way and not from_client.cancelled():
                await asyncio.wait(self._under_way, timeout=GRACE_SECONDS)
            for task in self._under_way:
                task.cancel()  # nobody waits for what is being decided
            await self._end(from_server)
            return 0
        finally:
            for pump in (from_client, from_server):
                pump.cancel()
            await asyncio.gather(from_client, from_server, *self._under_way, return_exceptions=True)
            with suppress(ProcessLookupError):
                self._server.kill()
            await self._server.wait()

    async def _from_client(self) -> None:
        """Pass on what the client says, each message in a task of its own from where it is held."""
        lines = Lines()
        while data := await self._client_in.read(CHUNK):
            for line in lines.receive(data):
                if line is None:
                    await self._send_client(failed(None, PARSE_ERROR, "occasio: a message that is too long"))
                    continue
                await self._begin(self._one(line))
        if lines.is_within:
            self._note("the client ended within a message, which was left out")

    async def _begin(self, work: Coroutine[None, None, None]) -> None:
        await self._room.acquire()
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)
        await asyncio.sleep(0)  # it runs up to where it is held, so that the order stays

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._room.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            self._note(f"a message was left out: {type(error).__name__}")

    async def _one(self, line: bytes) -> None:
        await self._put(await self._conversation.from_client(line))

    async def _put_of_server(self, line: bytes) -> None:
        await self._put(await self._conversation.from_server(line))

    async def _from_server(self) -> None:
        lines = Lines()
        while data := await self._server_out.read(CHUNK):
            for line in lines.receive(data):
                if line is None:
                    self._note("the server sent a message that is too long; it was left out")
                    continue
                if may_wait(line):
                    await self._begin(self._put_of_server(line))
                else:
                    await self._put_of_server(line)
        if lines.is_within:
            self._note("the server ended within a message, which was left out")

    async def _server_ended(self, pump: asyncio.Task[None]) -> int:
        pump.result()
        for answer in await self._conversation.server_ended():
            await self._send_client(answer)
        with suppress(TimeoutError):
            code = await asyncio.wait_for(self._server.wait(), GRACE_SECONDS)
            self._note(f"the server ended ({code})")
            return 128 - code if code < 0 else code
        self._note("the server closed its output")
        return 1

    async def _end(self, pump: asyncio.Task[None]) -> None:
        """Let the server end, and write down what it still answers."""
        with suppress(OSError):
            self._server_in.close()
        for ask in (self._server.terminate, self._server.kill):
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(pump), GRACE_SECONDS)
                break
            with suppress(ProcessLookupError):
                ask()

    async def _put(self, passed: Passed) -> None:
        if passed.to_server:
            with suppress(ConnectionError):  # its end is seen where it is read
                await write_line(self._server_in, passed.to_server)
        if passed.to_client:
            await self._send_client(passed.to_client)

    async def _send_client(self, data: bytes) -> None:
        with suppress(ConnectionError):  # its end is seen where it is read
            await write_line(self._client_out, data)


async def write_line(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Write one message.  Raises `ConnectionError` when nobody reads."""
    writer.write(data + b"\n")
    await writer.drain()


def end_on_signals(pump: asyncio.Task[None]) -> None:
    """Have signals end the pump, as if the client had gone."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with suppress(NotImplementedError, RuntimeError):  # another system, or not the main thread
            loop.add_signal_handler(number, pump.cancel)


async def standard_streams() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return our own input and output, which must be pipes or the like.  Raises `OccasioError`."""
    if not all(_is_pipe(descriptor) for descriptor in (0, 1)):
        hint = "an MCP client starts this, and talks to it by pipes"
        raise OccasioError("standard input and output are not those of an MCP client", hint=hint)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(0, "rb", closefd=False))
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop=loop), os.fdopen(1, "wb", closefd=False)
    )
    sys.stdout = sys.stderr  # nobody else writes there
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)
