"""A server at a URL is asked as each era wants it, and whatever it does, whoever asked gets an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from occasio_mcp import remote
from occasio_mcp.frames import Request, frame
from occasio_mcp.headers import header_value
from occasio_mcp.remote import Remote, thawed_headers
from plugins.mcp.tests.keepers import answers, asks, data, tells

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STATELESS = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}


class Far:
    """A server that answers as it was told to, and what was asked and heard."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.heard: list[Any] = []
        self.due: set[Any] = set()
        self.came = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, {name.lower(): value for name, value in request.headers.items()}))
        return await self.handler(request)

    async def receive(self, said: bytes) -> None:
        message = json.loads(said)
        self.due.discard(message.get("id"))
        self.heard.append(message)
        self.came.set()


@asynccontextmanager
async def far(handler: Handler, *headers: tuple[str, str]) -> AsyncIterator[tuple[Far, Remote]]:
    server = Far(handler)
    application = web.Application()
    application.router.add_route("*", "/mcp", server.serve)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = Remote(f"http://127.0.0.1:{runner.addresses[0][1]}/mcp", headers, server.receive, server.due.__contains__)
    await client.start()
    try:
        yield server, client
    finally:
        await client.stop()
        await runner.cleanup()


async def send(server: Far, client: Remote, message: Any) -> None:
    if isinstance(said := frame(data(message)), Request):
        server.due.add(said.id)
    await client.send(data(message))


def says(*messages: Any, status: int = 200, **headers: str) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        body = b"".join(map(data, messages))
        return web.Response(status=status, body=body, headers={"Content-Type": "application/json", **headers})

    return handler


def streams(*events: str, **headers: str) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        kind = {"Content-Type": "text/event-stream"}
        return web.Response(body="".join(events).encode(), headers={**kind, **headers})

    return handler


def event(message: Any, name: str = "") -> str:
    return (f"id: {name}\n" if name else "") + f"data: {json.dumps(message)}\n\n"


async def test_an_answer_is_heard_and_our_own_headers_go_along() -> None:
    async with far(says(answers(1, {"a": 1})), ("Authorization", "Bearer k")) as (server, client):
        await send(server, client, asks(1, "ping"))
        assert server.heard == [answers(1, {"a": 1})]
        method, headers = server.asked[0]
        assert (method, headers["authorization"]) == ("POST", "Bearer k")
        assert headers["accept"] == "application/json, text/event-stream"


async def test_what_comes_in_a_stream_is_heard_in_order() -> None:
    events = [event(tells("notifications/progress")), event(asks("s", "ping")), event(answers(1, {}))]
    async with far(streams(": hello\n\n", *events)) as (server, client):
        await send(server, client, asks(1, "tools/call", name="x"))
        assert [message.get("method", "answer") for message in server.heard] == [
            "notifications/progress",
            "ping",
            "answer",
        ]


async def test_a_stateless_request_names_what_its_body_holds() -> None:
    async with far(says(answers(1, {}))) as (server, client):
        await send(server, client, asks(1, "tools/call", name="lös", _meta=STATELESS))
        headers = server.asked[0][1]
        assert (headers["mcp-protocol-version"], headers["mcp-method"]) == ("2026-07-28", "tools/call")
        assert headers["mcp-name"] == "=?base64?bMO2cw==?="
        await send(server, client, asks(1, "resources/read", uri="a:b", _meta=STATELESS))
        assert server.asked[1][1]["mcp-name"] == "a:b"
        assert "mcp-session-id" not in headers


async def test_a_session_is_kept_from_the_handshake_to_the_end() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.method != "POST":
            return web.Response(status=405)
        if json.loads(await request.text()).get("method") == "initialize":
            said = answers(1, {"protocolVersion": "2025-11-25"})
            return web.json_response(said, headers={"Mcp-Session-Id": "s1"})
        return web.Response(status=202)

    async with far(handler) as (server, client):
        await send(server, client, asks(1, "initialize"))
        await send(server, client, tells("notifications/initialized"))
    kept = [
        (method, headers.get("mcp-session-id"), headers.get("mcp-protocol-version")) for method, headers in server.asked
    ]
    assert kept[0] == ("POST", None, None)
    assert kept[1] == ("POST", "s1", "2025-11-25")
    assert kept[-1] == ("DELETE", "s1", "2025-11-25")


