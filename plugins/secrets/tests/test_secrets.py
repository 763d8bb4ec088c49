"""Every kind of secret is found where it stands, and what only looks like one is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_secrets import PATTERNS, PrivateKeys, Tokens, occasio_register_secret_scanners

WORD = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6kL8nP0rS2uV4xY6zA8cD0fG2iJ4lM6oP8qR"

# Not one of these is or ever was a key: each is put together here from a made-up word.
SAMPLES = {
    "anthropic-key": ["sk-ant-" + "api03-" + WORD, "sk-ant-" + "admin01-" + WORD[:20], "sk-ant-" + "oat01-_-" + WORD],
    "openai-key": ["sk-" + "proj-" + WORD, "sk-" + "svcacct-" + WORD[:20], "sk-" + WORD[:48], "sk-" + WORD[:32]],
    "github-pat": [f"{kind}_" + WORD[:36] for kind in ("ghp", "gho", "ghu", "ghs", "ghr")]
    + ["github_" + "pat_" + WORD[:22] + "_" + WORD[:59]],
    "aws-access-key": ["AKIA" + "IOSFODNN7EXAMPLE", "ASIA" + "QWERTYUIOPASDFGH"],
    "google-api-key": ["AIza" + WORD[:35], "AIza" + "-_" + WORD[:33]],
    "slack-token": ["xoxb-" + "123456789012-" + WORD[:24], "xoxp-" + "1234567890"],
    "stripe-key": ["sk_" + "live_" + WORD[:24], "rk_" + "live_" + WORD[:16]],
    "npm-token": ["npm_" + WORD[:36]],
    "gitlab-pat": ["glpat-" + WORD[:20], "glpat-" + "-_" + WORD[:18]],
    "jwt": ["eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + WORD[:43]],
}

# Each with what must stay readable and the secret in it.
IN_CONTEXT = {
    "aws-secret-key": [
        ("aws_secret_access_key = ", WORD[:40]),
        ('"SecretAccessKey": "', WORD[:39] + "/"),
        ("AWS_SECRET_ACCESS_KEY=", "+" + WORD[:39]),
    ],
    "db-url": [
        ("postgres://ada:", "s3cr3t-x", "@db.example:5432/app"),
        ("postgresql+asyncpg://ada:", "p%40ss:w0rd", "@db/app"),
        ("mongodb+srv://ada:", "hunter2", "@cluster"),
        ("redis://:", "hunter2", "@cache"),
        ("mysql://ada:", "a@b", "@db"),
    ],
    "password": [
        ('password = "', "tr0ub4dor", '"'),
        ("DB_PASSWORD=", "correct7horse"),
        ('"password": "', "SuperSecret123!", '"'),
        ('{\\"password\\": \\"', "tr0ub4dor", '\\"}'),
        ("PASSWD: '", "x9!x9!x9!", "'"),
        ('-e "DB_PASSWORD=', "tr0ub4dor", '"'),
        ("password => '", "tr0ub4dor", "'"),
        ("Password: ", "tr0ub4dor"),
    ],
    "api-key": [
        ('api_key = "', WORD[:24], '"'),
        ("API-KEY: ", WORD[:16]),
        ("client_secret=", WORD[:32]),
        ('apiKey: "', WORD[:20], '"'),
        ("S3_ACCESS_KEY=", WORD[:20]),
    ],
    "token": [
        ("access_token=", WORD[:20]),
        ('"auth_token": "', WORD[:32], '"'),
        ("Authorization: Bearer ", WORD[:32]),
        ('refreshToken: "', WORD[:20], '"'),
    ],
}

NO_SECRETS = [
    "sk-ant-test",
    "sk-ant-api03-short",
    "sk-fading-circle sk-fading-circle-and-some-more-letters-behind",
    "desk-" + WORD[:48],
    "task-" + "a" * 40,
    "sk-" + "abcdefghijklmnopqrstuvwxyzabcdefghij",
    "ghp_" + WORD[:35],
    "my_ghp = ghp_token",
    "github_pat_short",
    "AKIA" + "IOSFODNN7EXAMPL",
    "AKIA" + "IOSFODNN7EXAMPLEX",
    "XAKIA" + "IOSFODNN7EXAMPLE",
    "AKIAiosfodnn7example",
    "AIza" + WORD[:34],
    "AIza" + WORD[:36],
    "xoxb-your-token-here",
    "sk_test_" + WORD[:24],
    "npm_config_cache npm_package_json npm_lifecycle_event_and_a_long_name_behind",
    "glpat-short",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0",
    "eyJhbGciOiJIUzI1NiJ9.abc.def",
    "postgres://localhost/app",
    "postgres://ada@db/app",
    "postgres://user:password@localhost/app",
    "postgres://ada:${PASSWORD}@db",
    "postgres://ada:<password>@db",
    "see https://example.com:8080/a@b",
    "password",
    "password: short1",
    'password = input("password: ")',
    "password = get_password1(user)",
    "password = os.environ['DB_PASSWORD_1']",
    "password = settings.database_password_1",
    "password=${DB_PASSWORD_1}",
    'password = "changeme123"',
    'password: "your-password-1"',
    'password = "test1234"',
    '"password": "Passwort"',
    "password_hash = 'pbkdf2sha256x'",
    "passwords: 12345678a",
    'password: "Enter 8 characters"',
    "password == 'tr0ub4dor'",
    "password: ********",
    "api_key = API_KEY_NAME",
    "api_key: settings.openai.api_key_2",
    "api_key: short123",
    'api_key="your-api-key-goes-here-123"',
    "api_key = os.environ.get('X')",
    "access_token: aVeryLongWordWithoutAnyDigit",
    "Bearer token",
    "bearer of bad news 1234567890123456",
    "3f786850e387550fdab836ed7e6dc881de23001b",
    "123e4567-e89b-12d3-a456-426614174000",
]

KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIEpAIBAAKCAQEA" + WORD[:48] + "\n" + WORD[:64] + "\n"
    "-----END RSA PRIVATE KEY-----"
)


def found(text):
    scanners = occasio_register_secret_scanners()
    return [(secret.label, text[secret.start : secret.end]) for scanner in scanners for secret in scanner.scan(text)]


@pytest.mark.parametrize(("label", "secret"), [(label, secret) for label in SAMPLES for secret in SAMPLES[label]])
@pytest.mark.parametrize("around", ["{}", "x {} y", '"{}"', "KEY={}\n", "https://h/?k={}&x=1", "12\t{}\n13\t"])
def test_a_key_is_found_whole_wherever_it_stands(label, secret, around):
    assert (label, secret) in found(around.format(secret))


@pytest.mark.parametrize(("label", "parts"), [(label, parts) for label in IN_CONTEXT for parts in IN_CONTEXT[label]])
def test_a_value_is_found_behind_its_name_and_the_name_stays(label, parts):
    text = "".join(parts)
    assert found(text) == [(label, parts[1])]


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_only_looks_like_a_secret_is_left_alone(text):
    assert found(text) == []


def test_every_kind_has_a_sample():
    assert {pattern.label for pattern in PATTERNS} == {*SAMPLES, *IN_CONTEXT}


def test_every_secret_on_a_line_is_found():
    first, second = SAMPLES["github-pat"][:2]
    assert found(f"{first} {second} {first}") == [("github-pat", first), ("github-pat", first), ("github-pat", second)]


def test_letters_that_grow_when_they_are_lowered_move_nothing():
    assert found("İİİ PASSWORD=tr0ub4dor") == [("password", "tr0ub4dor")]


# Private keys


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


# Properties


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([secret for secrets in SAMPLES.values() for secret in secrets]), max_size=4),
    st.lists(st.text(" \n.,äab=/'\"", max_size=8), min_size=5, max_size=5),
)
def test_keys_are_found_whatever_stands_around_them(secrets, texts):
    text = "".join(f"{before} {secret} " for before, secret in zip(texts, secrets, strict=False)) + texts[-1]
    assert {text for _, text in found(text)} >= set(secrets)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("eyJsk-_.antAKIpiAPIkeywordtoken:=\"' \n01@/")) | st.text())
def test_whatever_the_text_a_secret_lies_inside_it(text):
    for scanner in (Tokens(), PrivateKeys()):
        for secret in scanner.scan(text):
            assert 0 <= secret.start < secret.end <= len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "eyJ",
        "-eyJ",
        "eyJaaaaaaaa.",
        "sk-",
        "sk-a",
        "sk-ant-api03-",
        "AKIA",
        "password",
        "password=",
        'password="',
        "password=a1",
        "api_key=1a.",
        "bearer ",
        "postgres://",
        "postgres://a:b",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "A",
    ],
)
def test_no_text_makes_the_scanners_try_again_and_again(unit):
    text = unit * (300_000 // len(unit))
    assert all(secret.end <= len(text) for scanner in (Tokens(), PrivateKeys()) for secret in scanner.scan(text))
