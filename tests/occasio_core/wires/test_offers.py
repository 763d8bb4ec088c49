"""An offer is judged by its name and by where it goes."""

from __future__ import annotations

from occasio_core.wires.offers import Offer, offered
from tests.occasio_core.wires import toy


def test_an_offer_is_a_call_that_says_where_it_would_go() -> None:
    made = offered(Offer(tool="search", places=(("tools", 0),), urls=("https://a.example",)), toy.ORIGIN)
    assert (made.call.call, made.call.tool, made.call.agent) == ("offered:search", "search", "toy")
    assert dict(made.call.input) == {"urls": ("https://a.example",)}


def test_an_offer_without_addresses_says_whether_it_goes_anywhere() -> None:
    hints = [
        dict(offered(Offer(tool="t", places=(), is_open=is_open), toy.ORIGIN).call.annotations)
        for is_open in (True, False)
    ]
    assert hints == [{"readOnlyHint": True, "openWorldHint": True}, {"readOnlyHint": True, "openWorldHint": False}]


def test_whether_it_is_insisted_on_and_whether_each_call_is_asked_for_are_said() -> None:
    made = offered(Offer(tool="t", places=(), is_chosen=True, asks_first=True), toy.ORIGIN)
    assert (made.is_chosen, made.asks_first) == (True, True)
