"""Nothing goes to the agent before what came before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core.errors import UpstreamProtocolError
from occasio_core.wires.order import InOrder, Slot


def test_bytes_go_at_once_when_nothing_waits() -> None:
    assert InOrder().put(b"a") == b"a"


def test_what_comes_behind_a_slot_goes_when_it_is_filled() -> None:
    order = InOrder()
    slot = order.hold()
    assert order.put(b"b") == b""
    assert order.fill(slot, b"a") == b"ab"


def test_a_piece_is_made_when_its_turn_comes() -> None:
    order, made = InOrder(), []
    slot = order.hold()
    order.put(lambda: made.append(1) or b"late")  # type: ignore[func-returns-value]
    assert made == []
    assert order.fill(slot, b"") == b"late"


@given(st.lists(st.booleans(), max_size=12), st.randoms())
def test_whatever_the_order_of_decisions_the_bytes_come_in_theirs(slots: list[bool], random: object) -> None:
    order, waiting, out = InOrder(), [], b""
    for number, is_slot in enumerate(slots):
        if is_slot:
            waiting.append((number, order.hold()))
        else:
            out += order.put(bytes([number]))
    random.shuffle(waiting)  # type: ignore[attr-defined]
    for number, slot in waiting:
        out += order.fill(slot, bytes([number]))
    assert out == bytes(range(len(slots)))


def test_more_than_the_limit_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.wires.order.HELD_LIMIT", 10)
    order = InOrder()
    slot = order.hold()
    order.keep(slot, b"12345")
    order.put(b"12345")
    with pytest.raises(UpstreamProtocolError, match="more than 10 bytes"):
        order.put(b"1")


def test_what_has_gone_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.wires.order.HELD_LIMIT", 10)
    order = InOrder()
    for _ in range(5):
        slot = order.hold()
        order.keep(slot, b"1234567")
        order.fill(slot, b"1234567")
        assert order.put(b"1234567") == b"1234567"


def test_contents_are_not_in_the_representation() -> None:
    assert "ssh" not in repr(Slot(raw=[b".ssh"], shown=b".ssh"))
