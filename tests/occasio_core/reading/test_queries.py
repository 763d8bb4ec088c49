"""Time in whole minutes: nothing twice, nothing left out."""

from __future__ import annotations

import pytest

from occasio_core.reading.queries import whole_minutes
from occasio_core.reading.selection import Selection

_BOUNDS = (None, -61_000, -60_000, -1, 0, 1, 59_999, 60_000, 60_001, 119_999, 120_000, 200_000)


@pytest.mark.parametrize("since", _BOUNDS)
@pytest.mark.parametrize("until", _BOUNDS)
def test_each_moment_is_in_a_whole_minute_or_in_an_edge(since: int | None, until: int | None) -> None:
    whole = whole_minutes(Selection(since=since, until=until))
    for at in range(-130_000, 260_000, 499):
        minute = at // 60_000
        in_whole = (whole.first is None or minute >= whole.first) and (whole.last is None or minute < whole.last)
        in_edges = sum(_holds(edge, at) for edge in whole.edges())
        assert in_whole + in_edges == _holds(Selection(since=since, until=until), at)


def _holds(selection: Selection, at: int) -> bool:
    since, until = selection.since, selection.until
    return (since is None or at >= since) and (until is None or at < until)
