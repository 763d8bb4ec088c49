"""A server that is our child and has a client by HTTP: lines in, lines out.  Knows processes and pipes alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from occasio_mcp.frames import Lines
from occasio_mcp.stdio import CHUNK, GRACE_SECONDS, MissingServerError, write_line

Receive = Callable[[bytes], Awaitable[None]]


class Child:
    """One process.  `receive` gets what it says, in order; `ended` is called once it says nothing any more."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path,
        receive: Receive,
        ended: Callable[[], Awaitable[None]],
    ) -> None:
        self._command = command
        self._environment = environment
        self._cwd = cwd
        self._receive = receive
        self._ended = ended

    async def start(self) -> None:
        """Start it.  Raises `MissingServerError`."""
        pipe = asyncio.subprocess.PIPE
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=pipe, stdout=pipe, env=dict(self._environment), cwd=self._cwd
            )
        except OSError as error:
            raise MissingServerError(f"`{self._command[0]}` cannot be started: {error.strerror}") from None
        self._pump = asyncio.create_task(self._read())

    async def send(self, data: bytes) -> None:
        """Hand it a message; of one that has ended, the end is told elsewhere."""
        assert self._process.stdin is not None
        with suppress(ConnectionError):
            await write_line(self._process.stdin, data.replace(b"\n", b" "))  # white space, in what is JSON

    async def stop(self) -> None:
        """Let it end, then end it."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        for ask in (self._process.terminate, self._process.kill):
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._process.wait()), GRACE_SECONDS)
                break
            with suppress(ProcessLookupError):
                ask()
        await self._process.wait()
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        lines = Lines()
        while data := await self._process.stdout.read(CHUNK):
            for line in lines.receive(data):
                if line is not None:
                    await self._receive(line)
        await self._ended()
