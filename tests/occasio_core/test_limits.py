from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.limits import Counter, Counts
from occasio_core.model import Limits


def test_without_limits_nothing_is_too_much():
    counter, here = Counter(), Counts()
    assert counter.call("shell_bash", here, Limits()) is None
    assert counter.result(1 << 40, here, Limits()) is None
    assert counter.request(Limits()) is None


@given(maximum=st.integers(1, 20), calls=st.integers(0, 40))
@settings(max_examples=50, deadline=None)
def test_exactly_as_many_calls_as_allowed_pass(maximum, calls):
    counter, here = Counter(), Counts()
    limits = Limits(max_tool_calls_per_round=maximum)
    passed = [counter.call("read_file", here, limits) is None for _ in range(calls)]
    assert sum(passed) == min(calls, maximum)
    assert passed == sorted(passed, reverse=True)


def test_a_new_round_begins_anew_and_the_run_goes_on():
    counter = Counter()
    limits = Limits(max_tool_calls_per_round=1, max_tool_calls_per_run=2)
    told = [counter.call("read_file", Counts(), limits) for _ in range(3)]
    assert [exceeded and exceeded.rule for exceeded in told] == [None, None, "limits: max_tool_calls_per_run: 2"]


def test_only_shell_calls_count_as_bash():
    counter, here = Counter(), Counts()
    limits = Limits(max_bash_calls_per_round=1)
    told = [counter.call(tool, here, limits) for tool in ("shell_output", "shell_bash", "shell_powershell")]
    assert [exceeded and (exceeded.limit, exceeded.actual) for exceeded in told] == [
        None,
        None,
        ("max_bash_calls_per_round", 2),
    ]


def test_the_first_limit_that_is_passed_is_the_one_that_is_told():
    counter, here = Counter(), Counts()
    limits = Limits(max_tool_calls_per_round=1, max_bash_calls_per_round=1)
    counter.call("shell_bash", here, limits)
    assert counter.call("shell_bash", here, limits).limit == "max_tool_calls_per_round"


def test_bytes_that_do_not_go_are_not_counted():
    counter, here = Counter(), Counts()
    limits = Limits(max_bytes_to_model_per_round=100)
    assert counter.result(60, here, limits) is None
    assert counter.result(60, here, limits).actual == 120
    assert counter.result(40, here, limits) is None


def test_bytes_of_all_rounds_add_up_in_the_run():
    counter = Counter()
    limits = Limits(max_bytes_to_model_per_run=100)
    told = [counter.result(60, Counts(), limits) for _ in range(2)]
    assert [exceeded and exceeded.limit for exceeded in told] == [None, "max_bytes_to_model_per_run"]


def test_requests_are_counted_until_there_are_enough():
    counter = Counter()
    limits = Limits(max_requests_per_run=2)
    assert [counter.request(limits) is None for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_every_limit_of_the_policy_is_kept(name):
    counter, here, limits = Counter(), Counts(), replace(Limits(), **{name: 1})
    told = []
    for _ in range(2):
        told += [counter.call("shell_bash", here, limits), counter.result(1, here, limits), counter.request(limits)]
    assert [exceeded.limit for exceeded in told if exceeded] == [name]


def test_a_limit_says_what_was_passed_and_by_how_much():
    counter, here = Counter(), Counts()
    exceeded = counter.result(7, here, Limits(max_bytes_to_model_per_round=5))
    assert exceeded.message == "7 would be more than the 5 that the policy allows"
