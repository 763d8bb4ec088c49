"""Tokens are told apart by where they came from; what is estimated is never more than what is left to explain."""

from __future__ import annotations

from occasio_core.views.attribution import attribution
from occasio_core.views.exchanges import exchanges
from tests.occasio_core.views.rows import Run


def test_tokens_come_from_tools_from_the_cache_and_from_all_else() -> None:
    run = Run().call("a", tool="grep").call("b").request(sent=1000, received=7)
    run.result("a", size=400).result("b", "transform", size=900, returned_size=100, shaped_by=["clip"])
    run.request(sent=300, cached=900)
    told = attribution(exchanges(run.rows))
    assert (told.sent, told.cached, told.received) == (2200, 900, 12)
    assert dict(told.tools) == {"grep": 100, "read_file": 25}
    assert dict(told.prevented) == {"clip": 200}
    assert told.sent == told.cached + told.from_tools + told.rest


def test_an_estimate_that_is_too_high_leaves_no_negative_rest() -> None:
    run = Run().call("a").request(sent=1).result("a", size=4000).request(sent=1)
    told = attribution(exchanges(run.rows))
    assert (told.from_tools, told.rest) == (1000, 0)


def test_nothing_comes_of_nothing() -> None:
    told = attribution([])
    assert (told.sent, told.rest, dict(told.tools)) == (0, 0, {})
