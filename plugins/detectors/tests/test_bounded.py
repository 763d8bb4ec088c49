"""What is remembered is bounded, and what is used stays."""

from __future__ import annotations

from occasio_detectors.bounded import Bounded


def test_a_value_is_made_once_and_kept() -> None:
    kept: Bounded[str, list[int]] = Bounded(2, list)
    kept.of("a").append(1)
    assert kept.of("a") == [1]


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    kept: Bounded[str, list[int]] = Bounded(2, list)
    for key in ("a", "b", "a", "c"):
        kept.of(key)
    assert ("a" in kept, "b" in kept, "c" in kept, len(kept)) == (True, False, True, 2)


def test_what_is_forgotten_begins_anew() -> None:
    kept: Bounded[str, list[int]] = Bounded(2, list)
    kept.of("a").append(1)
    kept.forget("a")
    kept.forget("never there")
    assert kept.of("a") == []
