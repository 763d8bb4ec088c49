"""Which of a request's tools are the provider's own; the code that it runs is told, and passes byte for byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_core import CallId
from occasio_gemini.offers import offers_in

FUNCTIONS = {"functionDeclarations": [{"name": "read_file"}]}
CODE = {"executableCode": {"language": "PYTHON", "code": "print(1)"}}
RAN = {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}}


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ({"googleSearch": {}}, ("web_search", True)),
        ({"google_search": {}}, ("web_search", True)),
        ({"urlContext": {}}, ("web_fetch", True)),
        ({"codeExecution": {}}, ("code_execution", False)),
        ({"code_execution": {}}, ("code_execution", False)),
        ({"dream": {}}, ("dream", False)),
    ],
)
def test_the_providers_own_tools_are_offers(tool: dict[str, Any], expected: tuple[str, bool]) -> None:
    (offer,) = offers_in(("request",), {"tools": [FUNCTIONS, tool]})
    assert (offer.tool, offer.is_open) == expected
    assert (offer.places, offer.is_chosen) == ((("request", "tools", 1),), False)


def test_one_that_stands_with_others_cannot_be_taken_out_alone() -> None:
    (offer,) = offers_in((), {"tools": [{**FUNCTIONS, "googleSearch": {}}]})
    assert offer.is_chosen


@pytest.mark.parametrize(
    "tools", [None, {}, [FUNCTIONS], [{"function_declarations": []}], ["odd"], [{"computerUse": {}}]]
)
def test_all_else_offers_nothing(tools: Any) -> None:
    assert list(offers_in((), {"tools": tools})) == []


def test_what_is_taken_out_is_all_that_changes(talk: Any) -> None:
    body = {"contents": [], "tools": [FUNCTIONS, {"googleSearch": {}}]}
    exchange = talk.open(json.dumps(body).encode())
    assert [one.call.tool for one in exchange.offered()] == ["web_search"]
    exchange.take_out(CallId("offered:web_search"))
    assert json.loads(exchange.outgoing()) == {**body, "tools": [FUNCTIONS]}


def test_the_code_that_the_provider_runs_is_told_and_passes(talk: Any) -> None:
    stream = talk.stream(talk.event({"text": "I count."}), talk.event(CODE), talk.event(RAN))
    seen = talk.answered([stream])
    told = [(call.tool, dict(call.input), call.done_by_provider) for call in seen.calls]
    assert (told, seen.agent) == ([("code_execution", CODE["executableCode"], True)], stream)


def test_a_document_tells_the_same(talk: Any) -> None:
    body = json.dumps(talk.body(CODE, RAN, finish="STOP")).encode()
    seen = talk.answered([body], kind="application/json", path="/v1beta/models/gemini-x:generateContent")
    assert ([call.tool for call in seen.calls], seen.agent) == (["code_execution"], body)
