"""The door for agents whose provider's address can be set: a server on the loopback interface, one for each run.

Whoever knows the run's secret may use it; web pages may not, whatever they know.  Requests that an adapter claims go
through the run's gate; all others of the same provider pass.  Knows HTTP as a server.  What it notes of a request is
how long it took and how much it was, never what.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from occasio_core.driver import Driver, Gate
from occasio_core.errors import AgentProtocolError, OccasioError, RequestRefusedError, UpstreamProtocolError
from occasio_core.interfaces import Adapter, Wire
from occasio_core.model import HttpRequest
from occasio_core.transports.encoding import TooLongError, UnknownEncodingError, decoded
from occasio_core.transports.upstream import MAX_HEADER_BYTES, Piecewise, Upstream, passed_back
from occasio_verify import Json

MAX_BODY = 64 << 20  # bytes of a request that is read whole
MAX_UNDER_WAY = 512  # requests at a time; each may hold a body
GRACE_SECONDS = 5.0  # for what is under way when the agent has ended

Note = Callable[[Mapping[str, Json]], object]

silent = logging.getLogger("occasio.silent")
silent.disabled = True  # the server would log headers and tracebacks, and these may quote what the policy redacts


@dataclass(frozen=True, slots=True)
class Dialect:
    """One protocol of a provider, and this run's conversations in it."""

    adapter: Adapter
    wire: Wire


@dataclass(frozen=True, slots=True)
class Route:
    """One provider as this run uses it: where it is, and the protocols that it may speak; the first is its own."""

    dialects: Sequence[Dialect]
    upstream: Upstream

    def dialect(self, method: str, path: str) -> Dialect | None:
        """Return the protocol that a request is in, by its path alone; None if it is in none that carries calls."""
        return next((one for one in self.dialects if one.adapter.claims(method, path)), None)


class Proxy:
    """Serves one run.  `routes` are found by their names, the first part of a path behind the secret.

    `note` is told of each request that has ended, and returns at once.
    """

    def __init__(self, routes: Mapping[str, Route], gate: Gate, cwd: str, note: Note = lambda said: None) -> None:
        self._routes = routes
        self._note = note
        self._gate = gate
        self._cwd = cwd
        self._secret = secrets.token_urlsafe(32)
        self._port = 0
        self._under_way: set[asyncio.Task[object]] = set()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            application,
            access_log=None,
            logger=silent,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            shutdown_timeout=GRACE_SECONDS,
            auto_decompress=False,  # what passes goes as it came, and what is read is unpacked within limits
            handler_cancellation=True,  # an agent that goes away wants nothing more from the provider
        )

    def url(self, route: str) -> str:
        """Return the base URL under which an agent finds the provider of that name."""
        return f"http://127.0.0.1:{self._port}/{self._secret}/{route}"

    async def start(self) -> None:
        """Listen on a free port.  Raises `OccasioError` if there is none."""
        for route in self._routes.values():
            await route.upstream.start()
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        except OSError as error:
            raise OccasioError(f"cannot listen on 127.0.0.1: {error.strerror}") from error
        self._port = listening(self._runner)

    async def stop(self) -> None:
        """Take no more requests; give those under way a few seconds, then end them, and every connection."""
        for site in list(self._runner.sites):
            await site.stop()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE_SECONDS)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._runner.cleanup()
        for route in self._routes.values():
            await route.upstream.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if not is_from_this_machine(request, self._port):
            return web.Response(status=403)
        route, target = self._routed(request)
        if route is None:
            return web.Response(status=404)
        if len(self._under_way) >= MAX_UNDER_WAY:
            text = f"more than {MAX_UNDER_WAY} requests at a time"
            body = route.dialects[0].adapter.error(503, text)
            return web.Response(status=503, body=body, content_type="application/json", headers={"retry-after": "1"})
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        visit = _Visit(request, route, self._gate)
        try:
            return await visit.serve(target, self._cwd)
        finally:
            self._under_way.discard(task)
            self._note({"provider": self._name_of(route), "path": target.partition("?")[0], **visit.measured()})

    def _name_of(self, route: Route) -> str:
        return next(name for name, one in self._routes.items() if one is route)

    def _routed(self, request: web.Request) -> tuple[Route | None, str]:
        """Return the route and what is asked of it; no route for those who do not know the secret."""
        path = request.rel_url.raw_path.removeprefix("/")
        secret, _, rest = path.partition("/")
        name, slash, tail = rest.partition("/")
        if not hmac.compare_digest(secret.encode(), self._secret.encode()):
            return None, ""
        query = request.rel_url.raw_query_string
        return self._routes.get(name), f"{slash}{tail}" + (f"?{query}" if query else "")


def listening(runner: web.AppRunner) -> int:
    """Return the port of a server that was told to listen.

    Raises `OccasioError` if it does not: asyncio leaves a socket that it cannot make away, and says nothing.
    """
    if not runner.addresses:
        raise OccasioError(
            "cannot listen on 127.0.0.1: no socket could be made", hint="are too many files open? ulimit -n"
        )
    return int(runner.addresses[0][1])


def is_from_this_machine(request: web.Request, port: int) -> bool:
    """Return whether no web page sent the request: DNS may lead any name here, and pages cannot forge Host."""
    hosts = request.headers.getall("Host", [])
    known = (f"127.0.0.1:{port}", f"localhost:{port}")
    return len(hosts) == 1 and hosts[0].lower() in known and "Origin" not in request.headers


class _AgentGoneError(Exception):
    """Raised when nobody reads the answer any more."""


