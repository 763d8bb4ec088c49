import json
from pathlib import Path

import pytest

from occasio_core.errors import UsageError
from occasio_core.model import RequestDone, SessionId
from occasio_core.prices import micro_dollars, read_prices

NONE = Path("/nowhere/prices.json")


def done(model, **tokens):
    return RequestDone(session=SessionId("s"), agent="a", protocol="p", model=model, status=200, **tokens)


@pytest.mark.parametrize(
    "model",
    ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5-latest", "claude-sonnet-4-5@20250929"],
)
def test_a_model_is_known_with_and_without_its_date(model):
    assert read_prices(NONE).of(model).output == 15_000_000


@pytest.mark.parametrize(
    ("model", "output"),
    [
        ("gpt-5", 10_000_000),
        ("gpt-5-2025-08-07", 10_000_000),
        ("gpt-4o-2024-08-06", 10_000_000),
        ("gpt-4o-2024-05-13", 15_000_000),
    ],
)
def test_a_date_may_be_written_with_hyphens_and_have_its_own_price(model, output):
    assert read_prices(NONE).of(model).output == output


@pytest.mark.parametrize("model", [None, "", "gpt-9", "claude-sonnet-9", "my-claude-sonnet-4-5", "claude-sonnet-4-5-x"])
def test_a_model_that_is_in_no_list_has_no_price(model):
    assert read_prices(NONE).of(model) is None
    assert read_prices(NONE).cost(done(model, input_tokens=5)) is None


def test_every_kind_of_token_has_its_price_and_what_is_begun_counts_whole():
    cost = read_prices(NONE).cost(
        done("claude-haiku-4-5", input_tokens=1, output_tokens=1, cache_write_tokens=1, cache_read_tokens=1)
    )
    assert cost == 8  # 1 + 5 + 1.25 + 0.1, rounded up


def test_the_list_says_of_which_day_it_is():
    assert read_prices(NONE).as_of.startswith("20")


def test_a_person_may_add_and_correct_prices(tmp_path):
    own = tmp_path / "prices.json"
    price = {"input": "1", "output": "2", "cache_write": "3", "cache_read": "0.5"}
    own.write_text(json.dumps({"models": {"my-model": price, "claude-haiku-4-5": price}}), encoding="utf-8")
    prices = read_prices(own)
    assert prices.of("my-model").cache_read == 500_000
    assert prices.of("claude-haiku-4-5").output == 2_000_000
    assert prices.of("claude-sonnet-4-5").output == 15_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"models": []}',
        '{"models": {"m": {"input": "1"}}}',
        '{"models": {"m": {"input": "1", "output": "2", "cache_write": "3", "cache_read": "-1"}}}',
        '{"models": {"m": {"input": "1e9", "output": "2", "cache_write": "3", "cache_read": "1"}}}',
        '{"models": {"m": {"input": "1", "output": "2", "cache_write": "3", "cache_read": "1", "extra": "1"}}}',
    ],
)
def test_a_list_that_is_none_is_refused_in_one_line(tmp_path, text):
    own = tmp_path / "prices.json"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"prices\.json: .+"):
        read_prices(own)


@pytest.mark.parametrize(("text", "amount"), [("1", 1_000_000), ("2.5", 2_500_000), ("0.000001", 1), ("0", 0)])
def test_dollars_are_counted_in_millionths(text, amount):
    assert micro_dollars(text) == amount


@pytest.mark.parametrize("text", ["", "-1", "1,5", "1.0000001", "NaN", "$1", "1e3"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="not an amount of dollars"):
        micro_dollars(text)
