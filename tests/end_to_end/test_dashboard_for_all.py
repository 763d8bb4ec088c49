"""The dashboard without a mouse, without eyes, by day and by night, on a phone and on a wall."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.browser import chromium
from tests.end_to_end.dashboard import Dashboard, dashboard, page_of, read, run_of, whole_run
from tests.end_to_end.place import POLICY, Place, ended, prepared

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = Path(__file__).parents[1] / "npm" / "node_modules" / "axe-core" / "axe.min.js"
ASKING = f"{POLICY}tools:\n  Read: {{action: ASK}}\n"
needs_axe = pytest.mark.skipif(
    os.environ.get("OCCASIO_REQUIRE_NPM") != "1" and not AXE.exists(), reason="`npm ci --prefix tests/npm` was not run"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard of a home in which one run has ended and another waits for a person."""
    place: Place = prepared(tmp_path_factory.mktemp("for-all"))
    whole_run(place, [read(place, "notes.txt", "private/plans.txt"), read(place, "other.txt")])
    (place.occasio_home / "policy.yml").write_text(ASKING, encoding="utf-8")
    with (
        dashboard(place) as shown,
        run_of(place, [read(place, "third.txt")]) as (process, _),
    ):
        yield shown
        (question,) = json.loads(place.occasio("approvals", "list", "--json").stdout)
        assert place.occasio("approvals", "deny", question["approval_id"]).returncode == 0
        ended(process)


def shown(page: Page) -> Iterator[str]:
    """Show one view of the page after the other, with what opens in it, and yield what each is."""
    page.locator(".events [data-seq]").first.wait_for()
    page.get_by_role("heading", name="Waiting for you").wait_for()
    yield "overview"
    page.locator(".events summary").nth(1).click()
    page.locator(".events pre").wait_for()
    page.locator(".chart details summary").first.click()
    yield "opened"
    page.get_by_role("button", name="Let it run once …").click()
    yield "question"
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("link", name="Runs", exact=True).click()
    page.locator(".every-run a").last.wait_for()
    yield "runs"
    page.locator(".every-run a").last.click()
    page.locator(".events [data-seq]").first.wait_for()
    page.get_by_text("Every door saw").wait_for()
    yield "run"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_is_cut_off_at_any_width(browser: Browser, running: Dashboard, width: int, scheme: str) -> None:
    with page_of(browser, running.url(), width, scheme) as page:
        for view in shown(page):
            assert page.evaluate("document.documentElement.scrollWidth") <= width, view
            for button in page.get_by_role("button").all():
                if button.is_visible() and (box := button.bounding_box()):
                    assert box["x"] >= 0 and box["x"] + box["width"] <= width, (view, button.inner_text())


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_axe_finds_nothing_that_keeps_anybody_out(
    browser: Browser, running: Dashboard, width: int, scheme: str
) -> None:
    with page_of(browser, running.url(), width, scheme) as page:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for view in shown(page):
            found: Any = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == [], view
            assert len(found["passes"]) > 20, view


def test_all_is_reached_with_the_keyboard_and_the_focus_is_seen(browser: Browser, running: Dashboard) -> None:
    with page_of(browser, running.url()) as page:
        page.get_by_role("heading", name="Waiting for you").wait_for()
        page.locator(".events [data-seq]").first.wait_for()
        reached = []
        for _ in range(60):
            page.keyboard.press("Tab")
            found = page.evaluate(
                "() => { const at = document.activeElement, style = getComputedStyle(at);"
                "return [at.tagName, at.innerText?.split('\\n')[0] ?? '', style.outlineStyle, parseFloat(style.outlineWidth)]; }"
            )
            if found[0] == "BODY":
                break
            reached.append(found)
        assert all(style != "none" and width >= 2 for _, _, style, width in reached), reached
        names = [name for _, name, _, _ in reached]
        for name in (
            "Skip to the content",
            "Overview",
            "Runs",
            "Let it run once …",
            "Refuse …",
            "Week",
            "Blocked",
            "Pause",
            "All runs",
        ):
            assert name in names, (name, names)
        assert sum(tag == "SUMMARY" for tag, *_ in reached) >= 4


def test_a_question_is_answered_without_a_mouse(browser: Browser, running: Dashboard) -> None:
    with page_of(browser, running.url()) as page:
        page.get_by_role("button", name="Let it run once …").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.tagName") == "INPUT"
        page.keyboard.type("no")
        page.keyboard.press("Enter")
        assert page.get_by_role("dialog").is_visible()  # nothing was sent
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")
        assert page.evaluate("document.activeElement.innerText") == "Let it run once …"


def test_what_comes_is_announced_to_those_who_do_not_see_it(browser: Browser, running: Dashboard) -> None:
    with page_of(browser, running.url()) as page:
        page.get_by_role("heading", name="Waiting for you").wait_for()
        assert page.locator("#announced").get_attribute("role") == "status"
        page.wait_for_function("document.querySelector('#announced').innerText !== ''")
        assert page.locator("#announced").inner_text() == "A call of Read waits for your answer."
        assert "waits for you" in page.title()
        page.locator("[role=img]").nth(2).wait_for()  # the charts come with the sums, a moment later
        charts = page.locator("[role=img]").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
        assert charts[0].startswith("Calls over time: 2 passed") and len(charts) == 3
