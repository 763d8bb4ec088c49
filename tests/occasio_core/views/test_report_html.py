"""A report as HTML loads nothing and runs nothing, whatever an agent called a file."""

from __future__ import annotations

from html.parser import HTMLParser

from occasio_core.reading import Health
from occasio_core.reading.health import Damage
from occasio_core.views.report_html import as_html, shown
from tests.occasio_core.views.reports import HOSTILE, hostile, report_of, run


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(report: object) -> Page:
    return Page("\n".join(as_html(report)))  # type: ignore[arg-type]


def test_nothing_in_the_page_loads_or_runs_anything() -> None:
    found = page(report_of(hostile().rows))
    expected = {"html", "head", "meta", "title", "style", "body", "h1", "p", "table", "caption", "thead", "tbody"}
    assert found.tags == expected | {"tr", "th", "td"}
    assert not [name for name in found.attributes if name.startswith("on") or name in ("src", "href")]


def test_what_an_agent_called_a_file_is_text() -> None:
    texts = page(report_of(hostile().rows)).texts
    assert [text for text in HOSTILE if text.isprintable() and text not in texts] == []
    assert not any("\x1b" in text for text in texts)


def test_every_event_is_in_the_page_by_its_row() -> None:
    report = report_of(run().rows)
    texts = page(report).texts
    assert [one.hash[:16] for one in report.events if one.hash[:16] not in texts] == []


def test_a_damaged_log_is_told_in_the_page() -> None:
    report = report_of(run().rows)
    report.health = Health(exists=True, rows=3, damage=Damage(4, "row-hash", "x"))
    assert 'class="bad">The log: the log is damaged at line 4 (row-hash)' in "\n".join(as_html(report))


def test_quotes_and_what_nobody_sees_are_escaped() -> None:
    assert shown("\"<&>'\u202e") == "&quot;&lt;&amp;&gt;&#x27;?"
