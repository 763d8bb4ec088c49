"""The dashboard as a person uses it: in a real browser, of real runs, while they go on."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from occasio_core.scripted.turn import Call, Turn
from tests.conformance.browser import chromium
from tests.end_to_end.dashboard import HOSTILE, Dashboard, dashboard, page_of, read, run_of, tile, whole_run
from tests.end_to_end.place import POLICY, RULE, Place, ended, prepared

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ASKING = f"{POLICY}tools:\n  Read: {{action: ASK, message: It is about tea.}}\n"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return prepared(tmp_path)


@contextmanager
def opened(browser: Browser, place: Place, **how: Any) -> Iterator[tuple[Page, Dashboard]]:
    with dashboard(place) as running, page_of(browser, running.url(), **how) as page:
        yield page, running


def test_the_link_leaves_the_address_and_no_trace_but_in_its_tab(browser: Browser, place: Place) -> None:
    with opened(browser, place) as (page, running):
        link = running.urls[0].partition("#")[2]
        assert page.url.endswith("/#/")
        assert page.evaluate("history.length") <= 2
        kept = page.evaluate(
            "[document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.referrer]"
        )
        assert kept[0] == "" and kept[1] == "{}" and kept[3] == ""
        assert link not in str(kept) and link not in page.content()
        page.reload()
        page.locator("#link .live").wait_for()


def test_a_page_without_a_link_shows_nothing(browser: Browser, place: Place) -> None:
    whole_run(place, [read(place, "notes.txt")])
    with opened(browser, place, expected=["401"]) as (page, running):
        other = page.context.new_page()
        for address in (running.urls[0], running.urls[0].partition("#")[0]):
            other.goto("about:blank")
            other.goto(address)
            other.get_by_role("heading", name="This page is not open").wait_for()
            assert "notes.txt" not in other.content()


def test_the_numbers_are_those_of_the_terminal(browser: Browser, place: Place) -> None:
    whole_run(place, [read(place, "notes.txt", "private/plans.txt"), read(place, "shortcut.txt")])
    told = json.loads(place.occasio("status", "--json").stdout)
    sums = told["counters"]
    with opened(browser, place) as (page, _):
        page.locator(".events [data-seq]").first.wait_for()
        assert (tile(page, "calls"), tile(page, "blocked"), tile(page, "runs")) == ("3", "2", "1")
        shown = {
            name: int(tile(page, name).replace(",", ""))
            for name in ("calls", "blocked", "secrets", "findings", "runs", "tokens")
        }
        tokens = sum(sums[f"{name}_tokens"] for name in ("input", "output", "cache_read", "cache_write"))
        assert shown == {
            "calls": sums["calls"],
            "blocked": sums["blocked"],
            "secrets": sums["secrets"] + sums["told_secrets"],
            "findings": sums["findings"],
            "runs": sums["runs"],
            "tokens": tokens,
        }
        assert page.locator("#health").inner_text() == f"{told['log']['rows']} rows verified"
        log = page.locator("section.card", has=page.get_by_role("heading", name="Log", exact=True)).inner_text()
        assert told["log"]["last_hash"] in log.replace("\n", "")
        assert "the log extends it" in log


def test_what_was_refused_is_shown_with_its_rule_and_how_to_unblock_it(browser: Browser, place: Place) -> None:
    whole_run(place, [read(place, "private/plans.txt")])
    with opened(browser, place) as (page, _):
        page.get_by_role("button", name="Blocked").click()
        blocked = page.locator(".events [data-seq]")
        blocked.first.wait_for()
        assert blocked.count() == 1
        told = blocked.inner_text()
        assert "plans.txt" in told and RULE in told and 'To unblock: add `- "!./private"` to `deny_paths`' in told


def test_a_run_is_seen_while_it_goes_on(browser: Browser, place: Place) -> None:
    (place.occasio_home / "policy.yml").write_text(ASKING, encoding="utf-8")
    with opened(browser, place) as (page, _):
        page.get_by_text("No run yet.").wait_for()
        with run_of(place, [read(place, "private/plans.txt"), read(place, "notes.txt")]) as (process, _model):
            page.locator(".events .BLOCK").wait_for()  # decided, and the run goes on: it waits for a person
            page.get_by_role("heading", name="Waiting for you").wait_for()
            assert page.locator(".runs .state").inner_text() == "running"
            page.get_by_role("button", name="Refuse …").click()
            page.get_by_role("button", name="Refuse it").click()
            assert ended(process).returncode == 0
        page.locator(".runs .state", has_text="ended").wait_for()
        page.locator(".events [data-seq]").nth(1).wait_for()
        assert page.locator(".events .action").all_inner_texts() == ["BLOCK", "BLOCK"]


@pytest.mark.parametrize("granted", [True, False])
def test_what_waits_is_answered_on_the_page_and_the_real_call_goes_on(
    browser: Browser, place: Place, granted: bool
) -> None:
    (place.occasio_home / "policy.yml").write_text(ASKING, encoding="utf-8")
    with opened(browser, place) as (page, _), run_of(place, [read(place, "notes.txt")]) as (process, model):
        waiting = page.get_by_role("region", name="Waiting for you")
        waiting.get_by_role("button", name="Let it run once …" if granted else "Refuse …").click()
        dialog = page.get_by_role("dialog")
        told = dialog.inner_text()
        assert "notes.txt" in told and "It is about tea." in told and str(place.work) in told
        if granted:
            send = dialog.get_by_role("button", name="Let it run once")
            assert send.is_disabled()
            page.keyboard.type("yes")  # the field for it has the focus
        else:
            send = dialog.get_by_role("button", name="Refuse it")
        dialog.get_by_label("What the model is told").fill("as agreed on Monday")
        send.click()
        dialog.wait_for(state="hidden")
        assert ended(process).returncode == 0
        results = [result for request in model.requests for result in request.results.values()]
        waiting.wait_for(state="hidden")
        page.get_by_role("button", name="Approvals").click()
        page.locator(".events .granted" if granted else ".events .denied").wait_for()
    assert ("tea at four" in str(results)) == granted
    assert granted or "as agreed on Monday" in str(results)
    rows = {row.kind: row.fields for row in place.rows()}
    answer = rows["approval_granted" if granted else "approval_denied"]
    assert answer["method"] == "dashboard"
    assert rows["tool_call"]["action"] == ("PASS" if granted else "BLOCK")


def test_a_question_that_was_answered_elsewhere_leaves_the_page(browser: Browser, place: Place) -> None:
    (place.occasio_home / "policy.yml").write_text(ASKING, encoding="utf-8")
    with opened(browser, place) as (page, _), run_of(place, [read(place, "notes.txt")]) as (process, _model):
        page.get_by_role("button", name="Let it run once …").click()
        (question,) = json.loads(place.occasio("approvals", "list", "--json").stdout)
        assert place.occasio("approvals", "deny", question["approval_id"]).returncode == 0
        page.get_by_role("dialog").wait_for(state="hidden")
        page.get_by_role("region", name="Waiting for you").wait_for(state="hidden")
        assert ended(process).returncode == 0


ASKS = """
import json, sys, urllib.error, urllib.request
base, page, approval, digest = json.load(open("leaked.json"))
def said(path, given=None):
    headers = {"authorization": f"Bearer {page}", "content-type": "application/json", "origin": base}
    data = None if given is None else json.dumps(given).encode()
    try:
        return urllib.request.urlopen(urllib.request.Request(base + path, data=data, headers=headers)).status
    except urllib.error.HTTPError as error:
        return [error.code, json.load(error)["error"]]
