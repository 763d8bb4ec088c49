"""A secret that is spelled in another way is found, and the whole spelling of it is named."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_secrets import Encoded, PrivateKeys, Tokens
from occasio_secrets.encoded import views

KEY = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6"


def found(text: str) -> list[tuple[str, str]]:
    return [(one.label, text[one.start : one.end]) for one in Encoded((Tokens(), PrivateKeys())).scan(text)]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("text", [f"token={KEY}", f"a\nb {KEY} c", KEY])
def test_base64_is_undone_and_all_of_it_named(text: str) -> None:
    assert found(f"x {b64(text)} y")[0][0] == "github-pat"
    assert found(f"x {b64(text)} y")[0][1] == b64(text).rstrip("=")


def test_base64_over_lines_is_one_piece() -> None:
    wrapped = base64.encodebytes(f"{'words ' * 12}{KEY}{' words' * 12}".encode()).decode()
    assert ("github-pat", wrapped.strip().rstrip("=")) in found(f"$ base64 .env\n{wrapped}")


def test_base64_behind_a_path_is_undone() -> None:
    assert found(f"usr/{b64(f'the key is {KEY}')}")[0][0] == "github-pat"


def test_hexadecimal_over_lines_is_one_piece() -> None:
    dump = f"some words in front of {KEY}".encode().hex()
    lines = "\n".join(dump[at : at + 60] for at in range(0, len(dump), 60))
    assert found(f"$ xxd -p .env\n{lines}\n") == [("github-pat", lines)]


def test_letters_that_are_struck_twice_are_one() -> None:
    struck = "".join(f"{one}\b{one}" for one in KEY)
    assert found(f"NAME {struck} x") == [("github-pat", struck[2:])]


def test_escaped_quotes_of_html_are_quotes() -> None:
    assert found("{&quot;password&quot;:&quot;tr0ub4dor&quot;}") == [("password", "tr0ub4dor")]


def test_base64_of_base64_is_undone_twice() -> None:
    assert found(b64(b64(f"the key is {KEY}")))[0][0] == "github-pat"


def test_hexadecimal_is_undone() -> None:
    assert found(f"dump: {f'key {KEY}'.encode().hex()}") == [("github-pat", f"key {KEY}".encode().hex())]


@pytest.mark.parametrize(
    "spelled",
    [
        KEY.replace("_", "%5F"),
        "".join(f"%{byte:02x}" for byte in KEY.encode()),
        "".join(f"\\u{byte:04x}" for byte in KEY.encode()),
        "".join(f"\\x{byte:02x}" for byte in KEY.encode()),
        KEY.replace("_", "&#95;"),
        KEY.replace("_", "&#x5f;"),
        "\u200b".join(KEY),
        "".join(chr(ord(one) + 0xFEE0) for one in KEY),
        KEY[:9] + "\u00ad" + KEY[9:],
        "".join(f"\\{byte:03o}" for byte in KEY.encode()),
        KEY[:4] + "\x1b[m\x1b[K" + KEY[4:],
        "\x00".join(KEY),
        "".join(chr(0xE0000 + ord(one)) for one in KEY),
        "".join(chr(0x1D5BA + ord(one) - 97) if "a" <= one <= "z" else one for one in KEY),
    ],
)
def test_escapes_and_characters_that_are_not_seen_are_undone_and_the_secret_alone_named(spelled: str) -> None:
    assert found(f"my key: {spelled} ok") == [("github-pat", spelled)]


def test_a_password_in_an_encoded_url_is_found() -> None:
    assert found(quote("postgres://ada:tr0ub4dor@db/app", safe=""))[0][0] == "db-url"


def test_a_private_key_in_base64_is_found() -> None:
    key = f"-----BEGIN PRIVATE KEY-----\n{'MIIEpAIBAAKCAQEA' * 4}\n-----END PRIVATE KEY-----\n"
    assert found(json.dumps({"data": {"tls.key": b64(key)}}))[0][0] == "private-key"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 64,
        "3f786850e387550fdab836ed7e6dc881de23001b" * 2,
        b64("\x00\x01\x02" * 40),
        "50%25 off",
        KEY,
        b64("hello world " * 9),
    ],
)
def test_what_hides_nothing_is_left_alone(text: str) -> None:
    assert found(text) == []


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("%41\\ux00&#;abAB=-_/ \n\u200bＡ")) | st.text())
def test_whatever_the_text_each_part_of_a_view_lies_inside_it(text: str) -> None:
    for view in views(text):
        if view.text:
            start, end = view.spot(0, len(view.text))
            assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    "unit", ["%41", "\\x41", "&#65;", "\\101", "\x1b[1m", "a\b", "\x00", "A", "a1", "\u200b", "QUFB\n", "a:", "%"]
)
def test_no_text_is_read_again_and_again(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    assert all(one[1] for one in found(text))
