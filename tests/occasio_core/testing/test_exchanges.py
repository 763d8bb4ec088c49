"""What the tests of adapters stand on: an answer carried through an exchange."""

from __future__ import annotations

from occasio_core.testing import Seen, carried
from tests.occasio_core.wires import toy

ANSWER = b'{"do":[{"call":"a","tool":"t","in":{}}]}'


def begun() -> toy.CallExchange:
    exchange = toy.exchange()
    exchange.begin(200, "application/json")
    return exchange


def test_calls_are_released_unless_somebody_decides() -> None:
    assert carried(begun(), [ANSWER]).agent == ANSWER
    refused = carried(begun(), [ANSWER[:5], ANSWER[5:]], lambda exchange, call: exchange.refuse(call.call, "no"))
    assert b"occasio_refused__t" in refused.agent


def test_the_end_and_a_break_are_told() -> None:
    assert carried(begun(), [ANSWER]).done
    broken = carried(begun(), [b"garbage"])
    assert broken.error.startswith("the answer is not JSON")
    assert broken.done is None


def test_neighbouring_bytes_are_one() -> None:
    seen = Seen()
    for item in (b"a", b"", b"b"):
        seen.take(item)
    assert seen.items == [b"ab"]
