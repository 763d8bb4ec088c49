"""RE2 goes over bytes, one a character, and never captures."""

from __future__ import annotations

from occasio_secrets.hints import compiled


def test_every_hit_is_found_from_where_one_asks() -> None:
    expression = compiled(b"(?i:ab)c")
    text = b"abc ABc"
    first = expression.search(text, 0)
    assert first is not None
    assert first.span() == (0, 3)
    second = expression.search(text, 1)
    assert second is not None
    assert second.span() == (4, 7)
    assert expression.search(text, 5) is None


def test_an_expression_is_compiled_once() -> None:
    assert compiled(b"xyz") is compiled(b"xyz")
