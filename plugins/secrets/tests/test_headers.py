"""What travels is found where it travels: URLs, headers, options, connection strings."""

from __future__ import annotations

import base64

import pytest

from occasio_secrets import Tokens
from occasio_secrets.headers import HEADERS

LOGIN = base64.b64encode(b"ada:tr0ub4dor").decode()
KEY = "k3jd9s0qpz81mxnwA7bC"


def found(text: str) -> list[tuple[str, str]]:
    return [(one.label, text[one.start : one.end]) for one in Tokens(HEADERS).scan(text)]


@pytest.mark.parametrize(
    ("label", "before", "secret", "after"),
    [
        ("url-password", "https://ada:", "tr0ub4dor", "@example.com/"),
        ("url-password", "git+https://x-access-token:", KEY, "@example.com/a.git"),
        ("url-password", "https:\\/\\/ada:", "tr0ub4dor", "@example.com\\/"),
        ("db-url", "jdbc:postgresql://ada:", "tr0ub4dor", "@db/app"),
        ("basic-auth", "Authorization: Basic ", LOGIN, ""),
        ("basic-auth", '{"auths": {"r": {"auth": "', LOGIN, '"}}}'),
        ("token", "authorization: bearer ", KEY, ""),
        ("password", "deploy --password ", "tr0ub4dor", " now"),
        ("password", "machine h login ada password ", "tr0ub4dor", ""),
        ("password", "curl -u ada:", "tr0ub4dor", " https://h/"),
        ("password", "sshpass -p ", "tr0ub4dor", " ssh h"),
        ("password", "mysql -u root -p", "tr0ub4dor", " app"),
        ("password", "ENV ADMIN_PASSWORD ", "tr0ub4dor", ""),
        ("azure-sas", "?sv=1&sig=", "k3Jd9s0qpz8" * 4 + "%3D", "&x=1"),
        ("jwk", '{"kty":"OKP","d":"', "k3Jd9s0qpz8" * 4, '"}'),
    ],
)
def test_the_secret_alone_is_taken_out(label: str, before: str, secret: str, after: str) -> None:
    assert found(before + secret + after) == [(label, secret)]


@pytest.mark.parametrize(
    "text",
    [
        "https://user:password@example.com/",
        "https://${USER}:${PASSWORD}@example.com/",
        "https://example.com:8080/a@b",
        "Authorization: Basic <base64>",
        "basic instructions",
        "--password $PASSWORD",
        "--password-file secret.txt",
        "curl -u ada:$PASSWORD https://h/",
        'author: "QWRhIExvdmVsYWNl"',
        "login page and password field",
    ],
)
def test_what_only_looks_so_is_left_alone(text: str) -> None:
    assert found(text) == []
