"""Results are shaped once for each policy, recorded once, and withheld for ever."""

from __future__ import annotations

from dataclasses import replace

from occasio_core.model import Policy, ToolResult
from occasio_core.redact import Shaped
from occasio_core.results import Results
from occasio_core.shape import Shaper
from tests.occasio_core.gates import POLICY, SECRET, FindsSecret
from tests.occasio_core.test_shape import Changes, result


class Counting(Shaper):
    """Counts how often it is asked."""

    asked = 0

    def shape(self, result: ToolResult, policy: Policy, tool: str, transform: str | None = None) -> Shaped:
        self.asked += 1
        return super().shape(result, policy, tool, transform)


def test_a_result_is_shaped_once_for_each_policy():
    shaper = Counting({})
    results = Results(shaper)
    other = replace(POLICY, version=1)
    for policy in (POLICY, POLICY, other, other, POLICY):
        assert results.shaped_once(result("a"), policy, "t").texts == ("a",)
    assert shaper.asked == 3


def test_a_changed_result_is_remembered_as_it_was_changed():
    shaper = Counting({}, {"change": Changes()})
    results = Results(shaper)
    results.remember(result("a").call, "change")
    assert [results.shaped_once(result("a"), POLICY, "t").texts for _ in range(2)] == [("A",), ("A",)]
    assert shaper.asked == 1


def test_the_transform_of_another_call_is_left_out():
    results = Results(Shaper({}, {"change": Changes()}))
    results.remember(result("a").call, None)
    assert results.shaped(result("a"), POLICY, "t").texts == ("a",)


def test_what_is_withheld_stays_so_under_every_policy():
    results, held = Results(Shaper({})), Shaped(texts=(), notice="held")
    assert results.shaped_once(result("a"), POLICY, "t").notice is None
    results.withhold(result("a"), held)
    assert [results.shaped_once(result("a"), policy, "t") for policy in (POLICY, replace(POLICY))] == [held, held]


def test_a_result_is_new_once():
    results = Results(Shaper({}))
    assert [results.is_new(result("a")), results.is_new(result("a"))] == [True, False]
    assert results.is_new(replace(result("a"), digest="1" * 64))


def test_what_is_told_is_scanned_once_for_each_policy_and_is_new_once():
    results = Results(Shaper({"secret": FindsSecret()}))
    first, again = results.told((SECRET,), POLICY), results.told((SECRET,), POLICY)
    assert [first[1], again[1], results.told((SECRET,), replace(POLICY))[1]] == [True, False, False]
    assert first[0] is again[0]
    assert results.told(("a",), POLICY)[0].texts == ("a",)
