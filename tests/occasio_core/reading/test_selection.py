"""What a selection says of itself."""

from __future__ import annotations

from occasio_core.reading.selection import ALL, Selection


def test_a_selection_is_bounded_by_times_alone() -> None:
    assert not ALL.is_bounded
    assert not Selection(run_id="r").is_bounded
    assert Selection(since=0).is_bounded
    assert Selection(until=0).is_bounded
