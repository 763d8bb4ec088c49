"""A URL leads to a host however programs read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core.urls import effects_of_url


def told(url: str) -> list[str]:
    return [f"{effect.kind} {effect.target}" for effect in effects_of_url(url)]


@pytest.mark.parametrize(
    ("url", "effects"),
    [
        ("https://example.com/x?y#z", ["connect example.com"]),
        ("HTTPS://EXAMPLE.COM", ["connect example.com"]),
        ("https://example.com?x", ["connect example.com"]),
        ("https://example.com#x", ["connect example.com"]),
        ("http://u:p@example.com:80/", ["connect u:p@example.com:80"]),
        ("http://[::1]:8080/", ["connect [::1]:8080"]),
        ("  https://example.com/\t", ["connect example.com"]),
        ("http://exa\nmp\tle.com/", ["connect example.com"]),
        ("http:example.com/x", ["connect example.com"]),
        ("http:/example.com/x", ["connect example.com"]),
        ("http:///example.com/x", ["connect example.com"]),
        ("http:\\\\example.com/x", ["connect example.com"]),
        ("http://good.example\\@evil.example/", ["connect good.example\\@evil.example"]),
        ("http://%31%32%37.0.0.1/", ["connect %31%32%37.0.0.1", "connect 127.0.0.1"]),
        ("wss://example.com/x", ["connect example.com"]),
        ("ssh://git@example.com/x", ["connect git@example.com"]),
        ("example.com/x", ["connect example.com"]),
        ("//example.com/x", ["connect example.com"]),
        ("localhost:3000", ["connect localhost:3000"]),
        ("file:///etc/hosts", ["read /etc/hosts"]),
        ("file:/etc/hosts", ["read /etc/hosts"]),
        ("file://localhost/etc/hosts", ["read /etc/hosts"]),
        ("file:etc/hosts", ["read etc/hosts"]),
        ("file:///a%20b", ["read /a%20b", "read /a b"]),
        ("data:text/plain,x", []),
        ("mailto:a@b", []),
        ("about:blank", []),
        ("http://", []),
        ("", []),
    ],
)
def test_a_url_leads_to_a_host_or_a_file(url: str, effects: list[str]) -> None:
    assert told(url) == effects


def test_the_url_stays_beside_its_host_so_that_its_port_is_known() -> None:
    assert [effect.line for effect in effects_of_url("https:example.com/x")] == ["https://example.com/x"]


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(effects_of_url(text), tuple)
