"""A private key is taken out whole, however its lines are written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_secrets import PrivateKeys, Tokens

WORD = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6kL8nP0rS2uV4xY6zA8cD0fG2iJ4lM6oP8qR"

# It is and was no key.
KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIEpAIBAAKCAQEA" + WORD[:48] + "\n" + WORD[:64] + "\n"
    "-----END RSA PRIVATE KEY-----"
)


def found(text):
    return [(secret.label, text[secret.start : secret.end]) for secret in PrivateKeys().scan(text)]


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "DSA "])
def test_a_private_key_is_found_from_begin_to_end(kind):
    key = KEY.replace("RSA ", kind)
    assert found(f"a\n{key}\nb") == [("private-key", key)]


def test_a_pgp_key_is_found():
    key = KEY.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK")
    assert found(key) == [("private-key", key)]


def test_a_key_with_line_numbers_is_found_whole():
    numbered = "".join(f"{number}\t{line}\n" for number, line in enumerate(KEY.split("\n"), 1))
    assert [text for _, text in found(numbered)] == [numbered[2:-1]]


def test_a_key_in_json_is_found_whole():
    escaped = KEY.replace("\n", "\\n")
    assert found(f'{{"key": "{escaped}"}}') == [("private-key", escaped)]


def test_a_key_in_json_in_json_is_found_whole():
    escaped = KEY.replace("\n", "\\\\n")
    assert found(f'{{\\"key\\": \\"{escaped}\\"}}') == [("private-key", escaped)]


def test_a_key_of_putty_is_found_to_its_mac():
    key = f"PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\n{WORD}\nPrivate-Lines: 1\n{WORD[:48]}\nPrivate-MAC: {'ab' * 32}"
    assert found(f"x\n{key}\ny") == [("private-key", key)]


def test_a_key_without_an_end_is_found_as_far_as_it_goes():
    cut = KEY[: KEY.index("-----END")].rstrip()
    assert found(f"{cut}\n(more)") == [("private-key", f"{cut}\n")]


def test_all_keys_are_found():
    assert found(f"{KEY}\n\n{KEY}") == [("private-key", KEY), ("private-key", KEY)]


@pytest.mark.parametrize(
    "text",
    [
        'if "-----BEGIN PRIVATE KEY-----" in text:',
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\n" + WORD[:64] + "\n-----END PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----\n" + WORD[:64] + "\n-----END CERTIFICATE-----",
    ],
)
def test_a_header_without_a_key_is_left_alone(text):
    assert found(text) == []


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("eyJsk-_.antAKIpiAPIkeywordtoken:=\"' \n01@/")) | st.text())
def test_whatever_the_text_a_secret_lies_inside_it(text):
    for scanner in (Tokens(), PrivateKeys()):
        for secret in scanner.scan(text):
            assert 0 <= secret.start < secret.end <= len(text)


@pytest.mark.parametrize("unit", ["-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "-----BEGIN A A A ", "A"])
def test_no_text_makes_the_reader_of_keys_try_again_and_again(unit):
    text = unit * (300_000 // len(unit))
    assert all(secret.end <= len(text) for secret in PrivateKeys().scan(text))
