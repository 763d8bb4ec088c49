"""A client that is our parent, and a server at a URL: lines on one side, HTTP on the other, a conversation between.

Requests are under way at once; what is no request is handed on before the next line is looked at, so that order stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from occasio_mcp.conversation import Conversation, Passed, may_wait
from occasio_mcp.frames import PARSE_ERROR, BadFrameError, Id, Lines, Notification, Request, failed, frame
from occasio_mcp.remote import Remote
from occasio_mcp.stdio import CHUNK, GRACE_SECONDS, end_on_signals, standard_streams, write_line


async def bridge(
    conversation: Conversation, url: str, headers: Sequence[tuple[str, str]], note: Callable[[str], object]
) -> int:
    """Pass messages until the client ends; return 0.  Raises `OccasioError` where we have no pipes to a client."""
    client_in, client_out = await standard_streams()
    passing = _Bridge(conversation, client_out, note)
    remote = Remote(url, headers, passing.from_server, conversation.waits_for)
    passing.remote = remote
    await remote.start()
    try:
        pump = asyncio.ensure_future(passing.from_client(client_in))
        end_on_signals(pump)
        with suppress(asyncio.CancelledError):
            await pump
        await passing.end()
    finally:
        await remote.stop()
    return 0


class _Bridge:
    """What is under way between the two."""

    remote: Remote

    def __init__(
        self, conversation: Conversation, client_out: asyncio.StreamWriter, note: Callable[[str], object]
    ) -> None:
        self._conversation = conversation
        self._client_out = client_out
        self._note = note
        self._under_way: set[asyncio.Task[None]] = set()
        self._asked: dict[Id, asyncio.Task[None]] = {}
        self._is_stateless = True  # until the client shakes hands

    async def from_client(self, client_in: asyncio.StreamReader) -> None:
        lines = Lines()
        while data := await client_in.read(CHUNK):
            for line in lines.receive(data):
                if line is None:
                    await self._tell(failed(None, PARSE_ERROR, "occasio: a message that is too long"))
                else:
                    await self._start(line)
        if lines.is_within:
            self._note("the client ended within a message, which was left out")

    async def from_server(self, data: bytes) -> None:
        """Pass on what the server says."""
        if may_wait(data):
            task = asyncio.create_task(self._pass_on(data))
            self._under_way.add(task)
            task.add_done_callback(self._done)
            await asyncio.sleep(0)  # it runs up to where it is held
        else:
            await self._pass_on(data)

    async def _pass_on(self, data: bytes) -> None:
        passed = await self._conversation.from_server(data)
        if passed.to_client:
            await self._tell(passed.to_client)
        if passed.to_server:
            await self.remote.send(passed.to_server)

    async def end(self) -> None:
        """Let what is under way come to its end, for a while."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE_SECONDS)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        for answer in await self._conversation.server_ended():
            await self._tell(answer)

    async def _start(self, line: bytes) -> None:
        """Begin with a message, and wait for its end unless it is a request."""
        task = asyncio.create_task(self._one(line))
        self._under_way.add(task)
        task.add_done_callback(self._done)
        name = _asked_in(line)
        if name is None:
            await asyncio.wait([task])
        else:
            self._asked[name] = task
            await asyncio.sleep(0)  # it runs up to where it is held

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._note(f"a message was left out: {type(error).__name__}")

    async def _one(self, line: bytes) -> None:
        passed: Passed = await self._conversation.from_client(line)
        if passed.to_client:
            await self._tell(passed.to_client)
        if passed.to_server and not self._is_cancelled_here(passed.to_server):
            await self.remote.send(passed.to_server)

    def _is_cancelled_here(self, data: bytes) -> bool:
        """Return whether it takes back a stateless request: that is done by closing the answer."""
        said = frame(data)
        if isinstance(said, Request):
            self._is_stateless = self._is_stateless and said.method != "initialize"
        if not isinstance(said, Notification) or said.method != "notifications/cancelled" or not self._is_stateless:
            return False
        name = said.params.get("requestId")
        if isinstance(name, str | int) and (task := self._asked.get(name)):
            task.cancel()
        return True

    async def _tell(self, data: bytes) -> None:
        with suppress(ConnectionError):  # its end is seen where it is read
            await write_line(self._client_out, data)


def _asked_in(line: bytes) -> Id | None:
    with suppress(BadFrameError):
        said = frame(line)
        return said.id if isinstance(said, Request) else None
    return None
