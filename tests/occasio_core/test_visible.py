"""Nothing that a terminal would obey is left in a text, and what can be seen stays as it is."""

from __future__ import annotations

import pytest

from occasio_core.visible import printable, written_out

SEEN = ["", "a b", "Жé漢", 'it\'s "so" \\n']
UNSEEN = ["\x1b", "\r", "\n", "\x07", "\x9b", "\u202e", "\u2028", "\ud800", "\x7f"]


@pytest.mark.parametrize("text", SEEN)
def test_what_is_seen_stays(text: str) -> None:
    assert printable(text) == written_out(text) == text


@pytest.mark.parametrize("char", UNSEEN)
def test_what_a_terminal_would_obey_does_not(char: str) -> None:
    assert printable(f"a{char}b") == "a?b"
    assert written_out(f"a{char}b") == f"a{char.encode('unicode_escape').decode()}b"
    assert written_out(char).isprintable()


def test_what_a_caller_wants_beside_stays() -> None:
    assert printable("a\tb\nc\x1b", beside="\n\t") == "a\tb\nc?"
