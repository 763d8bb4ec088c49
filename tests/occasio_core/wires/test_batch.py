"""The requests of a batch are read as if each came alone, and all around them stays as it came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from occasio_core.errors import AgentProtocolError
from occasio_core.wires.batch import Batch, Fetch, Texts
from occasio_core.wires.body import RequestBody
from occasio_core.wires.splice import JsonPath
from tests.occasio_core.wires.toy import ORIGIN, ToyBody

BODY = b'{ "requests" : [ {"n":1.0,"params": {"history": [{"of":"a","out":"x"}] } },{"params":{"history":[ ]}} ] }'


def places(batch: RequestBody) -> Iterator[JsonPath]:
    requests = batch.document["requests"]
    assert isinstance(requests, list)
    yield from (("requests", number, "params") for number in range(len(requests)))


def test_the_parts_are_the_requests_and_change_in_their_places() -> None:
    batch = Batch(BODY, places, ToyBody)
    first, second = batch.parts
    assert [result.texts for result in first.results(ORIGIN)] == [("x",)]
    assert (second.results(ORIGIN), batch.outgoing()) == ([], BODY)
    first.return_texts("a", ["y"])
    assert batch.outgoing() == BODY.replace(b'"x"', b'"y"')


def test_a_part_that_is_no_request_is_the_agents_fault() -> None:
    with pytest.raises(AgentProtocolError):
        Batch(b'{"requests": [{"params": 7}]}', places, ToyBody)


def test_a_batch_of_endless_requests_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.wires.batch.MAX_REQUESTS", 1)
    with pytest.raises(AgentProtocolError, match="more than 1 requests"):
        Batch(BODY, places, ToyBody)


def test_of_a_request_that_nobody_knows_every_text_is_told_and_can_be_told_anew() -> None:
    request = Texts(b'{"input": ["a", {"b": "c"}], "n": 1}')
    assert request.told() == [("a", "c")]
    request.retell(0, ["a", "d"])
    assert (request.outgoing(), request.output_limit) == (b'{"input": ["a", {"b": "d"}], "n": 1}', None)


@pytest.mark.parametrize("body", [b"", b"{}", b"anything"])
def test_a_fetch_goes_as_it_came(body: bytes) -> None:
    request = Fetch(body)
    assert (request.outgoing(), request.told(), request.results(ORIGIN), request.output_limit) == (body, [], [], None)
