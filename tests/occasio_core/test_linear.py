import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.linear import MAX_PATTERN, linear_pattern


def test_a_pattern_finds_what_it_says():
    assert linear_pattern(r"\bb+\b").finds("a bbb c")
    assert not linear_pattern(r"\bb+\b").finds("abbb")


def test_any_case_ignores_case():
    assert linear_pattern("secret", any_case=True).finds("a SECRET")
    assert not linear_pattern("secret").finds("a SECRET")


def test_lines_let_an_anchor_stand_at_each_line():
    assert list(linear_pattern("^b$", lines=True).spans("a\nb\nc")) == [(2, 3)]
    assert not linear_pattern("^b$").finds("a\nb\nc")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab\n é€😀\ud800", max_size=40))
def test_spans_are_those_of_characters(text):
    assert list(linear_pattern("a+b|é|😀").spans(text)) == [found.span() for found in re.finditer("a+b|é|😀", text)]


def test_an_empty_match_is_no_span():
    assert list(linear_pattern("x*").spans("aba")) == []


@pytest.mark.parametrize("text", ["(?=a)b", r"(a)\1", "a(", "*", "a{2000}", "\ud800"])
def test_what_re2_does_not_take_is_told_in_one_line(text, capfd):
    with pytest.raises(ValueError, match=r"^.+$"):
        linear_pattern(text)
    assert capfd.readouterr().err == ""


def test_a_pattern_too_long_is_refused():
    with pytest.raises(ValueError, match="more than"):
        linear_pattern("a" * (MAX_PATTERN + 1))


def test_a_pattern_that_would_explode_elsewhere_does_not_here():
    assert not linear_pattern(r"(a+)+$").finds("a" * 50_000 + "b")


def test_the_first_match_in_bytes_is_found_from_any_place_on():
    pattern = linear_pattern("^b*", lines=True)
    assert pattern.find(b"a\nbb") == (0, 0)
    assert pattern.find(b"a\nbb", 1) == (2, 4)
    assert pattern.find(b"a\nbb", 3) is None
    assert linear_pattern("é.").find("xé\xff".encode("latin-1") + "éa".encode()) == (3, 6)
