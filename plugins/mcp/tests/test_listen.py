"""The listener serves who knows the secret, on this machine, whose headers say what the body says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from occasio_core import OccasioError
from occasio_mcp.calls import VERSION_OF
from occasio_mcp.listen import Listener
from plugins.mcp.tests.keepers import asks, data, tells
from plugins.mcp.tests.visits import Answers, visit

JSON = {"Content-Type": "application/json"}
META = {VERSION_OF: "2026-07-28"}
HEADERS = {**JSON, "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "read"}
INITIALIZE = asks(0, "initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "t"})


class Place:
    """A listener, the servers that it started, and a client."""

    def __init__(self, listener: Listener, client: aiohttp.ClientSession, servers: list[Answers]) -> None:
        self.listener, self.client, self.servers = listener, client, servers

    async def post(self, message: Any, headers: dict[str, str] = JSON, url: str = "") -> tuple[int, Any, Any]:
        async with self.client.post(url or self.listener.url, data=data(message), headers=headers) as answer:
            body = await answer.read()
            return answer.status, answer.headers, json.loads(body) if body.startswith(b"{") else body

    async def begun(self) -> dict[str, str]:
        _, headers, _ = await self.post(INITIALIZE)
        return {**JSON, "Mcp-Session-Id": headers["Mcp-Session-Id"]}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path) as found:
        yield found


@asynccontextmanager
async def opened(home: Path, before: Any = lambda said: []) -> AsyncIterator[Place]:
    servers: list[Answers] = []

    def visitor(shared: bool) -> Any:
        servers.append(Answers(before))
        return visit(home, servers[-1], shared=shared)

    listener = Listener(visitor)
    await listener.start(0)
    async with aiohttp.ClientSession() as client:
        yield Place(listener, client, servers)
    await listener.stop()
    assert not any(server.is_running for server in servers)


def call(number: int = 1, name: str = "read", **more: Any) -> dict[str, Any]:
    return asks(number, "tools/call", name=name, arguments={}, **more)


async def test_each_session_has_a_server_of_its_own(place: Place) -> None:
    one, other = await place.begun(), await place.begun()
    for session in (one, other):
        status, _, answer = await place.post(call(), session)
        assert (status, answer["result"]["content"][0]["text"]) == (200, "read")
    assert [len(server.came) for server in place.servers] == [2, 2]


async def test_clients_without_sessions_share_one(place: Place) -> None:
    for number in (1, 1, 2):
        status, _, answer = await place.post(call(number, _meta=META), HEADERS)
        assert (status, answer["id"]) == (200, number)
    assert len(place.servers) == 1


async def test_what_comes_before_the_answer_comes_as_a_stream(tmp_path: Path) -> None:
    async with opened(tmp_path, lambda said: [tells("notifications/progress", progress=1)]) as place:
        status, headers, body = await place.post(call(_meta=META), HEADERS)
    events = [json.loads(line.removeprefix(b"data: ")) for line in body.split(b"\n") if line.startswith(b"data: ")]
    assert (status, headers["Content-Type"]) == (200, "text/event-stream")
    assert [event.get("method") for event in events] == ["notifications/progress", None]


async def test_what_the_server_says_unasked_is_heard_by_who_listens(place: Place) -> None:
    session = await place.begun()
    await place.servers[0].visitor.from_server(data(tells("notifications/tools/list_changed")))
    async with place.client.get(place.listener.url, headers=session) as stream:
        assert b"event: message" in await stream.content.readline()
        assert b"list_changed" in await stream.content.readline()


async def test_a_session_that_is_ended_is_known_no_more(place: Place) -> None:
    session = await place.begun()
    async with place.client.delete(place.listener.url, headers=session) as answer:
        assert answer.status == 200
    assert not place.servers[0].is_running
    assert (await place.post(call(), session))[0] == 404


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://127.0.0.1"}])
async def test_no_web_page_is_served(place: Place, headers: dict[str, str]) -> None:
    status, _, body = await place.post(call(_meta=META), {**HEADERS, **headers})
    assert (status, body, place.servers) == (403, b"", [])


@pytest.mark.parametrize("path", ["/mcp", "/x/mcp", "/", "//mcp"])
async def test_who_does_not_know_the_secret_learns_nothing(place: Place, path: str) -> None:
    base = place.listener.url.rsplit("/", 2)[0]
    assert (await place.post(call(_meta=META), HEADERS, base + path))[0] in (404, 405)
    assert place.servers == []


@pytest.mark.parametrize(
    ("name", "value"), [("Mcp-Name", "look"), ("Mcp-Method", "tools/list"), ("MCP-Protocol-Version", "2025-11-25")]
)
async def test_a_header_that_says_another_call_is_refused_before_anybody_decides(
    place: Place, name: str, value: str
) -> None:
    status, _, answer = await place.post(call(_meta=META), {**HEADERS, name: value})
    assert (status, answer["id"], answer["error"]["code"]) == (400, 1, -32020)
    assert place.servers == []


@pytest.mark.parametrize(
    ("message", "headers", "status"),
    [
        (call(), JSON, 400),
        (call(), {**JSON, "Mcp-Session-Id": "x"}, 404),
        (tells("notifications/initialized"), JSON, 400),
        (b"[]", JSON, 400),
        (b"{", JSON, 400),
        (call(_meta=META), {"Content-Type": "text/plain"}, 415),
    ],
)
async def test_what_is_none_of_the_protocol_is_refused(
    place: Place, message: Any, headers: dict[str, str], status: int
) -> None:
    assert ((await place.post(message, headers))[0], place.servers) == (status, [])


async def test_there_are_only_so_many_sessions(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_mcp.listen.MOST_SESSIONS", 1)
    await place.begun()
    status, _, answer = await place.post(INITIALIZE)
    assert (status, "more than 1 sessions" in answer["error"]["message"]) == (500, True)


async def test_a_port_in_use_is_said_in_one_line(place: Place) -> None:
    port = int(place.listener.url.split(":")[2].split("/")[0])
    with pytest.raises(OccasioError, match="cannot listen on 127"):
        await Listener(lambda shared: None).start(port)  # type: ignore[arg-type, return-value]
