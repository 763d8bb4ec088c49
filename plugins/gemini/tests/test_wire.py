"""A run's exchanges know what the run withdrew; those of another run do not."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("is_same", [True, False])
def test_only_the_run_that_withdrew_a_call_knows_of_it(talk: Any, is_same: bool) -> None:
    wire = talk.wire()
    talk.answered([talk.call(0, "{}")], lambda exchange, call: exchange.refuse(call.call, "no"), wire=wire)
    body = talk.request(talk.result("call_1", {"error": "no such tool"}))
    outgoing = talk.open(body, wire if is_same else None).outgoing()
    assert (b'"error":"no"' in outgoing) is is_same
