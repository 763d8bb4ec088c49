"""The holes of the Node implementation (facts, section 10.4) that a scanner can have: what happens here instead.

Those of what is done with a finding are in `tests/occasio_core/test_redact.py` and `tests/end_to_end/test_secrets.py`.
"""

from __future__ import annotations

import base64

import pytest

from occasio_core import Secret
from occasio_secrets import Entropy, occasio_register_secret_scanners

WORD = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6kL8nP0rS2uV4xY6zA8cD0fG2iJ4lM6oP8qR"
TOKENS = [f"{kind}_" + WORD[:36] for kind in ("ghp", "gho")]
KEY = f"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA{WORD[:48]}\n{WORD[:64]}\n-----END RSA PRIVATE KEY-----"


def scan(text: str) -> list[Secret]:
    scanners = [one for one in occasio_register_secret_scanners() if not isinstance(one, Entropy)]
    return [secret for scanner in scanners for secret in scanner.scan(text)]


def found(text: str) -> list[tuple[str, str]]:
    return [(secret.label, text[secret.start : secret.end]) for secret in scan(text)]


def test_the_scanners_have_names_of_their_own() -> None:
    assert [one.name for one in occasio_register_secret_scanners()] == ["tokens", "private-keys", "encoded", "entropy"]


def test_43_every_secret_on_a_line_is_found() -> None:
    first, second = TOKENS
    expected = sorted([("github-pat", first), ("github-pat", first), ("github-pat", second)])
    assert sorted(found(f"{first} {second} {first}")) == expected


def test_44_a_private_key_is_found_with_its_material() -> None:
    assert found(f"a\n{KEY}\nb") == [("private-key", KEY)]


@pytest.mark.parametrize(
    ("label", "secret"),
    [
        ("jwt", "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + WORD[:43]),
        ("slack-token", "xoxb-" + "123456789012-" + WORD[:24]),
        ("stripe-key", "sk_" + "live_" + WORD[:24]),
        ("google-api-key", "AIza" + WORD[:35]),
        ("npm-token", "npm_" + WORD[:36]),
        ("gitlab-pat", "glpat-" + WORD[:20]),
        ("github-pat", "github_" + "pat_" + WORD[:22] + "_" + WORD[:59]),
        ("anthropic-key", "sk-ant-" + "oat01-" + WORD),
        ("openai-key", "sk-" + "proj-" + WORD),
    ],
)
def test_45_one_set_of_kinds_is_known_everywhere(label: str, secret: str) -> None:
    assert found(f"x {secret} y") == [(label, secret)]


@pytest.mark.parametrize(
    "spelled",
    [
        base64.b64encode(f"key {TOKENS[0]}".encode()).decode(),
        f"key {TOKENS[0]}".encode().hex(),
        "".join(f"%{byte:02X}" for byte in TOKENS[0].encode()),
        f'{{"a": "{{\\"b\\": \\"x\\\\n{TOKENS[0]}\\"}}"}}',
        "".join(f"\\u{byte:04x}" for byte in TOKENS[0].encode()),
    ],
)
def test_47_encoded_secrets_are_found(spelled: str) -> None:
    assert [label for label, _ in found(spelled)] == ["github-pat"]


def test_48_entropy_tells_digests_from_keys_and_sees_hexadecimal_behind_a_name() -> None:
    text = f"commit 3f786850e387550fdab836ed7e6dc881de23001b\nsecret 9f86d081884c7d659a2feaa0c55ad015\nx {WORD[:32]}\n"
    assert [text[one.start : one.end] for one in Entropy().scan(text)] == [
        "9f86d081884c7d659a2feaa0c55ad015",
        WORD[:32],
    ]


@pytest.mark.parametrize("line", ["EXAMPLE: @", "# EXAMPLE @", "@ EXAMPLE", "example.com/@", "AWS_EXAMPLE_KEY=@"])
def test_52_the_word_example_hides_nothing(line: str) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    assert ("aws-access-key", key) in found(line.replace("@", key))
    assert ("github-pat", TOKENS[0]) in found(line.replace("@", TOKENS[0]))


def test_letters_that_grow_when_they_are_lowered_move_nothing() -> None:
    assert found("İİİ PASSWORD=tr0ub4dor") == [("password", "tr0ub4dor")]
