"""A form is a beginning and what follows; its hint asks for a little of both."""

from __future__ import annotations

from occasio_secrets.pattern import form, inner


def test_a_form_matches_from_its_beginning_and_ends_where_the_key_ends() -> None:
    pattern = form("a-key", "a_ b.", "[0-9]{8}")
    assert pattern.begins == ("a_", "b.")
    assert pattern.regex.match("a_12345678 ")
    assert pattern.regex.match("b.12345678")
    assert not pattern.regex.match("bx12345678")
    assert not pattern.regex.match("a_123456789")


def test_a_hint_asks_for_a_few_characters_of_the_rest() -> None:
    assert form("a", "st.", "[0-9]{24}x").hints == (r"st\.[0-9]{6}",)
    assert form("a", "st.", "[0-9]{2}x").hints == (r"st\.[0-9]{2}",)
    assert form("a", "st.", "(?:a|b)").hints == (r"st\.",)


def test_a_key_with_its_mark_inside_says_how_far_back_it_begins() -> None:
    pattern = inner("a", "Q~", "Q~", (4,), "[a-z]{4}Q~[a-z]{3}")
    assert (pattern.back, pattern.hints) == ((4,), ("Q~",))
    assert pattern.regex.match("abcdQ~efg")
