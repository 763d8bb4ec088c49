"""The server of the page, on the loopback interface: files for everybody there, data for pages that a link has opened.

Every request has to come to us by name and from our own page; what it asks for is in `Desk`.  Knows HTTP.  It logs
nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Protocol, TypeAlias

from aiohttp import web

from occasio_core import Approvals, Json, MalformedError, OccasioError, UsageError, parse_json
from occasio_dashboard.entrance import Entrance, Whence
from occasio_dashboard.files import HEADERS, PAGE, page_files
from occasio_dashboard.hub import Hub

MAX_BODY = 64 << 10
GRACE_SECONDS = 1.0

silent = logging.getLogger("occasio.silent")
silent.disabled = True  # the server would log addresses and tracebacks

Ends: TypeAlias = tuple[tuple[str, int], tuple[str, int]]  # the client's and the server's
_Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Desk(Protocol):
    """What a page can ask for.  Each raises `UsageError` for what makes no sense, `OccasioError` for what failed."""

    async def get(self, what: str, asked: Mapping[str, str], /) -> Json | None:
        """Return what is asked for; None if there is no such thing."""
        ...

    async def post(self, what: str, given: Mapping[str, Json], ends: Ends, /) -> Json | None:
        """Do what is asked for, in the name of whoever is at the client's end; None if there is no such thing."""
        ...


class Server:
    """Serves one dashboard.  `used` is called with the address of the next page when a link was used up."""

    def __init__(self, desk: Desk, hub: Hub, approvals: Approvals, used: Callable[[str], object]) -> None:
        self._desk = desk
        self._hub = hub
        self._approvals = approvals
        self._used = used
        self._entrance = Entrance()
        self._port = 0
        application = web.Application(client_max_size=MAX_BODY, middlewares=[self._guarded])
        application.router.add_get("/", self._page)
        application.router.add_get("/{name}", self._page)
        application.router.add_post("/api/open", self._open)
        application.router.add_get("/api/stream", self._stream, allow_head=False)
        application.router.add_get("/api/{what:.+}", self._get, allow_head=False)
        application.router.add_post("/api/{what:.+}", self._post)
        self._runner = web.AppRunner(
            application, access_log=None, logger=silent, shutdown_timeout=GRACE_SECONDS, handler_cancellation=True
        )

    @property
    def url(self) -> str:
        """The address that opens one page.  What stands behind `#` is sent to nobody, and in no Referer."""
        return f"http://127.0.0.1:{self._port}/#{self._entrance.link}"

    async def start(self, port: int) -> None:
        """Listen on the port, on a free one if it is 0.  Raises `OccasioError`."""
        await self._runner.setup()
        try:
            # an address that another server still listens on is not shared with it
            await web.TCPSite(self._runner, "127.0.0.1", port, reuse_port=False).start()
        except OSError as error:
            await self._runner.cleanup()
            why = (error.strerror or str(error)).lower()
            raise OccasioError(
                f"cannot listen on 127.0.0.1:{port}: {why}", hint="--port 0 takes a free port"
            ) from error
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """End all streams and connections."""
        self._hub.close()
        await self._runner.cleanup()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Answer only our own page, in one way whatever is wrong; every answer says what the browser may do with it."""
        try:
            response = await self._answered(request, handler)
        except web.HTTPException as error:
            response = _problem(error.status, error.reason)
        except UsageError as error:
            response = _problem(409, str(error), error.hint)
        except OccasioError as error:
            response = _problem(422, str(error), error.hint)
        except Exception as error:  # noqa: BLE001 - a page is no place for a traceback
            response = _problem(500, f"occasio failed with {type(error).__name__}")
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _answered(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if not _whence(request).is_ours(self._port, changes=request.method not in ("GET", "HEAD")):
            return _problem(403, "this is not the address, or not the page, of the dashboard")
        is_data = request.path.startswith("/api/")
        shown = request.headers.getall("Authorization", [])
        if is_data and request.path != "/api/open" and not self._entrance.is_open(shown):
            return _problem(401, "this page was not opened by a link, or the dashboard has ended since")
        if is_data and (run := await self._agent(request)):
            return _problem(403, f"this is a process of the agent of run {run}, for which the dashboard is not")
        return await handler(request)

    async def _agent(self, request: web.Request) -> str | None:
        """Return the run whose agent is seen to ask: what it may not read in a file it may not here."""
        return await asyncio.to_thread(self._approvals.agent_at, *_ends(request))

    async def _page(self, request: web.Request) -> web.StreamResponse:
        found = page_files().get(request.match_info.get("name", PAGE))
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found.body, content_type=found.content_type, charset="utf-8")

    async def _open(self, request: web.Request) -> web.StreamResponse:
        page = self._entrance.opened(str((await _members(request)).get("link")))
        if page is None:
            return _problem(401, "the link was used already, or is of a dashboard that has ended")
        self._used(self.url)
        return _json({"page": page})

    async def _get(self, request: web.Request) -> web.StreamResponse:
        found = await self._desk.get(request.match_info["what"], dict(request.query))
        return _problem(404, "there is no such thing") if found is None else _json(found)

    async def _post(self, request: web.Request) -> web.StreamResponse:
        done = await self._desk.post(request.match_info["what"], await _members(request), _ends(request))
        return _problem(404, "there is no such thing") if done is None else _json(done)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        with suppress(ConnectionResetError):  # the page went away
            async with aclosing(self._hub.listen()) as events:
                async for data in events:
                    await response.write(data)
        return response


def _whence(request: web.Request) -> Whence:
    headers = request.headers
    return Whence(headers.getall("Host", []), headers.getall("Origin", []), headers.getall("Sec-Fetch-Site", []))


def _ends(request: web.Request) -> Ends:
    transport = request.transport
    if transport is None:
        raise web.HTTPBadRequest
    client, server = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return (client[0], client[1]), (server[0], server[1])


async def _members(request: web.Request) -> Mapping[str, Json]:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        given = parse_json(await request.read())
    except MalformedError as error:
        raise web.HTTPBadRequest from error
    if not isinstance(given, dict):
        raise web.HTTPBadRequest
    return given


def _json(value: Json) -> web.Response:
    return web.json_response(value)


def _problem(status: int, message: str, hint: str = "") -> web.Response:
    return web.json_response({"error": message, "hint": hint}, status=status)
