"""A request gets its own answer and what belongs to it, whoever else asks with the same id."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from occasio_mcp.frames import Request, frame
from occasio_mcp.visitor import Visitor
from plugins.mcp.tests.keepers import answers, asks, data, tells
from plugins.mcp.tests.visits import Answers, visit


def request(name: str, number: int | str = 1, **arguments: Any) -> Request:
    said = frame(data(asks(number, "tools/call", name=name, arguments=arguments)))
    assert isinstance(said, Request)
    return said


async def heard(messages: AsyncIterator[bytes]) -> list[Any]:
    return [json.loads(message) async for message in messages]


async def asked(visitor: Visitor, name: str, number: int | str = 1, **arguments: Any) -> Any:
    (answer,) = await heard(visitor.ask(request(name, number, **arguments)))
    return answer


async def test_a_request_gets_its_answer(tmp_path: Path) -> None:
    answer = await asked(visit(tmp_path, Answers()), "read", "x")
    assert (answer["id"], answer["result"]["content"][0]["text"]) == ("x", "read")


async def test_a_refused_call_is_answered_and_never_reaches_the_server(tmp_path: Path) -> None:
    server = Answers()
    answer = await asked(visit(tmp_path, server), "read", path="denied")
    assert (answer["result"]["isError"], server.came) == (True, [])


async def test_what_comes_before_the_answer_belongs_to_the_request(tmp_path: Path) -> None:
    server = Answers(lambda said: [tells("notifications/progress", progress=1), asks("s", "ping")])
    messages = await heard(visit(tmp_path, server).ask(request("read")))
    assert [message.get("method") for message in messages] == ["notifications/progress", "ping", None]


async def test_clients_that_share_a_server_may_use_the_same_ids(tmp_path: Path) -> None:
    server = Answers()
    visitor = visit(tmp_path, server, shared=True)
    found = await asyncio.gather(asked(visitor, "one"), asked(visitor, "other"), asked(visitor, "third", "1"))
    said = [(answer["id"], answer["result"]["content"][0]["text"]) for answer in found]
    assert said == [(1, "one"), (1, "other"), ("1", "third")]
    assert len({said["id"] for said in server.came}) == 3


async def test_an_id_in_use_is_refused_in_a_session(tmp_path: Path) -> None:
    server = Answers()
    server.is_silent = True
    visitor = visit(tmp_path, server)
    first = asyncio.ensure_future(asked(visitor, "read"))
    await server.arrived.get()
    assert "in use" in (await asked(visitor, "read"))["error"]["message"]
    await visitor.stop()
    assert "ended" in (await first)["error"]["message"]


async def test_a_client_that_goes_away_cancels_what_it_asked(tmp_path: Path) -> None:
    server = Answers()
    server.is_silent = True
    visitor = visit(tmp_path, server, shared=True)
    waiting = asyncio.ensure_future(asked(visitor, "read"))
    call = await server.arrived.get()
    waiting.cancel()
    cancelled = await server.arrived.get()
    assert (cancelled["method"], cancelled["params"]["requestId"]) == ("notifications/cancelled", call["id"])


async def test_what_nobody_waits_for_goes_to_who_listens(tmp_path: Path) -> None:
    visitor = visit(tmp_path, Answers())
    await visitor.from_server(data(tells("notifications/tools/list_changed")))
    assert json.loads(visitor.unasked.get_nowait())["method"] == "notifications/tools/list_changed"


async def test_an_answer_to_the_server_and_a_notification_reach_it(tmp_path: Path) -> None:
    server = Answers()
    visitor = visit(tmp_path, server)
    await visitor.from_server(data(asks("s1", "sampling/createMessage", maxTokens=1)))
    await visitor.unasked.get()
    await visitor.tell(data(answers("s1", {"role": "assistant"})))
    await visitor.tell(data(tells("notifications/initialized")))
    came = [await server.arrived.get(), await server.arrived.get()]
    assert [said.get("id", said.get("method")) for said in came] == ["s1", "notifications/initialized"]


async def test_the_end_ends_the_server(tmp_path: Path) -> None:
    server = Answers()
    visitor = visit(tmp_path, server)
    await server.start()
    await visitor.stop()
    assert not server.is_running
