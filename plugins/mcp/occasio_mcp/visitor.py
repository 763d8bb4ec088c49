"""One client by HTTP and its server: which message goes with which answer.

Knows a conversation and where its server is; of HTTP only that a request waits for what comes of it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Protocol

from occasio_core import spliced, written
from occasio_mcp.conversation import Conversation, may_wait
from occasio_mcp.frames import Id, Notification, Request, Response, frame

_MOST_UNASKED = 1024  # messages that wait for a client who does not listen
_CANCELLED = '{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{}}}}}'


class Server(Protocol):
    """Where the server is."""

    async def start(self) -> None:
        """Make ready."""

    def send(self, data: bytes, /) -> Coroutine[None, None, None]:
        """Hand the server a message; may return only when what it answers has come."""

    async def stop(self) -> None:
        """End it, or the way to it."""


class Visitor:
    """One client.  `shared` says that it stands for clients without sessions, whose ids say nothing to each other."""

    server: Server

    def __init__(self, conversation: Conversation, note: Callable[[str], object], *, shared: bool = False) -> None:
        self._conversation = conversation
        self._note = note
        self._shared = shared
        self._numbers = itertools.count(1)
        self._waiting: dict[Id, asyncio.Queue[bytes]] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self.unasked: asyncio.Queue[bytes] = asyncio.Queue(_MOST_UNASKED)

    async def tell(self, data: bytes) -> None:
        """Take a message that waits for nothing."""
        passed = await self._conversation.from_client(data)
        if passed.to_server:
            self._begin(self.server.send(passed.to_server))

    async def ask(self, said: Request) -> AsyncIterator[bytes]:
        """Yield what comes of a request, its response last."""
        name: Id = f"occasio-{next(self._numbers)}" if self._shared else said.id
        data = _renamed(said.data, name) if self._shared else said.data
        if name in self._waiting:
            passed = await self._conversation.from_client(data)  # which refuses it
            yield passed.to_client
            return
        queue = self._waiting[name] = asyncio.Queue()
        is_answered = False
        try:
            passed = await self._conversation.from_client(data)
            if passed.to_server:
                self._begin(self.server.send(passed.to_server))
            else:
                queue.put_nowait(passed.to_client)
            while not is_answered:
                message = await queue.get()
                is_answered = isinstance(frame(message), Response)
                yield _renamed(message, said.id) if is_answered and self._shared else message
        finally:
            del self._waiting[name]
            if not is_answered and self._conversation.waits_for(name):
                self._begin(self.tell(_CANCELLED.format(written(name)).encode()))

    async def from_server(self, data: bytes) -> None:
        """Take what the server says."""
        if may_wait(data):
            self._begin(self._pass_on(data))
        else:
            await self._pass_on(data)

    async def server_ended(self) -> None:
        """Tell everybody who waits that nothing will come."""
        for answer in await self._conversation.server_ended():
            self._put(answer)

    async def stop(self) -> None:
        """End the server, and write down what is under way."""
        await self.server.stop()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self.server_ended()

    async def _pass_on(self, data: bytes) -> None:
        passed = await self._conversation.from_server(data)
        if passed.to_client:
            self._put(passed.to_client)
        if passed.to_server:
            await self.server.send(passed.to_server)

    def _put(self, data: bytes) -> None:
        """Give a message to whom it is for: a response to who asked, all else to who asked last, or who listens."""
        said = frame(data)
        if isinstance(said, Response):
            if queue := self._waiting.get(said.id):
                queue.put_nowait(data)
            return
        if self._waiting and (not self._shared or len(self._waiting) == 1):
            next(reversed(self._waiting.values())).put_nowait(data)
            return
        with suppress(asyncio.QueueFull):
            self.unasked.put_nowait(data)
            return
        self._note(f"the client does not listen; a {_kind(said)} was left out")

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._note(f"a message was left out: {type(error).__name__}")


def _renamed(data: bytes, name: Id) -> bytes:
    return spliced(data.decode(), {("id",): written(name)}).encode()


def _kind(said: Request | Notification) -> str:
    return "request" if isinstance(said, Request) else "notification"
