"""The viewer, as a person uses it: one page from a disk, in a real browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.browser import chromium
from tests.conformance.vectors import CONFORMANCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

VIEWER = CONFORMANCE / "javascript" / "viewer"
PAGE = VIEWER / "index.html"
WIDTHS = (360, 800, 1280)

# what would run, load or turn round if a page took it for more than text
HOSTILE = (
    '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script></script><svg/onload=window.hacked=1>'
    "{{constructor.constructor('window.hacked=1')()}} javascript:window.hacked=1 &lt;b&gt; ${window.hacked=1} "
    "\u202egnp.exe\u2066\u200b\u0000\u001b[31m\u2028\ufeff\U000e0041</title></style></textarea><!--"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `occasio demo attest` leaves: a real run, its key, and the same with one byte changed."""
    place = tmp_path_factory.mktemp("viewer") / "demo-out"
    command = [sys.executable, "-m", "occasio_core", "demo", "attest", "--out", str(place)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return place


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The viewer, opened from the disk in a browser without a network; nothing that goes wrong in it is passed over."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(f"error: {error}"))
    opened.on("console", lambda message: problems.append(f"console: {message.text}"))
    opened.on(
        "request", lambda request: None if request.url.startswith(("file:", "blob:")) else problems.append(request.url)
    )
    opened.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
    opened.goto(PAGE.as_uri())
    yield opened
    assert problems == []
    assert opened.evaluate("window.hacked") is None
    context.close()


def given(page: Page, *files: Path) -> None:
    """Open files as with the file picker, and wait for what the page says."""
    page.set_input_files("#files", [str(file) for file in files])
    page.locator("#status[aria-busy=false]").wait_for()


def part(page: Page, title: str) -> Locator:
    return page.locator("section.card", has=page.get_by_role("heading", name=title, exact=True))


def bundle_of(
    tmp_path: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], policy: str | None = None
) -> Path:
    """Write a whole and consistent bundle of the rows that `change` makes of a sample run's."""
    run = json.loads(_python("from generator import rows\njson.dump(rows.whole_run(), sys.stdout)\n", {}))
    made = _python(
        "from generator import bundles, rows\n"
        "text = given['policy'] or rows.POLICY_TEXT\n"
        "run = [rows.policy_loaded(text=text) if row['kind'] == 'policy_loaded' else row for row in given['rows']]\n"
        "made = bundles.unsigned(rows.placed(run))\n"
        "made['policy_snapshot'] = bundles.policy(text)\n"
        "sys.stdout.buffer.write(bundles.file(bundles.completed(made)))\n",
        {"rows": change(run), "policy": policy},
    )
    path = tmp_path / "made.occasio.json"
    path.write_bytes(made)
    return path


def _python(script: str, given: dict[str, Any]) -> bytes:
    """Run a script beside the generator of vectors, whose package is importable from there alone."""
    command = [sys.executable, "-c", "import json, sys\ngiven = json.load(sys.stdin)\n" + script]
    return subprocess.run(
        command, cwd=CONFORMANCE, input=json.dumps(given).encode(), check=True, capture_output=True
    ).stdout


def many(rows: list[dict[str, Any]], calls: int) -> list[dict[str, Any]]:
    """Return the run with so many calls more, every tenth of them refused."""
    passed = next(row for row in rows if row.get("action") == "PASS")
    refused = next(row for row in rows if row.get("action") == "BLOCK")
    added = [{**(refused if i % 10 == 0 else passed), "call_id": f"call-{i}"} for i in range(calls)]
    return [*rows[:3], *added, *rows[-2:]]


