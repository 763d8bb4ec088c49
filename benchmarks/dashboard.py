"""The dashboard on a long log, while rows come: how smooth the page stays, beside the same page on an empty log.

`python benchmarks/dashboard.py [--rows N] [--events PER_SECOND] [--seconds S] [--place DIR]`.  A real Chromium shows the overview while rows are
appended to the log; the log is made by the row maker of the tests.  Told are: the first reading, which builds the index;
how long the page takes from its link to its rows; the time between two frames and tasks of more than 50 ms; how long a row takes from the
log to the page; what the page and the server hold; and pages of rows and charts over the whole log.  Without Chromium and Playwright there is nothing to measure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure
from occasio_core import home as places
from tests.samples import interleaved

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

FEW = 100  # rows of the log beside it

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]

# Frames, long tasks, and when each row was drawn.
_WATCH = """
window.seen = { frames: [], tasks: [], rows: {} };
let last = performance.now();
const frame = now => { window.seen.frames.push(now - last); last = now; requestAnimationFrame(frame); };
requestAnimationFrame(frame);
new PerformanceObserver(found => { for (const task of found.getEntries()) window.seen.tasks.push(task.duration); }).observe({ type: 'longtask' });
new MutationObserver(found => {
  for (const change of found) for (const node of change.addedNodes)
    if (node.dataset?.seq !== undefined) window.seen.rows[node.dataset.seq] ??= Date.now();
}).observe(document, { childList: true, subtree: true });
"""
_ASKED = """async what => {
  const headers = { authorization: `Bearer ${sessionStorage.getItem('occasio-page')}` };
  const begun = performance.now();
  await (await fetch(`/api/${what}`, { headers })).arrayBuffer();
  return performance.now() - begun;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=50, help="rows appended in a second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--place", type=Path, help="where the log is made (default: a directory for temporary files)")
    asked = parser.parse_args()
    path = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        print("nothing measured: Chromium and Playwright are needed (pip install --group browser)")
        return
    with tempfile.TemporaryDirectory(dir=asked.place) as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        few, many = (
            Measured(browser, Path(place) / str(rows), rows, asked.events, asked.seconds) for rows in (FEW, asked.rows)
        )
        tell(few, many, asked)
        browser.close()


class Measured:
    """What was seen of one log of so many rows, to which `events` a second were added for `seconds`."""

    def __init__(self, browser: Browser, home: Path, rows: int, events: int, seconds: float) -> None:
        home.mkdir(mode=0o700)
        log, lines = places.log_path(home), interleaved(rows + int(events * seconds) + 1)
        with log.open("wb") as file:
            file.writelines(line + b"\n" for line in islice(lines, rows))
        begun = time.perf_counter()
        status = [str(Path(sysconfig.get_path("scripts")) / "occasio"), "status"]
        subprocess.run(status, env=_environment(home), check=True, capture_output=True)
        self.indexed = time.perf_counter() - begun
        self.rows = rows
        with _dashboard(home) as (process, url), _page(browser) as page:
            begun = time.perf_counter()
            page.goto(url)
            page.locator(".events [data-seq]").first.wait_for()
            self.opened = time.perf_counter() - begun
            page.wait_for_timeout(1000)  # the charts, and what the browser does after loading
            page.evaluate("seen.frames.length = seen.tasks.length = 0")
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable")
            self.before = _held(session, process.pid)
            written = self._appended(page, log, lines, rows, events, seconds)
            self.seen: dict[str, Any] = page.evaluate("seen")
            self.after = _held(session, process.pid)
            self.drawn = sorted(at - written[int(seq)] for seq, at in self.seen["rows"].items() if int(seq) in written)
            self.written = len(written)
            addresses = {
                "the newest rows": "rows?show=all",
                "rows of the middle": f"rows?show=all&before={rows // 2}",
                "refused calls of the middle": f"rows?show=blocked&before={rows // 2}",
                "charts of all": "series?span=all",
                "the state": "state",
            }
            self.asked = {
                name: statistics.median(page.evaluate(_ASKED, what) for _ in range(5))
                for name, what in addresses.items()
            }

    @staticmethod
    def _appended(
        page: Page, log: Path, lines: Iterator[bytes], first: int, events: int, seconds: float
    ) -> dict[int, float]:
        """Append rows in even steps; return when each call was written, in milliseconds since 1970."""
        written: dict[int, float] = {}
        begun = time.perf_counter()
        with log.open("ab", buffering=0) as file:
            for number, line in enumerate(islice(lines, int(events * seconds))):
                page.wait_for_timeout(max(0, (begun + number / events - time.perf_counter()) * 1000))
                file.write(line + b"\n")
                if b'"kind":"tool_call"' in line:
                    written[first + number] = time.time() * 1000
        page.wait_for_timeout(1000)
        return written


