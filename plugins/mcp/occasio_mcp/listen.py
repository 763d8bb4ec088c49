"""A gateway that clients reach by Streamable HTTP, on this machine alone, and who knows the run's secret.

Clients of the handshake have a session each, with a server of its own; those of 2026-07-28 share one.  Web pages may
not use it, whatever they know.  Knows HTTP as a server.  It logs nothing.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from aiohttp import web

from occasio_core import OccasioError, is_from_this_machine
from occasio_mcp.calls import VERSION_OF
from occasio_mcp.frames import INVALID_REQUEST, MAX_BYTES, BadFrameError, Frame, Request, Response, failed, frame
from occasio_mcp.headers import mismatch
from occasio_mcp.visitor import Visitor

HEADER_MISMATCH = -32020  # what clients of 2026-07-28 know it as
MOST_SESSIONS = 64
_SESSION = "Mcp-Session-Id"
_STREAM = "text/event-stream"
_SHARED = ""

_silent = logging.getLogger("occasio.mcp.silent")
_silent.disabled = True  # the server would log headers, and these may hold what the policy redacts

Open = Callable[[bool], Visitor]  # told whether it is shared


class Listener:
    """The server.  `opened` makes a client's side of a conversation and its server, not started yet."""

    def __init__(self, opened: Open) -> None:
        self._opened = opened
        self._secret = secrets.token_urlsafe(32)
        self._visitors: dict[str, Visitor] = {}
        self._opening = asyncio.Lock()
        self._port = 0
        application = web.Application(client_max_size=MAX_BYTES)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            application, access_log=None, logger=_silent, handler_cancellation=True, shutdown_timeout=1.0
        )

    @property
    def url(self) -> str:
        """What a client is told."""
        return f"http://127.0.0.1:{self._port}/{self._secret}/mcp"

    async def start(self, port: int) -> None:
        """Listen on the port, 0 for a free one.  Raises `OccasioError`."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError as error:
            raise OccasioError(f"cannot listen on 127.0.0.1:{port}: {error.strerror}") from None
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """End every session and its server."""
        await self._runner.cleanup()
        visitors, self._visitors = list(self._visitors.values()), {}
        await asyncio.gather(*(visitor.stop() for visitor in visitors), return_exceptions=True)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if not is_from_this_machine(request, self._port):
            return web.Response(status=403)
        if not hmac.compare_digest(request.path.encode(), f"/{self._secret}/mcp".encode()):
            return web.Response(status=404)
        session = request.headers.get(_SESSION, _SHARED)
        match request.method:
            case "POST":
                return await self._post(request, session)
            case "GET" if session in self._visitors and session:
                return await _streamed(request, _unasked(self._visitors[session]), {})
            case "DELETE" if session and (visitor := self._visitors.pop(session, None)):
                await visitor.stop()
                return web.Response(status=200)
        return web.Response(status=404 if session else 405)

    async def _post(self, request: web.Request, session: str) -> web.StreamResponse:
        if request.content_type != "application/json":
            return web.Response(status=415)
        try:
            said = frame(await request.read())
        except BadFrameError as error:
            return _told(400, failed(None, error.code, f"occasio: {error}"))
        name = said.id if isinstance(said, Request) else None
        if wrong := mismatch(said, request.headers.items()):
            return _told(400, failed(name, HEADER_MISMATCH, f"occasio: {wrong}"))
        try:
            visitor, headers = await self._visitor(said, session)
        except OccasioError as error:
            return _told(500, failed(name, INVALID_REQUEST, f"occasio: {error}"))
        if visitor is None:
            text = "no such session; begin a new one" if session else "neither a session nor a version of the protocol"
            return _told(404 if session else 400, failed(name, INVALID_REQUEST, f"occasio: {text}"))
        if not isinstance(said, Request):
            await visitor.tell(said.data)
            return web.Response(status=202)
        return await _answered(request, visitor.ask(said), headers)

    async def _visitor(self, said: Frame, session: str) -> tuple[Visitor | None, dict[str, str]]:
        """Return the client's side, and the headers that tell a new one its name; None for whom nobody knows."""
        if session or not isinstance(said, Request):
            return self._visitors.get(session), {}
        if said.method == "initialize":
            name = str(uuid.uuid4())
            return await self._begun(name, shared=False), {_SESSION: name}
        meta = said.params.get("_meta")
        if not (isinstance(meta, dict) and VERSION_OF in meta):
            return None, {}
        async with self._opening:
            return self._visitors.get(_SHARED) or await self._begun(_SHARED, shared=True), {}

    async def _begun(self, name: str, *, shared: bool) -> Visitor:
        if len(self._visitors) >= MOST_SESSIONS:
            raise OccasioError(f"more than {MOST_SESSIONS} sessions at a time")
        visitor = self._opened(shared)
        await visitor.server.start()
        self._visitors[name] = visitor
        return visitor


async def _answered(
    request: web.Request, messages: AsyncIterator[bytes], headers: dict[str, str]
) -> web.StreamResponse:
    """Answer with one message, or as a stream where more than one comes."""
    first = await anext(messages)
    if isinstance(frame(first), Response):
        with suppress(StopAsyncIteration):
            await anext(messages)  # to its end
        return _told(200, first, headers)

    async def every() -> AsyncIterator[bytes]:
        yield first
        async for message in messages:
            yield message

    return await _streamed(request, every(), headers)


async def _unasked(visitor: Visitor) -> AsyncIterator[bytes]:
    while True:
        yield await visitor.unasked.get()


async def _streamed(
    request: web.Request, messages: AsyncIterator[bytes], headers: dict[str, str]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={**headers, "Content-Type": _STREAM, "Cache-Control": "no-store"})
    await response.prepare(request)
    async for message in messages:
        lines = b"".join(b"data: " + line + b"\n" for line in message.replace(b"\r", b" ").split(b"\n"))
        await response.write(b"event: message\n" + lines + b"\n")
    return response


def _told(status: int, body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)
