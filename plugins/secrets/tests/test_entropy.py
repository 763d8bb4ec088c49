"""What is as random as a key is found; digests, ids and files are random too, and are none."""

from __future__ import annotations

import random
import string

import pytest

from occasio_secrets import Entropy
from occasio_secrets.entropy import LONGEST, density

KEY = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF"
HEX = "9f86d081884c7d659a2feaa0c55ad015"


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in Entropy().scan(text)]


@pytest.mark.parametrize("text", ["@", "x @ y", "f('@')", "a,@,b", "weird: @"])
def test_a_random_run_is_found_without_a_name(text: str) -> None:
    assert found(text.replace("@", KEY)) == [KEY]


def test_hexadecimal_is_found_behind_a_word_for_secrets_alone() -> None:
    assert found(f"the secret {HEX}") == [HEX]
    assert found(f"the commit {HEX}") == []
    assert found(HEX) == []


@pytest.mark.parametrize(
    "text",
    [
        "3f2b8c1e-5d4a-4b6f-9e7a-1c2d3e4f5a6b",
        f"sha512-{KEY}{KEY}==",
        f'"integrity": "{KEY}"',
        f"etag: {KEY}",
        f"data:image/png;base64,{KEY}",
        (KEY * 2) + "\n" + (KEY * 2) + "\n" + KEY,
        KEY * (LONGEST // len(KEY) + 1),
        "InvalidBase64PaddingDefect",
        "getTokenFromRequestHeader2",
        "usr/lib/python3/dist-packages",
        "A" * 64,
        "abcdefghijklmnopqrstuvwxyz0123456789",
    ],
)
def test_digests_ids_files_and_names_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_nineteen_of_twenty_random_keys_are_found() -> None:
    chance = random.Random(7)
    keys = [
        "".join(chance.choices(string.ascii_letters + string.digits, k=chance.randrange(24, 64))) for _ in range(400)
    ]
    assert sum(found(key) == [key] for key in keys) >= 0.95 * len(keys)


def test_density_is_a_part_of_what_is_possible() -> None:
    assert density("abcdefgh", 64) == 1.0
    assert density("aaaaaaaa", 64) == 0.0
