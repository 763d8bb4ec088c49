"""Times are read as people write them, and nothing else is."""

from __future__ import annotations

import pytest

from occasio_core.errors import UsageError
from occasio_core.reading.moments import milliseconds, moment, timestamp

NOW = milliseconds("2026-01-10T12:00:00.000Z")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2h", "2026-01-10T10:00:00.000Z"),
        ("90m", "2026-01-10T10:30:00.000Z"),
        ("30s", "2026-01-10T11:59:30.000Z"),
        ("7d", "2026-01-03T12:00:00.000Z"),
        ("1w", "2026-01-03T12:00:00.000Z"),
        ("2026-01-02", "2026-01-02T00:00:00.000Z"),
        ("2026-01-02T03:04", "2026-01-02T03:04:00.000Z"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
        ("2026-01-02t03:04:05.678901z", "2026-01-02T03:04:05.678Z"),
        ("2026-01-02 03:04:05+02:00", "2026-01-02T01:04:05.000Z"),
    ],
)
def test_a_time_is_what_the_person_means(text: str, means: str) -> None:
    assert timestamp(moment(text, NOW)) == means


@pytest.mark.parametrize(
    "text", ["", "h", "-2h", "2y", "2026-13-01", "20260102", "2026-W01", "yesterday", "2026-01-02T25:00:00Z", "2h 3m"]
)
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="is no time"):
        moment(text, NOW)


@pytest.mark.parametrize("ts", ["0001-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"])
def test_a_rows_time_survives(ts: str) -> None:
    assert timestamp(milliseconds(ts)) == ts
