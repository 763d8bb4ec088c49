"""The search for leaks finds what it says, so that its silence elsewhere means something."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.end_to_end.leak import leaks, leaks_below

WORD = "quokkas-swim/at-dawn"


@pytest.mark.parametrize("before", range(5))
def test_a_word_is_found_in_base64_wherever_it_stands(before: int) -> None:
    data = base64.b64encode(b"x" * before + WORD.encode() + b" and more")
    assert leaks([WORD], b'{"data":"' + data + b'"}') == [f"{WORD} in base64"]


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (json.dumps({"text": f"1\t{WORD}\n2\t"}).encode(), "as it is"),
        ("".join(f"\\u{ord(character):04X}" for character in WORD).encode(), "as it is"),
        (WORD.replace("/", "\\/").encode(), "as it is"),
        (WORD.encode().hex().encode(), "in hexadecimal"),
        (WORD.encode("utf-16-le"), "in UTF-16"),
    ],
)
def test_a_word_is_found_in_every_form(data: bytes, form: str) -> None:
    assert leaks([WORD], b"before" + data + b"behind") == [f"{WORD} {form}"]


def test_nothing_is_found_where_the_word_is_not() -> None:
    assert leaks([WORD], base64.b64encode(b"quokkas swim at dawn") + b"quokkas-swim") == []


def test_files_are_searched_at_any_depth_and_named(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_text(WORD, encoding="utf-8")
    (tmp_path / "clean").write_text("nothing", encoding="utf-8")
    assert leaks_below([WORD], tmp_path) == [f"{tmp_path}/a/b/c: {WORD} as it is"]
