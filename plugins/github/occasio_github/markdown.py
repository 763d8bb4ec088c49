"""Tables for GitHub's Markdown that say what the evidence says and can do nothing else.  Knows no evidence.

File names, commands and rules are the agent's to choose.  In a cell every character that Markdown or HTML could take
for more than text stands as a numeric reference, inside of `<code>`: no link, image, mention, heading, tag or further
cell can come of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

MOST_CHARACTERS = 256
NOTHING = "–"

_SPACES = {"\t", "\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85"}
_STEERING = {"Cc", "Cf", "Cs", "Co", "Cn"}  # controls, bidi and zero width, surrogates, and what no font has


def cell(text: str | None) -> str:
    """Return `text`, or its beginning, as the contents of one cell."""
    shown = " ".join("".join(map(_plain, clipped(text or ""))).split())
    return f"<code>{''.join(map(_reference, shown))}</code>" if shown else NOTHING


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are our own words, or come from `cell`."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def clipped(text: str) -> str:
    """Return `text` in at most `MOST_CHARACTERS` characters."""
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


def _plain(character: str) -> str:
    if character in _SPACES:
        return " "
    return "\ufffd" if unicodedata.category(character) in _STEERING else character


def _reference(character: str) -> str:
    return character if character == " " or character.isalnum() or not character.isascii() else f"&#{ord(character)};"