print(json.dumps([said("/api/state"), said(f"/api/approvals/{approval}", {"answer": "approve", "digest": digest})]))
"""


def leak(place: Place, page: Page, running: Dashboard) -> str:
    """Leave in the project all that an answer takes, and a program that gives it; return the approval's id."""
    page.get_by_role("heading", name="Waiting for you").wait_for()
    (question,) = json.loads(place.occasio("approvals", "list", "--json").stdout)
    secret = page.evaluate("sessionStorage.getItem('occasio-page')")
    leaked = [running.urls[0].partition("/#")[0], secret, question["approval_id"], question["digest"]]
    (place.work / "leaked.json").write_text(json.dumps(leaked), encoding="utf-8")
    (place.work / "asks.py").write_text(ASKS, encoding="utf-8")
    return str(question["approval_id"])


def test_a_program_of_the_person_that_has_all_it_takes_may_answer(browser: Browser, place: Place) -> None:
    (place.occasio_home / "policy.yml").write_text(ASKING, encoding="utf-8")
    with opened(browser, place) as (page, running), run_of(place, [read(place, "notes.txt")]) as (process, _model):
        leak(place, page, running)
        done = subprocess.run([sys.executable, "asks.py"], cwd=place.work, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == [200, 200]
        assert ended(process).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="who started whom is told by Linux's /proc")
