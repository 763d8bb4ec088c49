"""Texts that are known, and how far."""

from __future__ import annotations

import pytest

from occasio_shell.values import MAX_TEXT, State, Word, is_secret, lines, listed, names_a_secret, state_of, text_of


def test_the_worst_part_tells_the_state_of_all():
    assert state_of([Word("a"), Word("", State.REMOTE), Word("b", State.LOCAL)]) is State.REMOTE
    assert state_of([]) is State.KNOWN


def test_output_is_text_line_by_line():
    output = (Word("a\nb"), Word("c"))
    assert text_of(output) == "a\nb\nc"
    assert [word.text for word in lines(output)] == ["a", "b", "c"]


def test_one_secret_makes_all_of_it_secret():
    assert is_secret([Word("a"), Word("", secret=True)])
    assert not is_secret([Word("a")])


def test_another_text_keeps_the_state_and_is_no_pattern():
    word = Word("*", State.LOCAL, wild=True, secret=True).with_text("b")
    assert (word.text, word.state, word.wild, word.secret) == ("b", State.LOCAL, False, True)
    assert len(word.with_text("x" * (MAX_TEXT + 1)).text) == MAX_TEXT


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "npm_token"]
)
def test_these_variables_hold_secrets(name):
    assert names_a_secret(name)


@pytest.mark.parametrize("name", ["PATH", "HOME", "NODE_ENV", "KEYBOARD", "MONKEY", "EDITOR"])
def test_these_do_not(name):
    assert not names_a_secret(name)


def test_a_table_of_names_is_text():
    assert listed(" a\n b ") == ("a", "b")
