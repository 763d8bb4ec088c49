"""The proxy serves its run and nobody else, streams as the answer comes, and closes whatever it cannot vouch for."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from occasio_anthropic import MessagesAdapter
from occasio_core.commands import Record
from occasio_core.errors import OccasioError
from occasio_core.model import RunId
from occasio_core.scripted.anthropic import event, message, stream
from occasio_core.scripted.model import ScriptedModel
from occasio_core.scripted.turn import Answer, Call, Document, Failure, Raw, Turn
from occasio_core.transports import proxy as module
from occasio_core.transports.proxy import Dialect, Proxy, Route, listening
from occasio_core.transports.upstream import Swap, Upstream
from tests.occasio_core.gates import SECRET, Rows, gate

READ = {"name": "Read", "input_schema": {"type": "object"}}
SWAP = Swap(header="x-api-key", shown="throw-away", real="the real key")


class Agent:
    """A client of the proxy under test, and the rows that its run made."""

    def __init__(self, client: aiohttp.ClientSession, proxy: Proxy, rows: Rows) -> None:
        self.client = client
        self.proxy = proxy
        self.rows = rows
        self.notes: list[Mapping[str, object]] = []
        self.url = proxy.url("messages")

    def ask(
        self, *history: Document, stream: bool = True, headers: dict[str, str] | None = None
    ) -> aiohttp.client._RequestContextManager:
        messages = [{"role": "user", "content": "go"}, *history]
        body = {"model": "m", "messages": messages, "tools": [READ], "stream": stream}
        return self.client.post(f"{self.url}/v1/messages?beta=true", json=body, headers=headers)


@asynccontextmanager
async def agent(upstream: str, rows: Rows | None = None) -> AsyncIterator[Agent]:
    kept = rows or Rows()
    shared = gate(kept)
    adapter = MessagesAdapter()
    route = Route([Dialect(adapter, adapter.open(RunId("run")))], Upstream(upstream, [SWAP]))
    notes: list[Mapping[str, object]] = []
    proxy = Proxy({"messages": route}, shared, "/work", notes.append)
    await proxy.start()
    try:
        async with aiohttp.ClientSession(auto_decompress=False) as client:
            asking = Agent(client, proxy, kept)
            asking.notes = notes
            yield asking
    finally:
        await proxy.stop()
        shared.close()


@asynccontextmanager
async def talk(
    turns: Sequence[Answer | Sequence[Answer]], rows: Rows | None = None
) -> AsyncIterator[tuple[Agent, ScriptedModel]]:
    with ScriptedModel(turns) as model:
        async with agent(model.url, rows) as client:
            yield client, model


def events(*documents: Document) -> bytes:
    return b"".join(map(event, documents))


def turn_events(turn: Turn) -> bytes:
    return b"".join(stream(message(turn, model="m", serial="1"), pings=0))


DENIED = Turn(calls=[Call("Read", {"file_path": "denied"}, id="toolu_d")])
MIXED = Turn(
    text="two",
    calls=[Call("Read", {"file_path": "notes"}, id="toolu_a"), Call("Read", {"file_path": "denied"}, id="toolu_d")],
)


async def test_an_answer_without_calls_arrives_byte_for_byte() -> None:
    said = events({"type": "message_start", "message": {"model": "m"}}, {"type": "message_stop"})
    async with talk([Raw(pieces=[said])]) as (client, _), client.ask() as answer:
        assert (answer.status, await answer.read()) == (200, said)


async def test_an_allowed_call_arrives_byte_for_byte_after_its_row() -> None:
    said = turn_events(Turn(calls=[Call("Read", {"file_path": "notes"}, id="toolu_a")]))
    async with talk([Raw(pieces=[said])]) as (client, _):
        async with client.ask() as answer:
            assert await answer.read() == said
        assert client.rows.of("tool_call")[0]["action"] == "PASS"


@pytest.mark.parametrize("streams", [True, False], ids=["stream", "document"])
async def test_of_a_mixed_turn_the_agent_gets_the_allowed_call_and_nothing_of_the_denied_one(streams: bool) -> None:
    async with talk([MIXED]) as (client, _):
        async with client.ask(stream=streams) as answer:
            body = await answer.read()
        assert (b"notes" in body, b'"denied"' in body, b'"name":"Read"' in body.replace(b": ", b":")) == (
            True,
            False,
            True,
        )
        assert [row["action"] for row in client.rows.of("tool_call")] == ["PASS", "BLOCK"]


async def test_the_model_gets_the_true_history_and_the_refusal() -> None:
    said = [{"type": "tool_use", "id": "toolu_d", "name": "occasio_refused__Read", "input": {}}]
    told = [{"type": "tool_result", "tool_use_id": "toolu_d", "content": "no such tool", "is_error": True}]
    async with talk([DENIED]) as (client, model):
        async with client.ask() as answer:
            await answer.read()
        async with client.ask({"role": "assistant", "content": said}, {"role": "user", "content": told}) as answer:
            await answer.read()
        assert model.requests[1].calls["toolu_d"]["input"] == {"file_path": "denied"}
        assert "path-denied" in model.requests[1].results["toolu_d"]["content"]


async def test_a_secret_in_a_result_does_not_reach_the_model() -> None:
    said = [{"type": "tool_use", "id": "toolu_a", "name": "Read", "input": {}}]
    told = [{"type": "tool_result", "tool_use_id": "toolu_a", "content": SECRET}]
    async with talk([]) as (client, model):
        async with client.ask({"role": "assistant", "content": said}, {"role": "user", "content": told}) as answer:
            await answer.read()
        assert SECRET.encode() not in model.requests[0].body
        assert SECRET not in json.dumps([dict(record.members) for record in client.rows.records])


async def test_a_secret_in_what_the_agent_tells_the_model_does_not_reach_it_and_all_else_does() -> None:
    prompt = {"role": "user", "content": [{"type": "text", "text": f"the word is {SECRET}, keep it"}]}
    async with talk([]) as (client, model):
        async with client.ask(prompt) as answer:
            await answer.read()
        assert model.requests[0].messages[-1]["content"][0]["text"] == "the word is [REDACTED:word], keep it"
        assert SECRET.encode() not in model.requests[0].body
    (row,) = client.rows.of("request")
    assert row["secret_labels"] == ["word"]


async def test_text_arrives_while_the_model_is_still_speaking() -> None:
    rest = threading.Event()
    first = events({"type": "message_start", "message": {"model": "m"}})
    last = events({"type": "message_stop"})
    async with talk([Raw(pieces=[first, rest, last])]) as (client, _), client.ask() as answer:
        early = await answer.content.readexactly(len(first))
        rest.set()
        assert (early, await answer.read()) == (first, last)


async def test_the_end_of_an_answer_does_not_wait_for_its_row() -> None:
    may_write = threading.Event()

    class Slow(Rows):
        def append(self, record: Record) -> None:
            assert record.kind != "request" or may_write.wait(30)
            super().append(record)

    async with talk([Turn(text="t")], Slow()) as (client, _):
        async with client.ask() as answer:
            assert (await answer.read()).endswith(b"\n\n")
        assert client.rows.kinds == []
        may_write.set()
        async with client.ask() as answer:
            await answer.read()
        assert client.rows.kinds[0] == "request"


async def test_an_agent_that_ends_with_its_answer_leaves_a_row_behind() -> None:
    rows = Rows()
    async with talk([Turn(text="t")], rows) as (client, _), client.ask() as answer:
        await answer.read()
    assert rows.kinds == ["request"]


async def test_a_call_is_held_until_it_is_complete() -> None:
    rest = threading.Event()
    whole = turn_events(Turn(text="t", calls=[Call("Read", {"file_path": "notes"}, id="toolu_a")]))
    cut = whole.index(b'event: content_block_start\ndata: {"type":"content_block_start","index":1')
    async with (
        talk([Raw(pieces=[whole[: cut + 200], rest, whole[cut + 200 :]])]) as (client, _),
        client.ask() as answer,
    ):
        early = await answer.content.readexactly(cut)
        rest.set()
        assert (early, await answer.read()) == (whole[:cut], whole[cut:])


async def test_a_compressed_answer_is_read_though_nobody_asked_for_it() -> None:
    said = turn_events(DENIED)
    headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
    async with talk([Raw(pieces=[gzip.compress(said)], headers=headers)]) as (client, _), client.ask() as answer:
        body = await answer.read()
        assert b"occasio_refused__Read" in body
        assert "content-encoding" not in answer.headers


async def test_a_compressed_request_is_read() -> None:
    body = gzip.compress(json.dumps({"model": "m", "messages": [], "tools": [READ]}).encode())
    async with talk([]) as (client, model):
        headers = {"content-encoding": "gzip", "content-type": "application/json"}
        async with client.client.post(f"{client.url}/v1/messages", data=body, headers=headers) as answer:
            assert answer.status == 200
        assert "content-encoding" not in model.requests[0].headers
        assert model.requests[0].json["model"] == "m"


async def test_an_error_of_the_provider_arrives_with_what_clients_need() -> None:
    refused = Failure(status=429, message="slow down", headers={"retry-after": "7", "x-internal": "no"})
    async with talk([refused]) as (client, _), client.ask() as answer:
        assert (answer.status, answer.headers["retry-after"], "x-internal" in answer.headers) == (429, "7", False)
        assert answer.headers["request-id"].startswith("req_")
        assert (await answer.json())["error"]["message"] == "slow down"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Origin": "http://localhost"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_a_web_page_is_refused_whatever_it_knows(headers: dict[str, str], status: int) -> None:
    async with talk([]) as (client, model):
        async with client.ask(headers=headers) as answer:
            assert (answer.status, await answer.read()) == (status, b"")
            assert "access-control-allow-origin" not in answer.headers
        assert model.requests == []


async def test_localhost_is_this_machine_too() -> None:
    async with talk([]) as (client, _), client.ask(headers={"Host": f"localhost:{URL(client.url).port}"}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "path", ["/", "/v1/messages", "/wrong/messages/v1/messages", "/{secret}/other/v1/messages", "/{secret}"]
)
async def test_a_path_without_the_secret_and_a_provider_does_not_exist(path: str) -> None:
    async with talk([]) as (client, model):
        origin, secret = client.url.rsplit("/", 2)[:2]
        async with client.client.post(origin + path.format(secret=secret), data=b"{}") as answer:
            assert (answer.status, await answer.read()) == (404, b"")
        assert model.requests == []


async def test_two_runs_have_two_secrets() -> None:
    async with talk([]) as (one, _), talk([]) as (other, _):
        assert one.url.split("/")[3] != other.url.split("/")[3]


async def test_requests_that_no_adapter_claims_pass() -> None:
    async with talk([]) as (client, model):
        async with client.client.get(f"{client.url}/v1/models?limit=2") as answer:
            assert (answer.status, (await answer.json())["data"][0]["id"]) == (200, "scripted")
        async with client.client.head(client.url + "/") as answer:
            assert answer.status == 200
        assert [(request.method, request.path) for request in model.requests] == [
            ("GET", "/v1/models?limit=2"),
            ("HEAD", "/"),
        ]
        assert client.rows.records == []


async def test_a_body_that_passes_arrives_whole_and_with_its_length() -> None:
    async with talk([]) as (client, model):
        async with client.client.post(f"{client.url}/v1/elsewhere", data=b"x" * 300_000) as answer:
            assert answer.status == 404
        assert model.requests[0].body == b"x" * 300_000
        assert model.requests[0].headers["content-length"] == "300000"


async def test_a_compressed_body_that_passes_arrives_as_it_came() -> None:
    async with talk([]) as (client, model):
        headers = {"content-encoding": "gzip"}
        async with client.client.post(
            f"{client.url}/v1/elsewhere", data=gzip.compress(b"x" * 9), headers=headers
        ) as answer:
            assert answer.status == 404
        assert gzip.decompress(model.requests[0].body) == b"x" * 9
        assert model.requests[0].headers["content-encoding"] == "gzip"


async def test_a_request_in_an_encoding_that_nobody_knows_is_refused_and_not_sent() -> None:
    async with talk([]) as (client, model):
        headers = {"content-encoding": "snappy"}
        async with client.client.post(f"{client.url}/v1/messages", data=b"{}", headers=headers) as answer:
            assert (answer.status, answer.headers["x-should-retry"]) == (415, "false")
            assert "snappy" in (await answer.json())["error"]["message"]
        assert model.requests == []


async def test_a_request_that_grows_beyond_the_limit_is_refused_and_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BODY", 100_000)
    async with talk([]) as (client, model):
        headers = {"content-encoding": "gzip"}
        data = gzip.compress(b" " * 1_000_000)
        async with client.client.post(f"{client.url}/v1/messages", data=data, headers=headers) as answer:
            assert answer.status == 413
        assert model.requests == []


async def test_a_head_passes_and_so_does_its_answer() -> None:
    async with talk([]) as (client, model):
        async with client.client.head(f"{client.url}/") as answer:
            assert (answer.status, await answer.read()) == (200, b"")
        assert [(request.method, request.path) for request in model.requests] == [("HEAD", "/")]


async def test_headers_that_nobody_here_knows_go_to_the_provider() -> None:
    given = {"anthropic-beta": "a-2025,b-2026", "x-claude-code-session-id": "s", "x-of-tomorrow": "1"}
    async with talk([]) as (client, model):
        async with client.ask(headers=given) as answer:
            await answer.read()
        assert given.items() <= model.requests[0].headers.items()
        assert model.requests[0].path == "/v1/messages?beta=true"


async def test_a_provider_may_stand_behind_a_prefix_with_its_query_untouched() -> None:
    with ScriptedModel([]) as model:
        async with agent(f"{model.url}/gateway/a%2Fb/") as client, client.ask() as answer:
            await answer.read()
        assert [request.path for request in model.requests] == ["/gateway/a%2Fb/v1/messages?beta=true"]


async def test_tokens_are_counted_of_the_true_history() -> None:
    said = [{"type": "tool_use", "id": "toolu_d", "name": "occasio_refused__Read", "input": {}}]
    async with talk([DENIED]) as (client, model):
        async with client.ask() as answer:
            await answer.read()
        body = {"model": "m", "messages": [{"role": "assistant", "content": said}]}
        async with client.client.post(f"{client.url}/v1/messages/count_tokens?beta=true", json=body) as answer:
            assert (answer.status, "input_tokens" in await answer.json()) == (200, True)
        assert model.requests[1].path == "/v1/messages/count_tokens?beta=true"
        assert model.requests[1].calls["toolu_d"]["input"] == {"file_path": "denied"}


async def test_more_requests_than_the_limit_are_turned_away_and_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_UNDER_WAY", 1)
    rest = threading.Event()
    first = events({"type": "message_start", "message": {"model": "m"}})
    async with talk([Raw(pieces=[first, rest])]) as (client, model), client.ask() as answer:
        await answer.content.readexactly(len(first))
        async with client.ask() as other:
            assert (other.status, other.headers["retry-after"]) == (503, "1")
            assert (await other.json())["type"] == "error"
        assert len(model.requests) == 1
        rest.set()
        await answer.read()


async def test_a_request_may_come_byte_by_byte() -> None:
    body = b'{"model":"m","messages":[]}'
    async with talk([]) as (client, model):
        address = URL(client.url)
        reader, writer = await asyncio.open_connection(address.host, address.port)
        head = f"POST {address.path}/v1/messages HTTP/1.1\r\nHost: {address.authority}\r\nConnection: close\r\n"
        for byte in f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()
        assert model.requests[0].body == body


async def test_the_throw_away_token_is_replaced_by_the_real_key() -> None:
    async with talk([]) as (client, model):
        for shown in ("throw-away", "the agent's own"):
            async with client.ask(headers={"x-api-key": shown}) as answer:
                await answer.read()
        assert [request.headers["x-api-key"] for request in model.requests] == ["the real key", "the agent's own"]


async def test_what_concerns_one_connection_only_is_not_passed_on() -> None:
    given = {"Connection": "keep-alive, x-hop", "x-hop": "1", "te": "trailers", "accept-encoding": "br", "x-app": "cli"}
    async with talk([]) as (client, model):
        async with client.ask(headers=given) as answer:
            await answer.read()
        headers = model.requests[0].headers
        assert {"x-hop", "te"}.isdisjoint(headers)
        assert (headers["accept-encoding"], headers["x-app"]) == ("identity", "cli")
        assert headers["host"] == model.url.removeprefix("http://")


async def test_a_request_that_is_too_long_is_refused_and_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BODY", 1000)
    async with talk([]) as (client, model):
        async with client.ask(headers={"x": "y"}, stream=False) as answer:
            assert answer.status == 200
        async with client.client.post(f"{client.url}/v1/messages", data=b"x" * 2000) as answer:
            assert (answer.status, (await answer.json())["error"]["type"]) == (413, "request_too_large")
        assert len(model.requests) == 1


async def test_a_request_that_is_none_is_refused_and_not_sent() -> None:
    async with talk([]) as (client, model):
        async with client.client.post(f"{client.url}/v1/messages", data=b'{"a":1,"a":2}') as answer:
            assert answer.status == 400
        assert (model.requests, client.rows.records) == ([], [])


async def test_an_upstream_that_is_not_there_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with agent(base) as client, client.ask() as answer:
            assert answer.status == 502
            assert (await answer.json())["error"]["message"].startswith(base)
        assert [(row["status"], row["complete"]) for row in client.rows.of("request")] == [(0, False)]


async def test_an_upstream_that_dies_in_the_middle_of_a_call_releases_nothing_of_it() -> None:
    whole = turn_events(Turn(text="t", calls=[Call("Read", {"file_path": "notes"}, id="toolu_a")]))
    cut = whole.index(b"notes")
    async with talk([Raw(pieces=[whole[:cut]], complete=False)]) as (client, _):
        with pytest.raises(aiohttp.ClientPayloadError):
            async with client.ask() as answer:
                got = b""
                async for piece in answer.content.iter_any():
                    got += piece
        assert b"toolu_a" not in got
        assert client.rows.kinds == ["request"]
        assert client.rows.of("request")[0]["complete"] is False


async def test_a_stream_that_ends_in_the_middle_of_a_call_is_cut_for_the_agent_too() -> None:
    whole = turn_events(Turn(text="t", calls=[Call("Read", {"file_path": "notes"}, id="toolu_a")]))
    async with talk([Raw(pieces=[whole[: whole.index(b"notes")]])]) as (client, _):
        with pytest.raises(aiohttp.ClientPayloadError):
            async with client.ask() as answer:
                await answer.read()
        assert client.rows.of("tool_call") == []


async def test_a_document_that_breaks_off_is_an_error_and_not_half_an_answer() -> None:
    headers = {"content-type": "application/json"}
    turns = [Raw(pieces=[b'{"content":['], headers=headers)]
    async with talk(turns) as (client, _), client.ask(stream=False) as answer:
        assert (answer.status, (await answer.json())["type"]) == (502, "error")


async def test_a_log_that_cannot_be_written_ends_the_stream_before_the_call() -> None:
    rows = Rows(fails="tool_call")
    async with talk([Turn(text="t", calls=[Call("Read", {"file_path": "notes"}, id="toolu_a")])], rows) as (client, _):
        with pytest.raises(aiohttp.ClientPayloadError):
            async with client.ask() as answer:
                got = b""
                async for piece in answer.content.iter_any():
                    got += piece
        assert (b'"t"' in got, b"toolu_a" in got) == (True, False)


async def test_a_log_that_cannot_be_written_sends_nothing_upstream_from_then_on() -> None:
    rows = Rows(fails="tool_call")
    async with talk([DENIED], rows) as (client, model):
        async with client.ask(stream=False) as answer:
            assert (answer.status, answer.headers["x-should-retry"]) == (402, "false")
            assert "no space left on device" in (await answer.json())["error"]["message"]
        async with client.ask() as answer:
            assert answer.status == 402
        async with client.client.get(f"{client.url}/v1/models") as answer:
            assert answer.status == 402
        assert len(model.requests) == 1


async def test_a_failure_that_nobody_foresaw_sends_nothing_upstream(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("occasio_core.wires.exchange.CallExchange.outgoing", broken)
    async with talk([]) as (client, model):
        async with client.ask() as answer:
            assert (answer.status, SECRET in await answer.text()) == (500, False)
        assert model.requests == []


async def test_an_agent_that_goes_away_ends_the_request_upstream() -> None:
    never = threading.Event()
    first = events({"type": "message_start", "message": {"model": "m"}})
    pings = [event({"type": "ping"})] * 2000
    with ScriptedModel([Raw(pieces=[first, *pings, never])]) as model:
        async with agent(model.url) as client:
            async with client.ask() as answer:
                await answer.content.readexactly(len(first))
                answer.close()
            never.set()
            await client.proxy.stop()
        assert [row["status"] for row in client.rows.of("request")] == [200]


async def test_an_agent_that_goes_away_is_not_waited_for_while_the_provider_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", None)  # to stop waits for what is under way, for ever
    first = events({"type": "message_start", "message": {"model": "m"}})
    with ScriptedModel([Raw(pieces=[first, threading.Event()])]) as model:
        async with agent(model.url) as client:
            async with client.ask() as answer:
                await answer.content.readexactly(len(first))
                answer.close()
            await asyncio.wait_for(client.proxy.stop(), 30)
            assert [row["complete"] for row in client.rows.of("request")] == [False]


async def test_stopping_ends_what_is_under_way_and_records_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)
    first = events({"type": "message_start", "message": {"model": "m"}})
    with ScriptedModel([Raw(pieces=[first, threading.Event()])]) as model:
        async with agent(model.url) as client, client.ask() as answer:
            await answer.content.readexactly(len(first))
            await client.proxy.stop()
            assert client.rows.of("request")[0]["complete"] is False


async def test_a_slow_agent_slows_the_upstream_down() -> None:
    piece = event({"type": "ping", "padding": "x" * 100_000})
    whole = 200 * len(piece)
    sent: list[int] = []

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        for _ in range(200):
            writer.write(piece)
            await writer.drain()
            sent.append(len(piece))
        writer.close()

    server = await asyncio.start_server(flood, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with agent(f"http://127.0.0.1:{port}") as client, client.ask() as answer:
        await answer.content.readexactly(10)
        before = -1
        while before != sum(sent):
            before = sum(sent)
            for _ in range(200):
                await asyncio.sleep(0)
        assert before < whole
        assert len(await answer.read()) == whole - 10
    server.close()
    await server.wait_closed()


async def test_nothing_is_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    caplog.set_level(0)
    async with talk([MIXED]) as (client, _):
        async with client.ask() as answer:
            await answer.read()
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(client.url).port)
        writer.write(b"\x16\x03\x01 not http\r\n\r\n")
        await reader.read()
        writer.close()
    assert [record for record in caplog.records if record.name.startswith(("aiohttp", "occasio"))] == []
    assert capfd.readouterr() == ("", "")


async def test_of_each_request_it_is_noted_how_long_it_took_and_how_much_went_and_nothing_of_what() -> None:
    async with talk([Turn(text=SECRET)]) as (client, model):
        async with client.ask() as answer:
            body = await answer.read()
        async with client.client.get(f"{client.url}/v1/models?key={SECRET}") as other:
            await other.read()
        first, second = client.notes
        sent = len(model.requests[0].body)
    assert {name: first[name] for name in ("kind", "provider", "method", "path", "status")} == {
        "kind": "request",
        "provider": "messages",
        "method": "POST",
        "path": "/v1/messages",
        "status": 200,
    }
    assert (first["sent_bytes"], first["answered_bytes"]) == (sent, len(body))
    assert isinstance(first["ms"], int) and isinstance(first["first_byte_ms"], int)
    assert (second["method"], second["path"]) == ("GET", "/v1/models")
    assert SECRET not in json.dumps(client.notes)


async def test_a_request_that_was_refused_is_noted_with_what_the_agent_got() -> None:
    async with talk([]) as (client, _):
        client.proxy._gate.failure = OccasioError("the disk is full")
        async with client.ask() as answer:
            await answer.read()
        assert [note["status"] for note in client.notes] == [answer.status]


async def test_a_server_without_a_socket_does_not_listen() -> None:
    """So asyncio leaves it where no socket can be made: too many files are open."""
    runner = web.AppRunner(web.Application())
    await runner.setup()
    with pytest.raises(OccasioError, match="no socket could be made") as caught:
        listening(runner)
    assert "ulimit -n" in caught.value.hint
    await runner.cleanup()