@pytest.mark.parametrize("detached", [False, True])
def test_an_agent_that_has_all_it_takes_is_refused(browser: Browser, place: Place, detached: bool) -> None:
    """Hole 73, by this door: the address, the secret of a page, the question and its digest are known to an agent."""
    (place.occasio_home / "policy.yml").write_text(ASKING, encoding="utf-8")
    with opened(browser, place) as (page, running), run_of(place, [read(place, "notes.txt")]) as (process, _model):
        approval_id = leak(place, page, running)
        command = ["setsid", "-w", sys.executable, "asks.py"] if detached else [sys.executable, "asks.py"]
        agents = place.occasio("run", "--", *command)
        assert agents.returncode == 0, agents.stderr
        for status, told in json.loads(agents.stdout):
            assert status == 403 and "is a process of the agent of run" in told
        assert page.get_by_role("heading", name="Waiting for you").is_visible()
        assert place.occasio("approvals", "deny", approval_id).returncode == 0
        assert ended(process).returncode == 0


def test_texts_of_an_agent_are_shown_as_text(browser: Browser, place: Place) -> None:
    path = f"{place.work}/{HOSTILE[:100]}"
    calls = [
        Call(HOSTILE[:60].replace(" ", "_"), {"file_path": HOSTILE}),
        Call("Read", {"file_path": path}),
        Call("Bash", {"command": f"echo '{HOSTILE}'"}),
        Call("Bash", {"command": f"cat {place.work}/private/$({HOSTILE})"}),
    ]
    whole_run(place, [Turn(text=HOSTILE, calls=calls)])
    with opened(browser, place) as (page, _):
        page.get_by_role("button", name="All rows").click()
        page.locator(".events [data-seq]").nth(8).wait_for()
        page.get_by_role("button", name="Calls").click()
        page.locator(".events li:nth-child(5)").wait_for(state="detached")
        for summary in page.locator(".events summary").all():
            summary.click()
        page.locator(".events pre").nth(3).wait_for()
        shown = page.inner_text("#content")
        assert "<img" in shown and "onerror=" in shown and "<script>" in shown
        assert not set(shown) & set("\u202e\u2066\u200b\x1b\u2028")
        assert page.locator("#content img, #content script, #content svg, #content style, #content iframe").count() == 0
        assert page.locator("a[href*='example.com'], a[href^='javascript']").count() == 0


def test_a_hostile_question_is_shown_as_text(browser: Browser, place: Place) -> None:
    policy = 'version: 1\nidentity_approval:\n  echo: {command_regex: "^echo", message: "<b>bold</b>"}\n'
    (place.occasio_home / "policy.yml").write_text(policy, encoding="utf-8")
    call = Turn(calls=[Call("Bash", {"command": f"echo '{HOSTILE}'"})])
    with opened(browser, place) as (page, _), run_of(place, [call]) as (process, _model):
        page.get_by_role("button", name="Let it run once …").click()
        shown = page.get_by_role("dialog").inner_text()
        assert "<b>bold</b>" in shown and "<img src=x onerror=" in shown and "U+202E" in shown
        assert page.locator("dialog img, dialog script, dialog svg, dialog b, dialog style").count() == 0
        page.get_by_role("button", name="Not now").click()
        page.get_by_role("button", name="Refuse …").click()
        page.get_by_role("button", name="Refuse it").click()
        assert ended(process).returncode == 0


