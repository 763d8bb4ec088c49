"""Made by a generator, chosen by a person, or put there to be replaced: the value tells."""

from __future__ import annotations

import base64

import pytest

from occasio_secrets.values import (
    holds_login,
    is_aws_secret,
    is_chosen,
    is_generated,
    is_hex,
    is_no_sample,
    is_varied,
    turns,
)

MADE = [
    "aB3dE5gH7jK9mN1pQ3sT",
    "9f86d081884c7d659a2feaa0c55ad015",
    "k3jd9s0qpz81mxnw",
    "3f2b8c1e-5d4a-4b6f-9e7a-1c2d3e4f5a6b",
]
NAMES = [
    "getTokenFromRequest2",
    "PKCS7PrivateKeyTypes",
    "my-secret-name-v2",
    "settings.openai.key_2",
    "/etc/app/token1",
    "2024-10-21-preview",
]
SAMPLES = [
    "changeme",
    "changeme123",
    "password",
    "test1234",
    "your-password-1",
    "${DB_PASSWORD}",
    "<password>",
    "********",
    "xxxxxxxx1",
    "%(pw)s1",
]
CHOSEN = ["tr0ub4dor", "SuperSecret123!", "Falconriver1987", "x9!x9!x9!", "p@sswOrt!"]


@pytest.mark.parametrize("value", MADE)
def test_what_a_generator_made_is_known(value: str) -> None:
    assert is_generated(value)


@pytest.mark.parametrize("value", [*NAMES, *SAMPLES, "correct-horse-battery"])
def test_names_and_samples_are_not_generated(value: str) -> None:
    assert not is_generated(value)


@pytest.mark.parametrize("value", CHOSEN)
def test_what_a_person_chose_is_known(value: str) -> None:
    assert is_chosen(value)


@pytest.mark.parametrize(
    "value", [*SAMPLES, "settings.database_password_1", "Passwort", "/home/ada/project1", "1.2.3-beta4"]
)
def test_samples_attributes_paths_and_words_are_not_chosen(value: str) -> None:
    assert not is_chosen(value)


@pytest.mark.parametrize("value", SAMPLES)
def test_a_sample_is_one(value: str) -> None:
    assert not is_no_sample(value)


def test_a_word_for_samples_within_a_password_hides_nothing() -> None:
    assert is_chosen("myEXAMPLEpass99")
    assert is_no_sample("EXAMPLEriver7")


@pytest.mark.parametrize("value", ["xxxxxxxxxxxxxxxxxxxx", "sk-your-key-here-12345", "ab" * 10, "key_00000000abcdef"])
def test_a_form_filled_with_nothing_is_not_varied(value: str) -> None:
    assert not is_varied(value)


def test_a_generator_changes_between_kinds_far_more_often_than_words_do() -> None:
    assert turns("aB3dE5gH") == 1.0
    assert turns("secretvalue") == 0.0
    assert turns("x") == 0.0


def test_digests_are_hexadecimal() -> None:
    assert is_hex("3f786850")
    assert not is_hex("3f78685g")


@pytest.mark.parametrize(
    ("text", "holds"), [("ada:tr0ub4dor", True), ("ada", False), (":", False), ("ada:\x00\x01\x02", False)]
)
def test_a_login_in_base64_has_a_name_a_colon_and_a_password(text: str, holds: bool) -> None:
    assert holds_login(base64.b64encode(text.encode()).decode()) is holds


def test_what_is_no_base64_holds_no_login() -> None:
    assert not holds_login("a:b")
    assert not holds_login("AAAAA")


def test_forty_characters_in_small_letters_are_no_key_of_aws() -> None:
    assert not is_aws_secret("a" * 20 + "1" * 20)
    assert is_aws_secret("aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6kL8n")


@pytest.mark.parametrize(
    "value", ["a" * 100_000, "aa1" * 30_000, "aA" * 50_000, "a." * 50_000, "password-" * 10_000, "Aa" * 50_000 + "!"]
)
def test_no_value_takes_long(value: str) -> None:
    assert not is_no_sample(value) or is_chosen(value) or not is_generated(value)