def hostile(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the run with every text in it that may say anything being hostile."""
    free = {
        "rule",
        "reason",
        "message",
        "tool_name",
        "call_id",
        "transform",
        "command",
        "cwd",
        "model",
        "chain_file",
        "branch",
    }

    def changed(value: Any, name: str | None = None) -> Any:
        if isinstance(value, dict):
            return {key: changed(inner, key) for key, inner in value.items()}
        if name == "effects":
            return [f"read {HOSTILE}"]
        if name in {"secret_labels", "enforcement_points"}:
            return [HOSTILE]
        return HOSTILE if name in free and isinstance(value, str) else value

    def one(row: dict[str, Any]) -> dict[str, Any]:
        return row if row["kind"] in {"git_state", "policy_loaded"} else changed(row)

    calls = [
        one(row) | {"tool_inputs": {HOSTILE: HOSTILE, "path": HOSTILE}} for row in rows if row["kind"] == "tool_call"
    ]
    return [*(one(row) for row in rows[:-1] if row["kind"] != "tool_call"), *calls, rows[-1]]


def test_the_page_is_what_its_parts_make() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    made = subprocess.run(
        [
            node,
            "--input-type=module",
            "-e",
            f"import {{ page }} from {json.dumps((VIEWER / 'build.js').as_uri())}; process.stdout.write(page())",
        ],
        check=True,
        capture_output=True,
    )
    assert made.stdout == PAGE.read_bytes(), "make viewer"


def test_a_real_run_is_verified_with_its_key(page: Page, demo: Path) -> None:
    given(page, demo / "run.occasio.json", demo / "demo.pub")
    assert page.inner_text("#status") == "Checked: VERIFIED"
    assert "signed by the key demo.pub" in part(page, "VERIFIED").inner_text()
    assert page.locator(".checks li.pass").count() == 10
    assert "What no bundle shows" in part(page, "VERIFIED").inner_text()
    assert "deny_paths" in part(page, "Policy").inner_text()


def test_what_was_refused_is_shown_with_its_rule(page: Page, demo: Path) -> None:
    given(page, demo / "run.occasio.json")
    blocked = part(page, "Blocked")
    assert blocked.locator("li").count() == 4
    assert "salaries.csv — deny_paths: " in blocked.locator("li").first.inner_text().replace("\n", " ")


def test_without_a_key_it_is_intact_and_says_what_to_do(page: Page, demo: Path) -> None:
    given(page, demo / "run.occasio.json")
    assert page.inner_text("#status") == "Checked: INTACT"
    assert "open the public key" in part(page, "INTACT").inner_text()
    given(page, demo / "demo.pub")
    assert page.inner_text("#status") == "Checked: VERIFIED"
    page.get_by_role("button", name="Remove demo.pub").click()
    page.get_by_text("Checked: INTACT").wait_for()


def test_a_file_that_is_not_taken_leaves_no_verdict_until_it_is_removed(page: Page, demo: Path, tmp_path: Path) -> None:
    (tmp_path / "trust.json").write_text('{"schema":"occasio-trust/v1"}', encoding="utf-8")
    given(page, demo / "run.occasio.json", demo / "demo.pub", tmp_path / "trust.json")
    assert "not taken" in page.inner_text("#status") and page.locator(".verdict").count() == 0
    page.get_by_role("button", name="Remove trust.json").click()
    page.get_by_text("Checked: VERIFIED").wait_for()


def test_another_key_than_the_signers_is_a_failure(page: Page, demo: Path) -> None:
    given(page, demo / "run.occasio.json", CONFORMANCE / "vectors" / "keys" / "bob.pub")
    assert page.inner_text("#status") == "Checked: FAILED"
    assert "signer-mismatch" in page.locator(".checks li.fail").inner_text()


def test_a_changed_byte_is_shown_as_claimed_and_recomputed(page: Page, demo: Path) -> None:
    given(page, demo / "tampered.occasio.json", demo / "demo.pub")
    assert page.inner_text("#status") == "Checked: FAILED"
    found = part(page, "Claimed and recomputed").inner_text()
    claimed = json.loads((demo / "run.occasio.json").read_text(encoding="utf-8"))
    assert claimed["chain_slice"][6]["hash"] in found
    assert "row 6: hash" in found and "manifest.chain_slice_sha256" in found
    assert page.get_by_text("It is not shown to be true.").count() == 1
    assert page.locator(".basis", has_text="verified").count() == 0


def test_a_forged_count_is_shown_beside_the_true_one(page: Page, demo: Path, tmp_path: Path) -> None:
    forged = json.loads((demo / "run.occasio.json").read_text(encoding="utf-8"))
    forged["attestation"]["execution_summary"]["blocked"] = 0
    path = tmp_path / "forged.json"
    path.write_text(
        json.dumps(forged, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )
    given(page, path)
    found = (
        part(page, "Claimed and recomputed")
        .locator("li", has_text="attestation.execution_summary.blocked")
        .inner_text()
    )
    assert found.split()[-4:] == ["claimed", "0", "recomputed", "4"]


def test_a_row_tells_all_of_itself_when_it_is_opened_with_the_keyboard(page: Page, demo: Path) -> None:
    given(page, demo / "run.occasio.json")
    page.locator("section.card li summary").first.focus()
    page.keyboard.press("Enter")
    shown = page.locator("section.card li details[open] .body").inner_text()
    assert "path-denied" in shown and '"run_seq":' in shown


def test_files_can_be_dropped_on_the_page(page: Page, demo: Path) -> None:
    texts = {name: (demo / name).read_text(encoding="utf-8") for name in ("run.occasio.json", "demo.pub")}
    page.evaluate(
        "texts => { const moved = new DataTransfer();"
        "for (const [name, text] of Object.entries(texts)) moved.items.add(new File([text], name));"
        "document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: moved, bubbles: true, cancelable: true})); }",
        texts,
    )
    page.get_by_text("Checked: VERIFIED").wait_for()


def test_nothing_in_a_hostile_bundle_runs_loads_or_turns_round(page: Page, tmp_path: Path) -> None:
    given(page, bundle_of(tmp_path, hostile, policy=HOSTILE))
    assert page.inner_text("#status") == "Checked: INTACT", page.inner_text("#report")[:3000]
    page.get_by_role("button", name="All rows").click()
    for summary in page.locator("section.card li summary").all():
        summary.click()
    shown = page.inner_text("#report")
    assert "<img src=x onerror=" in shown
    assert "U+202E" in shown and "U+2028" in shown and "U+E0041" in shown
    assert not set(shown) & set("\u202e\u2066\u200b\x00\x1b\u2028\ufeff\U000e0041")
    assert page.locator("#report img, #report script, #report svg, #report style, #report a").count() == 0


def test_a_hostile_file_name_and_a_hostile_file_are_told_as_text(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=window.hacked=1>\u202e.json"
    path.write_text(json.dumps({"schema": HOSTILE}), encoding="utf-8")
    given(page, path)
    assert page.inner_text("#status") == "Not a bundle"
    assert page.locator("#loaded .control").inner_text() == "U+202E"


@pytest.mark.parametrize("text", ["{", '{"a":1,"a":2}', '{"schema":"occasio-bundle/v1"}'])
def test_what_is_no_well_formed_bundle_is_failed_by_its_format_alone(page: Page, tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text, encoding="utf-8")
    given(page, tmp_path / "file")
    assert page.inner_text("#status") == "Checked: FAILED"
    assert page.locator(".checks li.fail").count() == 1
    assert page.get_by_role("heading", level=2).all_inner_texts() == ["FAILED", "Checks"]


@pytest.mark.parametrize("text", ["", "no JSON", "{}", "[]", '{"schema":"occasio-bundle/v2"}'])
def test_what_is_no_bundle_has_no_verdict(page: Page, tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text, encoding="utf-8")
    given(page, tmp_path / "file")
    assert page.inner_text("#status").startswith(("Not a bundle", "A file was not taken"))
    assert page.locator(".VERIFIED, .INTACT").count() == 0


def test_the_policy_of_the_page_stops_what_is_put_into_it_all_the_same(browser: Browser) -> None:
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.goto(PAGE.as_uri())
    tries = {
        "markup": "document.body.innerHTML = '<b>x</b>'",
        "attribute": "document.body.setAttribute('onclick', 'window.hacked = 1')",
        "script": "const script = document.createElement('script'); script.text = 'window.hacked = 1'; document.body.append(script)",
        "address": "new Worker('data:text/javascript,1')",
    }
    for name, code in tries.items():
        refused = opened.evaluate(f"() => {{ try {{ {code}; return ''; }} catch (error) {{ return error.name; }} }}")
        assert refused == "TypeError", name
    assert opened.evaluate("window.hacked") is None
    context.close()


def test_a_run_of_ten_thousand_calls_keeps_the_page_quick(page: Page, tmp_path: Path) -> None:
    path = bundle_of(tmp_path, lambda rows: many(rows, 10_000))
    given(page, path)
    assert page.inner_text("#status") == "Checked: INTACT"
    timeline = part(page, "Timeline")
    assert timeline.locator("li").count() == 300  # as many as a person reads, whatever the length of the run
    timeline.get_by_role("button", name="Show more").click()
    assert timeline.locator("li").count() == 600
    timeline.get_by_role("searchbox").fill("call-9990")
    assert timeline.locator("li").count() == 1


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_at_any_width(browser: Browser, demo: Path, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    opened = context.new_page()
    opened.goto(PAGE.as_uri())
    given(opened, demo / "tampered.occasio.json")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_page_is_usable_without_a_mouse_and_without_eyes(page: Page, demo: Path) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "files"
    given(page, demo / "run.occasio.json")
    assert page.evaluate("document.activeElement.id") == "report"
    names = page.get_by_role("heading", level=2).all_inner_texts()
    assert names == ["INTACT", "Checks", "In sum", "Blocked", "Timeline", "Policy"]
    assert page.get_by_role("button", name="Calls", pressed=True).count() == 1
    assert (
        page.evaluate(
            "[...document.querySelectorAll('button, input')].filter((it) => !it.labels?.length && !it.textContent && !it.ariaLabel).length"
        )
        == 0
    )


def test_it_says_that_sigstore_is_for_the_command_line(page: Page) -> None:
    assert "Sigstore signatures are not: they are for the command line" in page.inner_text("footer")
