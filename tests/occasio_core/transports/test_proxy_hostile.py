"""A provider, or whoever is in its place, that lies, breaks off or never ends: it is blamed, and nothing undecided gets out."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from occasio_core.scripted.turn import Call, Turn
from occasio_core.transports import upstream as upstream_module
from occasio_core.wires import document, sse
from tests.occasio_core.transports.test_proxy import Agent, agent, events, turn_events

NOTES = Call("Read", {"file_path": "notes"}, id="toolu_a")
WHOLE = turn_events(Turn(text="t", calls=[NOTES]))
HALF = WHOLE[: WHOLE.index(b"notes")]
Say = Callable[[asyncio.StreamWriter], Awaitable[None]]
CHUNKED = b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def head(*headers: str, status: str = "200 OK", kind: str = "text/event-stream") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"content-type: {kind}", *headers, "", ""]).encode()


def sized(body: bytes, size: int | None = None, *headers: str, kind: str = "text/event-stream") -> bytes:
    return head(f"content-length: {len(body) if size is None else size}", *headers, kind=kind) + body


def chunked(body: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + CHUNKED + f"{len(body):x}\r\n".encode() + body + b"\r\n" + end


# What the provider sends, after which it closes the connection.
BROKEN: dict[str, bytes] = {
    "nothing at all": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "bytes of every kind": bytes(range(256)) * 4,
    "half a head": b"HTTP/1.1 200 OK\r\ncontent-ty",
    "a status that is none": b"HTTP/1.1 99999 OK\r\n\r\n",
    "a header that is endless": head("x: " + "y" * 200_000) + WHOLE,
    "two lengths": head("content-length: 5", "content-length: 6") + b"hello",
    "a length that is none": head("content-length: -1") + WHOLE,
    "a length and pieces": head("content-length: 5", "transfer-encoding: chunked") + b"0\r\n\r\n",
    "less than it said": sized(HALF, len(WHOLE)),
    "the end cut off by its own length": sized(WHOLE, len(HALF)),
    "a piece whose length is none": b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"zz\r\n" + WHOLE,
    "pieces without an end": chunked(HALF, end=b""),
    "pieces that end in the middle of a call": chunked(HALF),
    "half a call and then the end": head("connection: close") + HALF,
    "what is not compressed, said to be": sized(WHOLE, None, "content-encoding: gzip"),
    "half of what is compressed": sized(gzip.compress(HALF)[:-8], None, "content-encoding: gzip"),
    "a compression that nobody asked for": sized(WHOLE, None, "content-encoding: br"),
    "garbage for an event": sized(b"data: {\n\n" + WHOLE),
    "bytes that are no text in an event": sized(b"data: \xff\xfe\n\n" + WHOLE),
    "a page instead of events": sized(b"<html>wait</html>\n" + WHOLE),
    "a document instead of events": sized(b'{"content":[{"type":"tool_use","id":"toolu_a"}]}\n'),
    "garbage for a document": sized(b"{" + WHOLE, kind="application/json"),
    "two documents": sized(b'{"content":[]}{"content":[]}', kind="application/json"),
    "a call without a name": sized(
        events({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "toolu_a"}})
        + events({"type": "content_block_stop", "index": 0})
    ),
    "an end of a block that never began": sized(events({"type": "content_block_stop", "index": 3})),
    "a call inside of a call": sized(HALF + WHOLE),
}


@asynccontextmanager
async def provider(say: Say | bytes) -> AsyncIterator[str]:
    """Serve on loopback: read a request, say it, close."""
    serving: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, EOFError):  # the proxy has seen enough
            asked = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(asked.partition(b"content-length:")[2].partition(b"\r\n")[0]))
            if isinstance(say, bytes):
                writer.write(say)
                await writer.drain()
            else:
                await say(writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.ensure_future(serve(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*serving)


async def got(client: Agent) -> tuple[int, bytes, bool]:
    """Return the status, what came of the body, and whether the agent could tell that it is not the whole."""
    body = b""
    async with client.ask() as answer:
        try:
            async for piece in answer.content.iter_any():
                body += piece
        except aiohttp.ClientPayloadError:
            return answer.status, body, True
        return answer.status, body, False


@pytest.mark.parametrize("said", BROKEN)
async def test_what_is_broken_is_told_and_releases_nothing(said: str) -> None:
    async with provider(BROKEN[said]) as url, agent(url) as client:
        status, body, is_cut = await got(client)
        assert is_cut or status == 502, (status, body)
        if status == 502:
            assert url.encode() in body, "the provider is named"
        assert b"toolu_a" not in body
        assert client.rows.of("tool_call") == []
        (row,) = client.rows.of("request")
        assert row["complete"] is False


async def test_the_next_request_of_the_same_agent_is_served() -> None:
    said = iter([BROKEN["half a call and then the end"], sized(WHOLE)])

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(next(said))

    async with provider(say) as url, agent(url) as client:
        assert (await got(client))[2]
        assert await got(client) == (200, WHOLE, False)


async def test_bytes_that_drip_are_an_answer_like_any_other() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        for byte in sized(WHOLE):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    async with provider(drip) as url, agent(url) as client:
        assert await got(client) == (200, WHOLE, False)


@pytest.mark.parametrize("cut", range(0, len(WHOLE), 97))
async def test_death_after_any_bytes_releases_a_call_only_if_it_was_whole(cut: int) -> None:
    async with provider(head("connection: close") + WHOLE[:cut]) as url, agent(url) as client:
        _, body, _ = await got(client)
        is_whole = events({"type": "content_block_stop", "index": 1}) in WHOLE[:cut]
        assert (b"notes" in body) is is_whole
        assert (client.rows.kinds.count("tool_call") == 1) is is_whole


async def test_news_before_the_answer_is_no_answer() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    async with provider(early + sized(WHOLE)) as url, agent(url) as client:
        assert await got(client) == (200, WHOLE, False)


async def test_nothing_is_asked_where_a_redirection_points() -> None:
    asked: list[str] = []

    async def elsewhere(writer: asyncio.StreamWriter) -> None:
        asked.append("elsewhere")

    async with provider(elsewhere) as other:
        moved = head(f"location: {other}/v1/messages", "content-length: 0", status="307 Temporary Redirect")
        async with provider(moved) as url, agent(url) as client:
            async with client.ask() as answer:
                assert (answer.status, "location" in answer.headers) == (307, False)
            assert asked == []


async def test_what_comes_behind_an_answer_is_not_the_next_one() -> None:
    forged = sized(turn_events(Turn(calls=[Call("Read", {"file_path": "denied"}, id="toolu_forged")])))
    async with provider(sized(WHOLE) + forged) as url, agent(url) as client:
        assert await got(client) == (200, WHOLE, False)
        assert b"toolu_forged" not in (await got(client))[1]
        assert {row["call_id"] for row in client.rows.of("tool_call")} == {"toolu_a"}


async def test_two_calls_of_one_id_are_two_decisions_and_the_second_is_refused() -> None:
    twice = turn_events(Turn(calls=[NOTES, NOTES]))
    async with provider(sized(twice)) as url, agent(url) as client:
        _, body, _ = await got(client)
        assert [row["action"] for row in client.rows.of("tool_call")] == ["PASS", "BLOCK"]
        assert body.count(b"notes") == 1


async def test_an_event_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse.EventReader.__init__, "__defaults__", (1000,))

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(head("connection: close") + b"data: ")
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()

    await given_up(flood)


async def test_a_call_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_anthropic.stream.HELD_LIMIT", 1000)
    piece = {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "x"}}

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(head("connection: close") + HALF[: HALF.rindex(b"event: ")])
        while True:
            writer.write(events(piece))
            await writer.drain()

    await given_up(flood)


async def test_a_document_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "DOCUMENT_LIMIT", 1000)

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(head("connection: close", kind="application/json") + b'{"content":["')
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()

    await given_up(flood)


async def test_silence_is_not_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream_module, "SILENCE_SECONDS", 0.05)
    never = asyncio.Event()

    async def silent(writer: asyncio.StreamWriter) -> None:
        await never.wait()

    async with provider(silent) as url, agent(url) as client:
        status, body, _ = await got(client)
        never.set()
        assert (status, b"did not answer in time" in body) == (504, True)


async def test_silence_in_the_middle_of_a_call_ends_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream_module, "SILENCE_SECONDS", 0.05)
    never = asyncio.Event()

    async def silent(writer: asyncio.StreamWriter) -> None:
        writer.write(head("connection: close") + HALF)
        await writer.drain()
        await never.wait()

    async with provider(silent) as url, agent(url) as client:
        status, body, is_cut = await got(client)
        never.set()
        assert (status, is_cut, b"toolu_a" in body) == (200, True, False)


async def given_up(flood: Say) -> None:
    """Require that whoever never ends is cut off, and the agent with it, and that no call got out."""
    async with provider(flood) as url, agent(url) as client:
        status, body, is_cut = await got(client)
        assert status == 502 or is_cut
        assert b"toolu_a" not in body
        assert client.rows.of("tool_call") == []
        (row,) = client.rows.of("request")
        assert row["complete"] is False