@contextmanager
def _dashboard(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "occasio_core", "dashboard", "--port", "0", "--json"]
    with subprocess.Popen(command, env=_environment(home), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(_WATCH)
    yield page
    context.close()


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, places.VARIABLE: str(home)}


def _held(session: CDPSession, process: int) -> dict[str, float]:
    """Return what page and server hold (megabytes, and nodes), and for how long the page has worked (seconds)."""
    session.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    busy = {name: metrics[f"{title}Duration"] for name, title in (("tasks", "Task"), ("scripts", "Script"))}
    return {"heap": metrics["JSHeapUsedSize"] / 1e6, "nodes": metrics["Nodes"], "server": resident / 1024, **busy}


def tell(few: Measured, many: Measured, asked: argparse.Namespace) -> None:
    """Print everything, the empty log first."""
    print(f"{asked.events} rows a second for {asked.seconds:.0f} s, shown in Chromium at 1440 pixels")
    print(f"{'':34}{few.rows:>14,} rows{many.rows:>14,} rows")
    rows: list[tuple[str, str, Sequence[float]]] = [
        ("first reading, builds the index", "s", [one.indexed for one in (few, many)]),
        ("from the link to the rows", "ms", [one.opened * 1000 for one in (few, many)]),
        ("between two frames, p50", "ms", [statistics.median(one.seen["frames"]) for one in (few, many)]),
        ("between two frames, p99", "ms", [_high(one.seen["frames"], 99) for one in (few, many)]),
        ("between two frames, most", "ms", [max(one.seen["frames"]) for one in (few, many)]),
        ("tasks of more than 50 ms", "", [len(one.seen["tasks"]) for one in (few, many)]),
        ("calls written", "", [one.written for one in (few, many)]),
        ("calls drawn", "", [len(one.drawn) for one in (few, many)]),
        ("from the log to the page, p50", "ms", [statistics.median(one.drawn) for one in (few, many)]),
        ("from the log to the page, p95", "ms", [_high(one.drawn, 95) for one in (few, many)]),
    ]
    for name, what in (("tasks", "page at work"), ("scripts", "of this scripts")):
        share = [(one.after[name] - one.before[name]) / asked.seconds * 100 for one in (few, many)]
        rows.append((what, "%", share))
    for name, unit in (("heap", "MB"), ("nodes", ""), ("server", "MB")):
        rows.append((f"{name}, before", unit, [one.before[name] for one in (few, many)]))
        rows.append((f"{name}, after", unit, [one.after[name] for one in (few, many)]))
    rows += [(f"answer: {name}", "ms", [one.asked[name] for one in (few, many)]) for name in many.asked]
    for name, unit, values in rows:
        print(f"{name:34}" + "".join(f"{value:>14,.1f} {unit:4}" for value in values))
    frames = _high(many.seen["frames"], 99)
    figure(
        f"dashboard, between two frames, p99, {many.rows:,} rows",
        frames,
        "ms",
    )
    drawn = statistics.median(many.drawn)
    figure(
        f"dashboard, from the log to the page, p50, {many.rows:,} rows",
        drawn,
        "ms",
        beside="a log of 100 rows",
        ratio=drawn / statistics.median(few.drawn),
    )


def _high(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


if __name__ == "__main__":
    main()
