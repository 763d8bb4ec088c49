"""A secret that comes in two pieces, wherever it is split, reaches neither the model nor a host that the agent would call."""

from __future__ import annotations

import asyncio
import json

import pytest
from yarl import URL

from occasio_core.scripted.turn import Document
from tests.occasio_core.gates import SECRET
from tests.occasio_core.transports.test_proxy import talk

CALLED = {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_a", "name": "Read", "input": {}}]}


def history(*blocks: Document) -> bytes:
    told = [{"type": "tool_result", "tool_use_id": "toolu_a", "content": list(blocks)}]
    body = {"model": "m", "messages": [{"role": "user", "content": "go"}, CALLED, {"role": "user", "content": told}]}
    return json.dumps(body).encode()


def text(said: str) -> Document:
    return {"type": "text", "text": said}


@pytest.mark.parametrize("cut", range(1, len(SECRET)))
async def test_between_two_packets_of_a_request(cut: int) -> None:
    body = history(text(f"the word is {SECRET}, keep it"))
    at = body.index(SECRET.encode()) + cut
    async with talk([]) as (client, model):
        address = URL(client.url)
        assert address.host and address.port
        reader, writer = await asyncio.open_connection(address.host, address.port)
        head = (
            f"POST {address.path}/v1/messages HTTP/1.1\r\nHost: {address.host}:{address.port}\r\nConnection: close\r\n"
        )
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:at])
        await writer.drain()
        for _ in range(20):  # the first packet is read before the second is sent
            await asyncio.sleep(0)
        writer.write(body[at:])
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()
        await writer.wait_closed()
        assert SECRET.encode() not in model.requests[0].body
        assert SECRET not in json.dumps([dict(record.members) for record in client.rows.records])


@pytest.mark.parametrize("cut", range(1, len(SECRET)))
async def test_between_two_texts_of_a_result(cut: int) -> None:
    async with talk([]) as (client, model):
        data = history(text(f"it is {SECRET[:cut]}"), text(f"{SECRET[cut:]}, keep it"))
        async with client.client.post(f"{client.url}/v1/messages", data=data) as answer:
            assert answer.status == 200
        result = json.dumps(model.requests[0].results["toolu_a"])
        assert SECRET[:cut] + '"' not in result
        assert SECRET[cut:] + "," not in result


@pytest.mark.parametrize("cut", range(1, len(SECRET)))
async def test_between_two_blocks_of_a_prompt(cut: int) -> None:
    async with talk([]) as (client, model):
        blocks = [text(f"it is {SECRET[:cut]}"), text(f"{SECRET[cut:]}, keep it")]
        async with client.ask({"role": "user", "content": blocks}) as answer:
            await answer.read()
        told = model.requests[0].messages[-1]["content"]
        assert [block["text"] for block in told] == ["it is [REDACTED:word]", "[REDACTED:word], keep it"]