class _Visit:
    """One request of an agent and its answer."""

    def __init__(self, request: web.Request, route: Route, gate: Gate) -> None:
        self._request = request
        self._route = route
        self._adapter = route.dialects[0].adapter  # in whose form errors are told
        self._gate = gate
        self._response: web.StreamResponse | None = None
        self._begun_at = time.monotonic()
        self._first_at = 0.0
        self._sizes = {"asked_bytes": 0, "sent_bytes": 0, "answered_bytes": 0}
        self._status = 499

    def measured(self) -> dict[str, Json]:
        """Return how long the request took, and how much went in each direction."""
        first = self._first_at - self._begun_at if self._first_at else None
        return {
            "kind": "request",
            "method": self._request.method,
            "status": self._status,
            "ms": round((time.monotonic() - self._begun_at) * 1000),
            "first_byte_ms": None if first is None else round(first * 1000),
            **self._sizes,
        }

    async def serve(self, target: str, cwd: str) -> web.StreamResponse:
        """Return the answer; where it broke off behind its beginning, the connection is closed."""
        path = target.partition("?")[0]
        try:
            self._gate.check()
            if dialect := self._route.dialect(self._request.method, path):
                self._adapter = dialect.adapter
                return await self._converse(dialect, target, cwd)
            return await self._pass(target)
        except _AgentGoneError:
            return self._broken_off()
        except web.HTTPRequestEntityTooLarge:
            return self._failed(413, f"the request is longer than {MAX_BODY} bytes")
        except UnknownEncodingError as error:
            return self._failed(415, str(error), is_final=True)
        except TooLongError as error:
            return self._failed(413, str(error))
        except AgentProtocolError as error:
            return self._failed(400, str(error))
        except UpstreamProtocolError as error:
            return self._failed(502, f"{self._route.upstream.base}: {error}")
        except TimeoutError:
            return self._failed(504, f"{self._route.upstream.base} did not answer in time")
        except (aiohttp.ClientError, OSError) as error:
            return self._failed(502, f"{self._route.upstream.base} cannot be reached or broke off: {_cause(error)}")
        except RequestRefusedError as error:
            return self._refused(f"occasio does not send the request: {error}")
        except OccasioError as error:
            return self._refused(f"occasio lets nothing through: {error}")
        except Exception as error:  # noqa: BLE001 - no exception may open the gate, or show what it was about
            return self._failed(500, f"occasio failed with {type(error).__name__}", is_final=True)

    async def _converse(self, dialect: Dialect, target: str, cwd: str) -> web.StreamResponse:
        request, route = self._request, self._route
        body = await self._body()
        headers = {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers}
        body = decoded(body, headers.pop("content-encoding", ""), MAX_BODY)
        self._sizes["asked_bytes"] = len(body)
        unpacked = [(name, value) for name, value in request.headers.items() if name.lower() != "content-encoding"]
        asked = HttpRequest(method=request.method, path=target, headers=headers, body=body)
        driver = Driver(self._gate, dialect.wire.exchange(asked, cwd), dialect.adapter.protocol)
        try:
            outgoing = await driver.outgoing()
            self._sizes["sent_bytes"] = len(outgoing)
            async with route.upstream.request(request.method, target, unpacked, outgoing) as answer:
                driver.begin(answer.status, answer.headers.get("content-type", ""))
                async for data in answer.content.iter_any():
                    async with aclosing(driver.receive(data)) as pieces:
                        await self._write(answer, pieces)
                async with aclosing(driver.finish()) as pieces:
                    await self._write(answer, pieces)
                response = await self._begun(answer)
                await self._ended(response)
                return response
        finally:
            await driver.close()

    async def _pass(self, target: str) -> web.StreamResponse:
        request = self._request
        body = Piecewise(request.content.iter_any(), request.content_length) if request.body_exists else None
        async with self._route.upstream.request(request.method, target, request.headers.items(), body) as answer:
            await self._write(answer, answer.content.iter_any())
            return await self._begun(answer)

    async def _body(self) -> bytes:
        pieces, size = [], 0
        async for piece in self._request.content.iter_any():
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BODY:
                raise web.HTTPRequestEntityTooLarge(MAX_BODY, size)
        return b"".join(pieces)

    async def _write(self, answer: aiohttp.ClientResponse, pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            response = await self._begun(answer)
            self._first_at = self._first_at or time.monotonic()
            self._sizes["answered_bytes"] += len(piece)
            try:
                await response.write(piece)
            except ConnectionResetError as error:
                raise _AgentGoneError from error

    async def _ended(self, response: web.StreamResponse) -> None:
        """Let the agent have the end of its answer now, whatever is still to be written down about it."""
        try:
            await response.write_eof()
        except ConnectionResetError as error:
            raise _AgentGoneError from error

    async def _begun(self, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        """Return the response, begun when there is something to say: until then a failure can still be told as one."""
        if self._response is None:
            self._status = answer.status
            response = web.StreamResponse(status=answer.status, headers=passed_back(answer.headers))
            await response.prepare(self._request)
            self._response = response
        return self._response

    def _refused(self, text: str) -> web.StreamResponse:
        return self._failed(self._adapter.refusal_status, text, is_final=True)

    def _failed(self, status: int, text: str, *, is_final: bool = False) -> web.StreamResponse:
        if self._response is not None:
            return self._broken_off()
        self._status = status
        headers = {"x-should-retry": "false"} if is_final else {}
        body = self._adapter.error(status, text)
        return web.Response(status=status, body=body, content_type="application/json", headers=headers)

    def _broken_off(self) -> web.StreamResponse:
        """Close the connection, so that the agent cannot take what it got for the whole."""
        if self._request.transport is not None:
            self._request.transport.close()
        return self._response or web.Response(status=499)


def _cause(error: Exception) -> str:
    """Return what happened, in the words of the system where it said anything."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
