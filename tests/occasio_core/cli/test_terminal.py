"""What a person reads fits the screen and cannot command it."""

from __future__ import annotations

import click
import pytest

from occasio_core.cli.terminal import clipped, clipped_before, counted, lasted, line, listed, padded, short


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc", "abc"),
        ("abcdef", "abcde…"[:5]),
        ("a\x1b[2Jb\nc", "a?[2…"),
        ("日本語", "日本…"),
        ("e\u0301bcde", "e\u0301bcde"),
    ],
)
def test_a_text_is_clipped_to_columns(text: str, shown: str) -> None:
    assert clipped(text, 5) == (shown if text != "abcdef" else "abcd…")


def test_of_a_path_the_end_is_kept() -> None:
    assert clipped_before("/home/ada/project", 8) == "…project"
    assert clipped_before("/p", 8) == "/p"


def test_a_text_is_padded_to_columns() -> None:
    assert padded("日", 4) == "日  "
    assert padded("abcdef", 4) == "abc…"


def test_a_line_is_no_wider_than_the_screen() -> None:
    assert len(click.unstyle(line("label", "x" * 200))) == 80


def test_numbers_are_told_in_words() -> None:
    assert (counted(1, "row"), counted(1_000, "row")) == ("1 row", "1,000 rows")
    assert list(listed((0, "a"), (2_000, "b"))) == ["2,000 b"]
    assert short("7f1d0c1e-5b1a") == "7f1d0c1e"


@pytest.mark.parametrize(
    ("milliseconds", "told"),
    [(999, "0 s"), (59_999, "59 s"), (61_000, "1 min 1 s"), (3_660_000, "1 h 1 min"), (90_000_000, "1 d 1 h")],
)
def test_a_span_of_time_is_told_in_two_units(milliseconds: int, told: str) -> None:
    assert lasted(milliseconds) == told
