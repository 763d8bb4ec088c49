"""Whatever an agent calls its files, a table has the cells that it should have, with that text in them and nothing else."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from occasio_github.markdown import MOST_CHARACTERS, NOTHING, cell, table

RENDERED = MarkdownIt("commonmark", {"html": True}).enable("table")
HOSTILE = [
    "a|b",
    "a\\|b",
    "`a` ``b``",
    "[x](https://evil.test)",
    "![x](https://evil.test/p.png)",
    "<img src=x onerror=alert(1)>",
    "</code></td><script>alert(1)</script>",
    "<!-- ",
    "# heading\n\n- list",
    "a\n| b | c |\n|---|---|",
    "**bold** _it_ ~~no~~",
    "@octocat #1 https://evil.test www.evil.test",
    "&lt;b&gt; &#60;b&#62;",
    "::set-output name=x::y",
    "$x$ $$y$$",
]


def cells(text: str) -> list[str]:
    """Return the HTML of the cells of a table of one row, two columns: `text`, and a word of ours."""
    page = RENDERED.render(table(("A", "B"), [(cell(text), "ours")]))
    assert page.count("<tr>") == 2, page
    return re.findall(r"<td>(.*?)</td>", page, re.DOTALL)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_stays_a_name(text: str) -> None:
    first, second = cells(text)
    assert second == "ours"
    inner = re.fullmatch(r"<code>([^<>]*)</code>", first)
    assert inner and html.unescape(inner[1]) == " ".join(text.split())


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_is_one_cell_and_no_markup(text: str) -> None:
    first, second = cells(text)
    assert second == "ours"
    assert first == NOTHING or re.fullmatch(r"<code>[^<>]*</code>", first)


def test_what_would_not_be_seen_or_would_turn_the_line_is_shown_as_unknown() -> None:
    assert cell("a\u202egnp.exe\u200b\x00") == "<code>a\ufffdgnp&#46;exe\ufffd\ufffd</code>"


def test_a_long_text_is_cut() -> None:
    assert cell("x" * 1000) == f"<code>{'x' * (MOST_CHARACTERS - 1)}…</code>"


@pytest.mark.parametrize("text", ["", None, " \n "])
def test_nothing_is_a_dash(text: str | None) -> None:
    assert cell(text) == NOTHING
