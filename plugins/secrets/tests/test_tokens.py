"""Every kind of secret is known by what it looks like, wherever it stands, and what only looks like one is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import Secret
from occasio_secrets import PATTERNS, Tokens
from occasio_secrets.pattern import Pattern, form
from occasio_secrets.tokens import settled

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
    "stripe-key": ["sk_" + "live_" + WORD[:24], "rk_" + "live_" + WORD[:16], "sk_" + "test_" + WORD[:24]],
    "npm-token": ["npm_" + WORD[:36]],
    "gitlab-pat": ["glpat-" + WORD[:20], "glpat-" + "-_" + WORD[:18]],
    "jwt": ["eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + WORD[:43]],
}

# Each with what must stay readable and the secret in it.
IN_CONTEXT: dict[str, list[tuple[str, ...]]] = {
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


patterns = pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: f"{pattern.label}-{pattern.begins[0]}")


def one_by_one(text: str) -> list[tuple[str, str]]:
    """Return what every pattern finds that is tried at every character: slow, and without hints."""
    found = []
    for pattern in PATTERNS:
        position = 0
        while match := pattern.regex.search(text, position):
            before = text[match.start() - 1 : match.start()]
            names = [name for name in ("secret", "bare") if name in match.re.groupindex and match.start(name) >= 0]
            start, end = match.span(names[0]) if names else match.span()
            free = not before or before not in pattern.after
            if free and pattern.is_real(text[start:end]):
                found.append((Secret(label=pattern.label, start=start, end=end), pattern))
            position = match.end() if free else match.start() + 1
    return sorted((secret.label, text[secret.start : secret.end]) for secret in settled(found))


def found(text: str) -> list[tuple[str, str]]:
    return [(secret.label, text[secret.start : secret.end]) for secret in Tokens().scan(text)]


@pytest.mark.parametrize(("label", "secret"), [(label, secret) for label in SAMPLES for secret in SAMPLES[label]])
@pytest.mark.parametrize("around", ["{}", "x {} y", '"{}"', "KEY={}\n", "https://h/?k={}&x=1", "12\t{}\n13\t"])
def test_a_key_is_found_whole_wherever_it_stands(label: str, secret: str, around: str) -> None:
    assert (label, secret) in found(around.format(secret))


@pytest.mark.parametrize(("label", "parts"), [(label, parts) for label in IN_CONTEXT for parts in IN_CONTEXT[label]])
def test_a_value_is_found_behind_its_name_and_the_name_stays(label: str, parts: tuple[str, ...]) -> None:
    text = "".join(parts)
    assert found(text) == [(label, parts[1])]


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_only_looks_like_a_secret_is_left_alone(text: str) -> None:
    assert found(text) == []


@patterns
def test_a_pattern_is_found_by_the_beginnings_that_it_names(pattern: Pattern) -> None:
    literals = [begin.lower() for begin in pattern.begins]
    for hint in pattern.hints:
        plain = hint.removeprefix("(?i:").removeprefix("(?:").lstrip("[\\").lower()
        assert plain.startswith("(") or any(plain[:1] == literal[:1] for literal in literals)


@patterns
def test_no_beginning_of_a_pattern_is_empty(pattern: Pattern) -> None:
    assert all(pattern.begins)
    assert all(pattern.hints)


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_a_name_in_front_of_a_value_may_be_written_in_any_case(case: Callable[[str], str]) -> None:
    assert found(case("db_password") + "=tr0ub4dor") == [("password", "tr0ub4dor")]


@pytest.mark.parametrize("before", ["x", "7"])
@pytest.mark.parametrize("label", ["github-pat", "npm-token", "gitlab-pat", "stripe-key"])
def test_a_key_inside_a_longer_word_is_none(label: str, before: str) -> None:
    assert found(before + SAMPLES[label][0]) == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([secret for secrets in SAMPLES.values() for secret in secrets]), max_size=4),
    st.lists(st.text(" \n.,äab=/'\"", max_size=8), min_size=5, max_size=5),
)
def test_keys_are_found_whatever_stands_around_them(secrets: list[str], texts: list[str]) -> None:
    text = "".join(f"{before} {secret} " for before, secret in zip(texts, secrets, strict=False)) + texts[-1]
    assert {secret for _, secret in found(text)} >= set(secrets)


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
        "A",
    ],
)
def test_no_text_makes_a_pattern_try_again_and_again(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    assert all(secret.end <= len(text) for secret in Tokens().scan(text))


@pytest.mark.parametrize("label", [*SAMPLES, *IN_CONTEXT])
def test_hints_lead_to_all_that_trying_every_pattern_everywhere_finds(label: str) -> None:
    texts = SAMPLES.get(label) or ["".join(parts) for parts in IN_CONTEXT[label]]
    text = " \n".join(texts)
    assert one_by_one(text)
    assert sorted(found(text)) == one_by_one(text)


@pytest.mark.parametrize("before", ["\\n", "\\t", "\\\\n", "%20", "%3D", "\\u003d", "\\x20", "\x1b[31m", "\x1b[0;1m"])
def test_an_escape_in_front_of_a_key_is_no_part_of_a_longer_word(before: str) -> None:
    assert found(f"x{before}{SAMPLES['github-pat'][0]}") == [("github-pat", SAMPLES["github-pat"][0])]


def test_the_general_name_gives_way_to_the_one_that_is_known() -> None:
    assert found("token=" + SAMPLES["gitlab-pat"][0]) == [("gitlab-pat", SAMPLES["gitlab-pat"][0])]


def test_what_is_longer_than_the_known_key_is_taken_out_whole() -> None:
    general = form("general", "a", "b")
    special = form("special", "a", "b")
    pair = [
        (Secret(label="general", start=0, end=9), replace(general, is_generic=True)),
        (Secret(label="special", start=2, end=5), special),
    ]
    assert set(settled(pair)) == {Secret(label="special", start=0, end=9), Secret(label="special", start=2, end=5)}


def test_places_are_characters_whatever_stands_in_front() -> None:
    key = SAMPLES["github-pat"][0]
    assert found(f"äöü😀 {key}") == [("github-pat", key)]


@pytest.mark.parametrize("label", ["github-pat", "aws-access-key", "stripe-key", "anthropic-key", "google-api-key"])
def test_a_row_of_x_or_a_word_to_replace_is_no_key(label: str) -> None:
    key = SAMPLES[label][0]
    start = next(begin for pattern in PATTERNS for begin in pattern.begins if key.startswith(begin))
    assert found(start + "x" * (len(key) - len(start))) == []
    assert found(start + "X" * (len(key) - len(start))) == []