def test_rows_do_not_move_under_who_reads_them(browser: Browser, place: Place) -> None:
    whole_run(place, [read(place, "notes.txt")])
    with opened(browser, place) as (page, _):
        page.locator(".events summary").first.click()
        first = page.locator(".events [data-seq]").first.get_attribute("data-seq")
        whole_run(place, [read(place, "other.txt", "third.txt")])
        page.get_by_role("button", name="Show 2 new").wait_for()
        assert page.locator(".events [data-seq]").first.get_attribute("data-seq") == first
        page.get_by_role("button", name="Show 2 new").click()
        page.locator(".events li:nth-child(3)").wait_for()
        assert page.locator(".events [data-seq]").last.get_attribute("data-seq") == first


def test_a_page_that_is_paused_goes_on_where_it_was(browser: Browser, place: Place) -> None:
    with opened(browser, place) as (page, _):
        page.get_by_role("button", name="Pause").click()
        whole_run(place, [read(place, "notes.txt")])
        page.get_by_role("button", name="Show 1 new").wait_for()
        assert page.locator(".events [data-seq]").count() == 0
        page.get_by_role("button", name="Pause").click()
        page.locator(".events [data-seq]").wait_for()


def test_one_run_shows_its_timeline_its_coverage_and_what_its_bundle_is_worth(browser: Browser, place: Place) -> None:
    whole_run(place, [read(place, "notes.txt", "private/plans.txt")])
    rows = place.rows()
    with opened(browser, place) as (page, _):
        page.get_by_role("link", name="Runs", exact=True).click()
        page.locator(".every-run a").click()
        page.locator(".events [data-seq]").nth(len(rows) - 1).wait_for()
        assert page.locator(".events [data-seq]").count() == len(rows)
        assert page.locator(".events .action").first.inner_text() == "started"
        assert page.get_by_text("Every door saw what it should have of 2 calls.").is_visible()
        page.get_by_role("button", name="Make a bundle and verify it").click()
        page.locator(".verdict").wait_for(timeout=60_000)
        assert page.locator(".verdict").inner_text().startswith("INTACT")
        assert page.locator(".checks li.fail").count() == 0
        assert page.locator(".checks li").count() == 10


def test_a_damaged_log_is_said_at_once_and_shown_up_to_the_damage(browser: Browser, place: Place) -> None:
    whole_run(place, [read(place, "notes.txt")])
    lines = place.log.read_bytes().split(b"\n")
    lines[7] = lines[7].replace(b'"seq":7', b'"seq":8')
    place.log.write_bytes(b"\n".join(lines))
    with opened(browser, place) as (page, _):
        warning = page.locator(".banner")
        warning.wait_for()
        assert "the log is damaged at line 8" in warning.inner_text()
        assert page.locator("#health").inner_text() == "the log is damaged"


def test_a_dashboard_that_ends_is_missed(browser: Browser, place: Place) -> None:
    with opened(browser, place, expected=["ERR_"]) as (page, running):
        running.process.terminate()
        page.get_by_text("Not connected; trying again …").wait_for()


def test_another_site_cannot_ask_nor_frame_it(browser: Browser, place: Place) -> None:
    with opened(browser, place) as (page, running), other_site() as site:
        base, secret = running.urls[0].partition("#")[0], page.evaluate("sessionStorage.getItem('occasio-page')")
        evil = page.context.new_page()
        evil.goto(site)
        tried = evil.evaluate(
            "async ([base, secret]) => { const answers = [];"
            "for (const options of [{}, {mode: 'no-cors'}, {headers: {authorization: `Bearer ${secret}`}}])"
            "  answers.push(await fetch(`${base}api/state`, options).then(a => `${a.type} ${a.status}`, e => e.name));"
            "const frame = document.createElement('iframe'); frame.src = base; document.body.append(frame);"
            "await new Promise(done => frame.addEventListener('load', done));"
            "try { answers.push(String(frame.contentDocument)) } catch (error) { answers.push(error.name) }"
            "return answers; }",
            [base, secret],
        )
        assert tried[0] == "TypeError" and tried[2] == "TypeError"
        assert tried[1] in {"TypeError", "opaque 0"}  # sent, refused, and nothing of it can be read
        assert evil.frames[1].url.startswith("chrome-error:")


@contextmanager
def other_site() -> Iterator[str]:
    """Provide the address of a site of somebody else's on this machine."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>other</title><link rel=icon href=data:,><p>other</p>")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
