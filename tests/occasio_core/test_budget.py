from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.budget import Budget, OverBudgetError, most
from occasio_core.model import RequestDone, SessionId
from occasio_core.prices import read_prices

PRICES = read_prices(Path("/nowhere/prices.json"))
MODEL = "claude-haiku-4-5"  # 1 and 5 micro-dollars a token, 1.25 at the dearest for what is sent


def done(*, status=200, complete=True, model=MODEL, **tokens):
    return RequestDone(
        session=SessionId("s"), agent="a", protocol="p", model=model, status=status, complete=complete, **tokens
    )


def test_without_a_maximum_costs_are_only_counted():
    budget = Budget(PRICES)
    assert budget.reserve("unheard-of", 10**9, 10**9) == 0
    assert budget.settle(0, done(output_tokens=2)) == 10
    assert budget.spent == 10


def test_the_most_that_a_request_can_cost_is_set_aside():
    budget = Budget(PRICES, 1000)
    assert budget.reserve(MODEL, 80, 100) == 550  # 40 tokens sent, 100 back
    with pytest.raises(OverBudgetError):
        budget.reserve(MODEL, 80, 100)


def test_what_was_set_aside_is_settled_by_what_it_was():
    budget = Budget(PRICES, 1000)
    reserved = budget.reserve(MODEL, 80, 100)
    assert budget.settle(reserved, done(input_tokens=10, output_tokens=2)) == 20
    assert budget.spent == 20
    assert budget.reserve(MODEL, 80, 100) == 550


def test_a_request_that_was_never_answered_costs_nothing():
    budget = Budget(PRICES, 1000)
    budget.settle(budget.reserve(MODEL, 80, 100), done(status=0, complete=False))
    assert budget.spent == 0


def test_an_answer_that_broke_off_keeps_all_that_was_set_aside():
    budget = Budget(PRICES, 1000)
    budget.settle(budget.reserve(MODEL, 80, 100), done(complete=False))
    assert budget.spent == 550


def test_a_model_without_a_price_is_refused_where_there_is_a_budget():
    with pytest.raises(OverBudgetError, match="the price of the model `unheard-of` is not known"):
        Budget(PRICES, 10**9).reserve("unheard-of", 1, 1)


def test_a_refusal_says_what_it_could_cost_and_what_is_left():
    budget = Budget(PRICES, 500_000)
    with pytest.raises(OverBudgetError, match=r"up to \$1\.00, and \$0\.50 is left of the budget of \$0\.50") as caught:
        budget.reserve(MODEL, 0, 200_000)
    assert caught.value.actual == 1_000_000


@given(
    maximum=st.integers(0, 5000),
    asked=st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 200), st.integers(0, 100), st.booleans()), max_size=20
    ),
)
@settings(max_examples=100, deadline=None)
def test_requests_under_way_together_never_spend_more_than_there_is(maximum, asked):
    budget = Budget(PRICES, maximum)
    under_way = []
    for size, output, percent, ends in asked:
        try:
            under_way.append((budget.reserve(MODEL, size, output), size // 2, output * percent // 100))
        except OverBudgetError:
            continue
        if ends:
            reserved, sent, back = under_way.pop(0)
            budget.settle(reserved, done(input_tokens=sent, output_tokens=back))
    for reserved, sent, back in under_way:
        budget.settle(reserved, done(input_tokens=sent, output_tokens=back))
    assert budget.spent <= maximum


def test_threads_that_ask_together_get_no_more_than_there_is():
    budget = Budget(PRICES, 10 * most(PRICES.of(MODEL), 80, 100))

    def asked(_):
        try:
            return budget.reserve(MODEL, 80, 100)
        except OverBudgetError:
            return 0

    with ThreadPoolExecutor(8) as threads:
        assert sum(map(bool, threads.map(asked, range(100)))) == 10
