"""An expression of ripgrep finds the same here, or is an error; test_like_ripgrep.py compares with the real one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from occasio_files.patterns import PatternError, pattern_of


def found(pattern, text, **how):
    span = pattern_of(pattern, **how).compiled.find(text.encode())
    return None if span is None else text.encode()[slice(*span)].decode()


@pytest.mark.parametrize(
    ("pattern", "text", "match"),
    [
        ("fo+", "xfoo", "foo"),
        (r"\w+", "é1_", "é1_"),
        (r"\d", "٣", "٣"),
        (r"\s", "a\u2003b", "\u2003"),
        (r"a\s", "a\nb", None),
        (r"[\s]", "\n", None),
        (r"[^a]", "a\nb", "b"),
        (r"\W", "é-", "-"),
        (r"\D", "1\nx", "x"),
        ("^b$", "a\nb\nc", "b"),
        (".", "\na", "a"),
        (r"\u0041|\u{42}|\U00000043", "C", "C"),
        (r"\{\}", "{}", "{}"),
        ("a{2}", "aaa", "aa"),
        ("[]a]", "]", "]"),
        ("[[:digit:]]", "5", "5"),
        (r"\p{Greek}", "aβ", "β"),
        (r"a\.b", "axb a.b", "a.b"),
    ],
)
def test_an_expression_finds(pattern, text, match):
    assert found(pattern, text) == match


def test_any_case_ignores_case():
    assert found("É", "é", any_case=True) == "é"


def test_many_lines_may_be_spanned():
    assert found("a.b", "a\nb", multiline=True) == "a\nb"
    assert found(r"a\nb", "a\nb", multiline=True) == "a\nb"
    assert found(r"a[\s]b", "a\nb", multiline=True) == "a\nb"


@pytest.mark.parametrize(
    ("pattern", "crosses"), [("ab", False), ("a.b", True), (r"\s", True), ("[^a]", True), ("^", True)]
)
def test_it_is_known_whether_a_match_may_span_lines(pattern, crosses):
    assert pattern_of(pattern, multiline=True).crosses is crosses
    assert pattern_of(pattern).crosses is False


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "[a",
        "a{",
        "x{}",
        "a\nb",
        r"a\nb",
        "(?=a)",
        r"(a)\1",
        r"\C",
        r"\Qa",
        r"\<a",
        "[a&&b]",
        "[[a]]",
        "\\",
        "a**",
        r"\b{start}",
    ],
)
def test_what_cannot_be_looked_for_is_an_error_in_one_line(pattern):
    with pytest.raises(PatternError) as error:
        pattern_of(pattern)
    assert "\n" not in str(error.value)


def test_a_pattern_that_would_explode_elsewhere_does_not_here():
    assert found("(a+)+$b", "a" * 50_000) is None


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("needle", b"needle"),
        (r"needle_\d+", b"needle_"),
        ("abc*", b"ab"),
        ("abc+", b"ab"),
        ("abc?d", b"ab"),
        ("abc{0,2}", b"ab"),
        ("a b(c)", b"a b"),
        ("abc|d", b""),
        ("(?:abc)", b""),
        ("^abc", b""),
        ("é", b""),
        ("aé", b"a"),
        ("a*", b""),
        (r"abc\|d", b""),
    ],
)
def test_the_text_that_every_match_begins_with_is_told_where_it_is_plain(text, literal):
    assert pattern_of(text).literal == literal


def test_in_any_case_no_text_is_certain():
    assert pattern_of("needle", any_case=True).literal == b""


@settings(max_examples=300, deadline=None)
@given(st.text("ab+*?|(){}1.^$", max_size=8), st.text("ab1\n", max_size=12).map(str.encode))
def test_what_holds_no_such_text_has_no_match(text, data):
    try:
        pattern = pattern_of(text)
    except PatternError:
        assume(False)
    if pattern.literal not in data:
        assert pattern.compiled.find(data) is None
