"""Times as rows have them and as people write them."""

from __future__ import annotations

import pytest

from occasio_core import UsageError
from occasio_core.detection.moment import length, seconds, shown, since


def test_a_time_is_seconds_since_1970_in_utc() -> None:
    assert seconds("1970-01-01T00:01:00.500Z") == 60.5
    assert seconds("1970-01-01T00:01:00") == 60
    assert seconds("1970-01-01T01:00:00+01:00") == 0


@pytest.mark.parametrize(("text", "said"), [("90s", 90), ("15m", 900), ("15", 900), ("2h", 7200), ("7d", 604800)])
def test_a_length_of_time_has_a_unit_or_is_of_minutes(text: str, said: int) -> None:
    assert length(text) == said


@pytest.mark.parametrize("text", ["", "0m", "-5m", "1.5h", "15 m", "1w", "9" * 40 + "s"])
def test_what_is_no_length_of_time_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(UsageError, match="is no length of time") as refused:
        length(text)
    assert "15m" in refused.value.hint


def test_a_beginning_is_a_time_or_so_long_before_the_newest_row() -> None:
    assert since("2h", 10_000) == 2800
    assert since("1970-01-01T00:00:10Z", 10_000) == 10
    with pytest.raises(UsageError, match="`yesterday` is no time"):
        since("yesterday", 0)


def test_people_are_shown_seconds_of_utc() -> None:
    assert shown(61.9) == "1970-01-01 00:01:01Z"
    assert shown(seconds("0001-01-01T00:00:00Z") - 900) == "0001-01-01 00:00:00Z"
    assert shown(1e18) == "9999-12-31 23:59:59Z"
