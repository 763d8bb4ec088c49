"""A document is held whole until its last call is decided, and only what must change in it changes."""

from __future__ import annotations

import json

import pytest

from occasio_core.errors import UpstreamProtocolError
from occasio_core.wires.answer import Answer
from occasio_core.wires.calls import CallReader, Held
from occasio_core.wires.document import document_of
from occasio_core.wires.memory import REFUSED, CallMemory
from tests.occasio_core.wires import toy

TWO = b'{ "do" : [ {"call":"a","tool":"t","in":{"x":1.0}} , {"call":"b","tool":"t","in":{}} ] , "usage" : 5 }'


def answer() -> Answer:
    return toy.answer(CallReader(toy.ORIGIN, CallMemory(), ()))


def held(said: Answer, body: bytes) -> list[Held]:
    assert list(said.receive(body)) == []
    return [one for one in said.finish() if isinstance(one, Held)]


def test_nothing_comes_before_the_last_call_is_decided_and_then_everything() -> None:
    said = answer()
    first, second = held(said, TWO)
    assert (said.release(first), said.release(second)) == (b"", TWO)


def test_a_withdrawn_call_is_all_that_changes() -> None:
    said = answer()
    first, second = held(said, TWO)
    said.withdraw(first, REFUSED)
    changed = TWO.replace(b'"tool":"t","in":{"x":1.0}', b'"tool":"occasio_refused__t","in":{}')
    assert said.release(second) == changed


def test_a_call_has_the_input_as_the_model_spelled_it() -> None:
    assert [one.input for one in held(answer(), TWO)] == ['{"x":1.0}', "{}"]


def test_a_document_without_calls_passes_at_its_end() -> None:
    said = answer()
    assert [*said.receive(b'{"do'), *said.receive(b'":[]}'), *said.finish()] == [b'{"do":[]}']
    assert said.tally.complete


def test_an_empty_answer_passes() -> None:
    assert list(answer().finish()) == [b""]


def test_what_the_document_says_of_its_cost_is_counted() -> None:
    said = answer()
    held(said, TWO)
    assert said.tally.output_tokens == 5


@pytest.mark.parametrize("body", [b"{", b"[]", b"<html>", b'{"a":1,"a":2}', b"\xff", b"\xef\xbb\xbf{}"])
def test_a_document_without_one_reading_is_the_providers_fault(body: bytes) -> None:
    with pytest.raises(UpstreamProtocolError):
        held(answer(), body)


def test_a_document_beyond_the_limit_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.wires.document.DOCUMENT_LIMIT", 10)
    with pytest.raises(UpstreamProtocolError, match="longer than 10 bytes"):
        list(answer().receive(b"{" + b" " * 10))


def test_an_integer_of_64_bits_is_no_fault_of_a_document() -> None:
    assert document_of(json.dumps({"a": 2**63}).encode())


def test_a_list_is_a_document_where_the_protocol_says_so() -> None:
    assert document_of(b"[1]", "items") == {"items": [1]}
    with pytest.raises(UpstreamProtocolError):
        document_of(b"[1]")
