"""Lines on one side and HTTP on the other: calls are decided between, and nobody is left without an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from occasio_mcp import bridge
from plugins.mcp.tests.keepers import SECRET, Talk, answers, asks, data, tells, text

STATELESS = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}


class Written:
    """The client's end of a pipe."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.changed = asyncio.Event()

    def write(self, line: bytes) -> None:
        self.lines.append(json.loads(line))
        self.changed.set()

    async def drain(self) -> None:
        pass


class Bridged:
    """A bridge, a client before it and a server behind it."""

    def __init__(self, home: Path) -> None:
        self.talk = Talk(home)
        self.written, self.read = Written(), asyncio.StreamReader()
        self.asked: list[Any] = []
        self.hangs, self.is_closed = asyncio.Event(), asyncio.Event()
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        said = json.loads(await request.text())
        self.asked.append(said)
        if said.get("method") == "tools/call" and said["params"]["name"] == "hang":
            self.hangs.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.is_closed.set()
        if "id" not in said or "method" not in said:
            return web.Response(status=202)
        return web.json_response(answers(said["id"], text(said["params"].get("arguments", {}).get("say", ""))))

    async def until(self, count: int) -> list[Any]:
        while len(self.written.lines) < count:
            self.written.changed.clear()
            await self.written.changed.wait()
        return self.written.lines

    def say(self, *messages: Any) -> None:
        for message in messages:
            self.read.feed_data(data(message) + b"\n")


@pytest.fixture
async def bridged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bridged]:
    one = Bridged(tmp_path)
    application = web.Application()
    application.router.add_post("/mcp", one.serve)
    runner = web.AppRunner(application, access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/mcp"

    async def streams() -> tuple[asyncio.StreamReader, Written]:
        return one.read, one.written

    monkeypatch.setattr(bridge, "standard_streams", streams)
    monkeypatch.setattr(bridge, "GRACE_SECONDS", 0.1)
    running = asyncio.ensure_future(bridge.bridge(one.talk.talk, one.url, [], one.talk.notes.append))
    yield one
    one.read.feed_eof()
    assert await running == 0
    await runner.cleanup()


def call(number: int, name: str = "read", **given: Any) -> dict[str, Any]:
    return asks(number, "tools/call", name=name, arguments=given, _meta=STATELESS)


async def test_calls_are_decided_and_results_scanned(bridged: Bridged) -> None:
    bridged.say(call(1, say=f"a {SECRET}"), call(2, path="denied"))
    heard = {answer["id"]: answer["result"] for answer in await bridged.until(2)}
    assert heard[1] == text("a ***")
    assert heard[2]["isError"] is True
    assert [said["id"] for said in bridged.asked] == [1]


async def test_what_is_no_message_is_told_and_the_next_is_served(bridged: Bridged) -> None:
    bridged.say(b"hello", asks(1, "ping"))
    heard = await bridged.until(2)
    assert (heard[0]["id"], heard[1]["id"]) == (None, 1)


async def test_what_is_no_request_is_there_before_what_comes_behind_it(bridged: Bridged) -> None:
    bridged.say(asks(1, "initialize"), tells("notifications/initialized"), asks(2, "tools/list"))
    await bridged.until(2)
    assert [said["method"] for said in bridged.asked][-2:] == ["notifications/initialized", "tools/list"]


async def test_a_stateless_request_is_taken_back_by_closing_its_answer(bridged: Bridged) -> None:
    bridged.say(call(1, "hang"))
    await bridged.hangs.wait()
    bridged.say(tells("notifications/cancelled", requestId=1))
    await asyncio.wait_for(bridged.is_closed.wait(), 10)
    assert [said.get("method") for said in bridged.asked] == ["tools/call"]


async def test_what_is_still_under_way_at_the_end_has_an_outcome(bridged: Bridged) -> None:
    bridged.say(call(1, "hang"))
    await bridged.hangs.wait()
    bridged.read.feed_eof()
    (told,) = await bridged.until(1)
    assert told["error"]["message"] == "occasio: the server ended before it answered"
    assert [event["is_error"] for event in bridged.talk.keeper.of("result")] == [True]
