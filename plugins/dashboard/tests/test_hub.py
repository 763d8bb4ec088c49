"""Every page hears all that is new, none waits for another, and one that is too slow is told to ask anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from occasio_dashboard import hub as hubs
from occasio_dashboard.hub import MAX_WAITING, Hub, News, event


async def nothing() -> News:
    return News()


def read(data: bytes) -> list[tuple[str, Any]]:
    blocks = [block.split("\n") for block in data.decode().split("\n\n")[:-1]]
    return [(name.removeprefix("event: "), json.loads(rest.removeprefix("data: "))) for name, rest in blocks]


async def begun(hub: Hub, listening: AsyncGenerator[bytes]) -> asyncio.Task[bytes]:
    """Return the next events behind the first, by which the page is known to listen."""
    before = hub.listeners
    assert read(await anext(listening)) == [("begun", {})]
    assert hub.listeners == before + 1
    return asyncio.ensure_future(anext(listening))


async def test_every_page_hears_what_is_new() -> None:
    hub = Hub(nothing)
    async with aclosing(hub.listen()) as one, aclosing(hub.listen()) as other:
        heard = [await begun(hub, one), await begun(hub, other)]
        hub.tell(News(rows=[1, 2], skipped=3, state={"a": 1}))
        wanted = [("rows", {"rows": [1, 2], "skipped": 3}), ("state", {"a": 1})]
        assert [read(await task) for task in heard] == [wanted, wanted]
    assert hub.listeners == 0


async def test_what_is_anew_is_told_first() -> None:
    hub = Hub(nothing)
    async with aclosing(hub.listen()) as page:
        heard = await begun(hub, page)
        hub.tell(News(is_anew=True, state={}))
        assert [name for name, _ in read(await heard)] == ["lost", "state"]


async def test_nothing_new_is_not_told() -> None:
    hub = Hub(nothing)
    async with aclosing(hub.listen()) as page:
        heard = await begun(hub, page)
        hub.tell(News())
        hub.tell(News(rows=[1]))
        assert len(read(await heard)) == 1


async def test_a_page_that_does_not_read_loses_news_and_is_told_so() -> None:
    hub = Hub(nothing)
    async with aclosing(hub.listen()) as page:
        heard = await begun(hub, page)
        for _ in range(MAX_WAITING + 1):
            hub.tell(News(rows=[1]))
        assert read(await heard) == [("lost", {})]


async def test_a_silent_stream_is_kept_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "KEEP_ALIVE_SECONDS", 0.01)
    hub = Hub(nothing)
    async with aclosing(hub.listen()) as page:
        assert await (await begun(hub, page)) == b": still here\n\n"


async def test_closing_ends_every_stream() -> None:
    hub = Hub(nothing)
    async with aclosing(hub.listen()) as page:
        await anext(page)
        heard = asyncio.ensure_future(anext(page, None))
        await asyncio.sleep(0)
        hub.close()
        assert await heard is None


async def test_it_looks_until_it_is_closed_and_a_failure_ends_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "LOOK_SECONDS", 0)
    looks = 0

    async def look() -> News:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise RuntimeError("no more")
        return News()

    hub = Hub(look)
    async with aclosing(hub.listen()) as page:
        await anext(page)
        heard = asyncio.ensure_future(anext(page, None))
        with pytest.raises(RuntimeError, match="no more"):
            await hub.serve()
        assert looks == 3
        assert await heard is None


def test_an_event_is_one_line_whatever_it_says() -> None:
    data = event("rows", {"text": "a\nb\r\u2028\x85 event: x\n\ndata: y"})
    assert data.count(b"\n") == 3
    assert read(data) == [("rows", {"text": "a\nb\r\u2028\x85 event: x\n\ndata: y"})]
