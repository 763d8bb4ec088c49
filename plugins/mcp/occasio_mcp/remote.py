"""A server at a URL, by Streamable HTTP: each message is a POST, and messages come back in answers and event streams.

Of both eras: with a session and a stream of its own for what the server says unasked, up to 2025-11-25; without either,
and with headers that name what the body holds, since 2026-07-28.  Knows HTTP as a client; not who may say what.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

import aiohttp

from occasio_core import EventReader, ProtocolError, Upstream
from occasio_mcp.calls import VERSION_OF
from occasio_mcp.frames import (
    MAX_BYTES,
    METHOD_NOT_FOUND,
    REFUSED,
    BadFrameError,
    Frame,
    Id,
    Notification,
    Request,
    Response,
    failed,
    frame,
)
from occasio_mcp.headers import NAMED, header_value

_EVENT_ID = re.compile(rb"^id: ?([\x21-\x7e]{1,1024})\r?$", re.MULTILINE)
_AGAIN_SECONDS = 1.0
_STREAM = "text/event-stream"
_MOST_TRIES = 5  # to hear the rest of an answer

Receive = Callable[[bytes], Awaitable[None]]
Waits = Callable[[Id], bool]


class Remote:
    """One session with the server.  `receive` gets what comes, in order; `waits` says whether an answer is due."""

    def __init__(self, url: str, headers: Sequence[tuple[str, str]], receive: Receive, waits: Waits) -> None:
        self._upstream = Upstream(url)
        self._own = list(headers)
        self._receive = receive
        self._waits = waits
        self._session = ""
        self._version = ""
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Make ready."""
        await self._upstream.start()

    async def stop(self) -> None:
        """End the session and every connection."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._session:
            with suppress(aiohttp.ClientError, OSError):
                async with self._upstream.request("DELETE", "", self._headers({}), None):
                    pass
        await self._upstream.stop()

    async def send(self, data: bytes) -> None:
        """Hand a message to the server, and everything that it answers to `receive`.

        What goes wrong is the answer of a request; of anything else nobody waits for one.
        """
        said = frame(data)
        try:
            async with self._upstream.request("POST", "", self._headers_of(said), data) as answer:
                await self._answered(said, answer)
        except (aiohttp.ClientError, OSError, ProtocolError) as error:
            await self._fail(said, REFUSED, f"the server cannot be reached or broke off: {_cause(error)}")

    async def _answered(self, said: Frame, answer: aiohttp.ClientResponse) -> None:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not 200 <= answer.status < 300:
            await self._refused(said, answer)
        elif isinstance(said, Request) and kind == _STREAM:
            self._begun(said, answer)
            await self._fail_if_due(said, await self._rest(said, await self._events(answer)))
        elif isinstance(said, Request):
            self._begun(said, answer)
            if body := await _whole(answer):
                await self._come(said, body)
            await self._fail_if_due(said, "")
        elif isinstance(said, Notification) and said.method == "notifications/initialized" and not self._listening:
            self._listening = asyncio.create_task(self._listen())

    def _begun(self, said: Request, answer: aiohttp.ClientResponse) -> None:
        if said.method == "initialize":
            self._session = answer.headers.get("Mcp-Session-Id", "")

    async def _events(self, answer: aiohttp.ClientResponse, said: Request | None = None) -> str:
        """Hand on what comes in the stream, and return the id of its last event."""
        reader, last = EventReader(MAX_BYTES + 1024), ""
        async for piece in answer.content.iter_any():
            for event in reader.feed(piece):
                if found := _EVENT_ID.search(event.raw):
                    last = found[1].decode()
                if event.data:
                    await self._come(said, event.data)
        return last

    async def _rest(self, said: Request, last: str) -> str:
        """Hear the rest of an answer whose stream the server has closed on purpose; return what went wrong."""
        for _ in range(_MOST_TRIES):
            if not last or not self._session or not self._waits(said.id):
                return ""
            await asyncio.sleep(_AGAIN_SECONDS)
            async with self._upstream.request("GET", "", self._headers({"Last-Event-ID": last}), None) as answer:
                if answer.status != 200:
                    return f"the server answered {answer.status}"
                last = await self._events(answer, said) or last
        return "the server does not come to an end"

    async def _listen(self) -> None:
        """Hear what the server says unasked, for as long as it has a stream for that."""
        last = ""
        with suppress(aiohttp.ClientError, ProtocolError):
            while True:
                more = {"Last-Event-ID": last} if last else {}
                with suppress(TimeoutError, aiohttp.ServerTimeoutError):
                    async with self._upstream.request("GET", "", self._headers(more), None) as answer:
                        if answer.status != 200 or _STREAM not in answer.headers.get("content-type", ""):
                            return
                        last = await self._events(answer) or last
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _come(self, said: Request | None, data: bytes) -> None:
        if said is not None and said.method == "initialize":
            with suppress(BadFrameError):
                answer = frame(data)
                if isinstance(answer, Response) and answer.id == said.id and isinstance(answer.value, Mapping):
                    self._version = str(answer.value.get("protocolVersion", ""))
        await self._receive(data)

    async def _refused(self, said: Frame, answer: aiohttp.ClientResponse) -> None:
        code, message = REFUSED, f"the server answered {answer.status}"
        with suppress(BadFrameError):
            told = frame(await _whole(answer))
            if isinstance(told, Response) and isinstance(told.value, Mapping):
                given, text = told.value.get("code"), told.value.get("message")
                code = given if isinstance(given, int) else code
                message = text if isinstance(text, str) else message
        if isinstance(said, Request) and said.method == "server/discover":
            code = METHOD_NOT_FOUND  # so clients know on a pipe that the server is of the other era
        await self._fail(said, code, message)

    async def _fail_if_due(self, said: Request, why: str) -> None:
        await self._fail(said, REFUSED, why or "the server ended its answer before it was whole")

    async def _fail(self, said: Frame, code: int, message: str) -> None:
        if isinstance(said, Request) and self._waits(said.id):
            await self._receive(failed(said.id, code, message))

    def _headers_of(self, said: Frame) -> list[tuple[str, str]]:
        more = {"Content-Type": "application/json", "Accept": f"application/json, {_STREAM}"}
        meta = said.params.get("_meta") if not isinstance(said, Response) else None
        version = meta.get(VERSION_OF) if isinstance(meta, Mapping) else None
        if isinstance(said, Response) or not isinstance(version, str):
            return self._headers(more)
        more |= {"Mcp-Protocol-Version": version, "Mcp-Method": said.method}
        if isinstance(name := said.params.get(NAMED.get(said.method, "")), str):
            more["Mcp-Name"] = header_value(name)
        return [*self._own, *more.items()]

    def _headers(self, more: Mapping[str, str]) -> list[tuple[str, str]]:
        session = {"Mcp-Session-Id": self._session} if self._session else {}
        version = {"Mcp-Protocol-Version": self._version} if self._version else {}
        return [*self._own, *({"Accept": _STREAM} | session | version | dict(more)).items()]


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    pieces, size = [], 0
    async for piece in answer.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            raise ProtocolError("an answer that is too long")
    return b"".join(pieces)


def _cause(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) if isinstance(error, ProtocolError) else type(error).__name__


def thawed_headers(lines: Sequence[str], environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return headers from `Name: value` lines; `${NAME}` in them stands for a variable.  Raises `ValueError`."""
    found = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9-]+", name):
            raise ValueError(f"`{name}` is no header")
        found.append((name, _with_variables(value.strip(), environment)))
    return found


def _with_variables(text: str, environment: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise ValueError(f"there is no variable `{match[1]}`")
        return environment[match[1]]

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", value, text)
