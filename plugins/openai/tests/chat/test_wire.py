"""A run's exchanges know what the run withdrew; those of another run do not."""

from __future__ import annotations

from typing import Any


def refused(say: Any, wire: Any) -> None:
    say.answered([say.call(0, "{}")], lambda exchange, call: exchange.refuse(call.call, "no"), wire=wire)


def outgoing(say: Any, wire: Any) -> bytes:
    result: bytes = say.open(say.request(say.result("call_1", "unsupported call")), wire).outgoing()
    return result


def test_an_exchange_knows_what_an_earlier_one_of_its_run_withdrew(chat: Any) -> None:
    wire = chat.wire()
    refused(chat, wire)
    assert b'"no"' in outgoing(chat, wire)


def test_another_run_knows_nothing_of_it(chat: Any) -> None:
    refused(chat, chat.wire())
    assert b'"no"' not in outgoing(chat, chat.wire())
