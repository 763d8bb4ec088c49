"""The demo's model says what its script says, as the Messages API does."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest

from occasio_core.demo.model import Model, Turn

Event = dict[str, Any]
SCRIPT = [Turn("Let me look.", ["/a", "/b"]), Turn("bye")]


@pytest.fixture
def model() -> Iterator[Model]:
    with Model(SCRIPT) as running:
        yield running


def said(model: Model, *roles: str) -> list[Event]:
    """Return the events that answer a history of messages by these roles."""
    history = [{"role": role, "content": "x"} for role in roles]
    body = json.dumps({"model": "scripted", "messages": history}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(f"{model.url}/v1/messages", body)) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        return list(events(answer.read().decode()))


def events(text: str) -> Iterator[Event]:
    for event in text.removesuffix("\n\n").split("\n\n"):
        kind, data = event.split("\n")
        body = json.loads(data.removeprefix("data: "))
        assert kind == f"event: {body['type']}"
        yield body


def blocks(heard: Sequence[Event]) -> list[tuple[Event, str]]:
    """Return each block with what its deltas say."""
    started = {event["index"]: event["content_block"] for event in heard if event["type"] == "content_block_start"}
    deltas = {event["index"]: event["delta"] for event in heard if event["type"] == "content_block_delta"}
    return [(block, deltas[index].get("text") or deltas[index]["partial_json"]) for index, block in started.items()]


def test_a_turn_is_said_and_then_asked_for(model: Model) -> None:
    (text, spoken), *calls = blocks(said(model, "user"))
    assert (text["type"], spoken) == ("text", "Let me look.")
    assert [(call["name"], json.loads(given)) for call, given in calls] == [
        ("Read", {"file_path": "/a"}),
        ("Read", {"file_path": "/b"}),
    ]


def test_the_turn_is_the_one_that_the_history_has_come_to(model: Model) -> None:
    heard = said(model, "user", "assistant", "user")
    assert [spoken for _, spoken in blocks(heard)] == ["bye"]


def test_a_request_that_comes_again_gets_the_same_answer(model: Model) -> None:
    assert said(model, "user") == said(model, "user")


def test_no_two_calls_have_the_same_id() -> None:
    with Model([Turn("a", ["/x", "/y"]), Turn("b", ["/x"])]) as model:
        heard = [*said(model, "user"), *said(model, "user", "assistant")]
    ids = [block["id"] for block, _ in blocks([event for event in heard if "index" in event]) if "id" in block]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("roles", "reason"), [(("user",), "tool_use"), (("user", "assistant"), "end_turn")])
def test_the_end_of_a_turn_says_why_it_ended(model: Model, roles: tuple[str, ...], reason: str) -> None:
    *_, delta, stop = said(model, *roles)
    assert delta["delta"]["stop_reason"] == reason
    assert stop == {"type": "message_stop"}


def test_a_turn_tells_its_model_and_its_tokens(model: Model) -> None:
    first, *_, last, _ = said(model, "user")
    assert first["message"]["model"] == "scripted"
    assert first["message"]["usage"]["input_tokens"] > 0
    assert last["usage"]["output_tokens"] > 0


def test_it_is_there_on_loopback_and_gone_afterwards() -> None:
    with Model(SCRIPT) as model:
        address = urlsplit(model.url)
        assert address.hostname == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=5).close()
