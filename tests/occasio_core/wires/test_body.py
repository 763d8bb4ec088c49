"""A request goes out as it came, but for what must change."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from occasio_core.errors import AgentProtocolError
from occasio_core.wires.body import Element, listed
from occasio_core.wires.offers import Offer
from occasio_verify import canonical
from tests.occasio_core.wires import toy

CALL = {"call": "a", "tool": "t", "in": {"x": 1}}


def body(*history: dict[str, Any]) -> toy.ToyBody:
    return toy.ToyBody(json.dumps({"history": list(history)}).encode())


def test_a_request_in_which_nothing_changes_is_the_very_bytes_that_came() -> None:
    came = b'{ "history" : [ {"of":"a","out":"\\u0078"} ], "n": 1.0 }'
    request = toy.ToyBody(came)
    request.return_texts("a", ["x"])
    assert request.outgoing() is came


def test_everything_around_a_new_text_keeps_its_spelling() -> None:
    request = toy.ToyBody(b'{ "history" : [ {"of":"a","out":"\\u0078"} ], "n": 1.0 }')
    request.return_texts("a", ["é"])
    assert request.outgoing() == '{ "history" : [ {"of":"a","out":"é"} ], "n": 1.0 }'.encode()


def test_a_result_says_everything_that_is_recorded() -> None:
    out = [{"kind": "text", "text": "é"}]
    (result,) = body(CALL, {"of": "a", "out": out}).results(toy.ORIGIN)
    assert (result.session, result.agent, result.protocol) == ("session-1", "toy", "toy-http")
    assert (result.call, result.tool, dict(result.input), result.texts) == ("a", "t", {"x": 1}, ("é",))
    assert (result.digest, result.size) == (hashlib.sha256(canonical(out)).hexdigest(), len(canonical(out)))


def test_the_digest_of_what_the_model_gets_instead_can_be_told() -> None:
    request = body({"of": "a", "out": [{"kind": "text", "text": "x"}]})
    told = request.results(toy.ORIGIN)[0].rewritten
    request.return_texts("a", ["y"])
    assert told is not None
    assert hashlib.sha256(told(["y"])).hexdigest() == toy.ToyBody(request.outgoing()).results(toy.ORIGIN)[0].digest


def test_two_results_of_one_call_are_one() -> None:
    request = body({"of": "a", "out": "x"}, {"of": "a", "out": "y"})
    assert [result.texts for result in request.results(toy.ORIGIN)] == [("x", "y")]


def test_withholding_wins_over_new_texts() -> None:
    request = body({"of": "a", "out": ["x", "y"]})
    request.return_texts("a", ["1", "2"])
    request.withhold("a", "withheld")
    assert json.loads(request.outgoing()) == {"history": [{"of": "a", "out": "withheld"}]}


def test_texts_of_another_number_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="has 1 texts, not 2"):
        body({"of": "a", "out": "x"}).return_texts("a", ["1", "2"])


def test_a_result_of_an_unknown_call_has_no_tool_and_no_input() -> None:
    (result,) = body({"of": "b", "out": "x"}).results(toy.ORIGIN)
    assert (result.tool, dict(result.input)) == ("", {})


@pytest.mark.parametrize("model", [None, 7, ["m"]])
def test_what_is_no_name_of_a_model_is_none(model: Any) -> None:
    assert toy.ToyBody(json.dumps({"history": [], "model": model}).encode()).model is None


def test_a_missing_member_is_the_agents_fault_and_is_named_with_its_place() -> None:
    with pytest.raises(AgentProtocolError, match=r"messages\.3 has no id"):
        Element(("messages", 3), {}).string("id")


def test_what_is_no_list_is_the_agents_fault() -> None:
    with pytest.raises(AgentProtocolError, match="messages is not a list"):
        listed({}, "messages")


@pytest.mark.parametrize("came", [b"", b"{", b"[]", b'{"history":[],"history":[]}', b"\xff"])
def test_a_request_without_one_reading_is_the_agents_fault(came: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        toy.ToyBody(came)


def test_a_result_that_cannot_be_digested_is_the_agents_fault() -> None:
    with pytest.raises(AgentProtocolError, match="canonical"):
        toy.ToyBody(b'{"history":[{"of":"a","out":[9223372036854775808]}]}').results(toy.ORIGIN)


def test_what_is_told_besides_results_can_be_told_anew_and_all_else_keeps_its_spelling() -> None:
    body = toy.ToyBody(b'{"history": [], "say": ["a\\u0062", {"kind": "k", "x": "c"}] }')
    assert body.told() == [("ab", "c")]
    body.retell(0, ["ab", "d"])
    assert body.outgoing() == b'{"history": [], "say": ["a\\u0062", {"kind": "k", "x": "d"}] }'


def test_nothing_that_is_told_is_no_group() -> None:
    assert toy.ToyBody(b'{"history": [], "say": {"kind": "k", "n": 1}}').told() == []


def test_as_many_texts_are_told_as_there_were() -> None:
    with pytest.raises(ValueError, match="shorter"):
        toy.ToyBody(b'{"history": [], "say": ["a", "b"]}').retell(0, ["a"])


def test_what_is_offered_is_taken_out_and_the_rest_stays() -> None:
    request = toy.ToyBody(
        b'{"history": [{"of":"a","out":"x"}], "tools": [ {"n":1} , {"n": 2.0},{"n":3}], "sets":["s"]}'
    )
    request.offers += [
        Offer(tool="one", places=(("tools", 0), ("sets", 0))),
        Offer(tool="two", places=(("tools", 1),)),
        Offer(tool="one", places=(("tools", 2),)),
    ]
    request.return_texts("a", ["y"])
    request.take_out("one")
    assert request.outgoing() == b'{"history": [{"of":"a","out":"y"}], "tools": [{"n": 2.0}], "sets":[]}'