async def test_what_a_server_says_unasked_is_heard() -> None:
    heard = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return web.Response(status=202)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(event(tells("notifications/tools/list_changed")).encode())
        await heard.wait()
        return response

    async with far(handler) as (server, client):
        await send(server, client, tells("notifications/initialized"))
        await server.came.wait()
        heard.set()
    assert server.heard == [tells("notifications/tools/list_changed")]


async def test_a_stream_that_was_closed_on_purpose_is_heard_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_AGAIN_SECONDS", 0.0)

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            assert request.headers["Last-Event-ID"] == "e1"
            return await streams(event(answers(2, {"late": True}), "e2"))(request)
        if json.loads(await request.text())["method"] == "initialize":
            return web.json_response(answers(1, {}), headers={"Mcp-Session-Id": "s1"})
        return await streams(event(tells("notifications/progress"), "e1"))(request)

    async with far(handler) as (server, client):
        await send(server, client, asks(1, "initialize"))
        await send(server, client, asks(2, "tools/call", name="x"))
    assert server.heard[-1] == answers(2, {"late": True})


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        (says(status=404), "the server answered 404"),
        (
            says({"jsonrpc": "2.0", "id": "x", "error": {"code": -32000, "message": "no session"}}, status=400),
            "no session",
        ),
        (says(b"<html>", status=500), "the server answered 500"),
        (says(answers(99, {})), "before it was whole"),
        (says(b""), "before it was whole"),
        (streams(), "before it was whole"),
        (streams(event(tells("notifications/progress"), "e1")), "before it was whole"),
        (streams("odd line\n\n"), "no event stream has"),
    ],
)
async def test_who_asked_gets_an_answer_whatever_happens(handler: Handler, told: str) -> None:
    async with far(handler) as (server, client):
        await send(server, client, asks(1, "tools/call", name="x"))
    assert server.heard[-1]["id"] == 1
    assert told in server.heard[-1]["error"]["message"]


async def test_a_server_that_is_not_there_is_told() -> None:
    async with far(says()) as (server, _):
        gone = Remote("http://127.0.0.1:9/mcp", [], server.receive, server.due.__contains__)
        await gone.start()
        await send(server, gone, asks(1, "ping"))
        await send(server, gone, tells("notifications/cancelled"))
        await gone.stop()
    (told,) = server.heard
    assert "cannot be reached" in told["error"]["message"]


async def test_a_server_of_the_other_era_knows_no_discovery() -> None:
    async with far(says(status=400)) as (server, client):
        await send(server, client, asks(1, "server/discover", _meta=STATELESS))
    assert server.heard[-1]["error"]["code"] == -32601


async def test_an_answer_that_is_too_long_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MAX_BYTES", 1000)
    async with far(says(answers(1, {"a": "x" * 2000}))) as (server, client):
        await send(server, client, asks(1, "ping"))
    assert "too long" in server.heard[-1]["error"]["message"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("read", "read"), ("a b", "a b"), (" a", "=?base64?IGE=?="), ("ö", "=?base64?w7Y=?="), ("", "=?base64??=")],
)
def test_a_header_holds_what_is_plain_and_marks_the_rest(text: str, value: str) -> None:
    assert header_value(text) == value
    assert header_value("=?base64?IGE=?=").startswith("=?base64?PT9i")


def test_headers_take_secrets_from_the_environment() -> None:
    assert thawed_headers(["Authorization: Bearer ${KEY}"], {"KEY": "k"}) == [("Authorization", "Bearer k")]


@pytest.mark.parametrize("line", ["nothing", "a b: c", "A: ${MISSING}", ": x"])
def test_a_line_that_is_no_header_is_told(line: str) -> None:
    with pytest.raises(ValueError, match=r"no header|no variable"):
        thawed_headers([line], {})
