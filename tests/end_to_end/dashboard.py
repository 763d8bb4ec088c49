"""A dashboard of a place, and its page in a real browser; nothing that goes wrong in it is passed over."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import DONE, Call, Turn
from tests.end_to_end.place import Place, ended

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AGENT = [sys.executable, "-m", "occasio_core.demo.agent", "go"]

# what would run, load, style or turn round if a page took it for more than text
HOSTILE = (
    '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script></script><svg/onload=window.hacked=1>'
    "javascript:window.hacked=1 &lt;b&gt; ${window.hacked=1} <style>*{display:none}</style> <a href=//example.com>x</a> "
    "\u202egnp.exe\u2066\u200b\u001b[31m\u2028</title></textarea><!--"
)

_WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', event => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));
"""


@dataclass
class Dashboard:
    """A dashboard that runs."""

    process: subprocess.Popen[str]
    urls: list[str] = field(default_factory=list)

    def url(self) -> str:
        """Return the link that opens the next page."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr and self.process.stderr.read()
        self.urls.append(str(json.loads(line)["url"]))
        return self.urls[-1]


@contextmanager
def dashboard(place: Place) -> Iterator[Dashboard]:
    """Provide a dashboard of the place."""
    with place.begun("dashboard", "--port", "0", "--json") as process:
        yield Dashboard(process)


@contextmanager
def page_of(
    browser: Browser, url: str, width: int = 1440, scheme: Any = "light", expected: Sequence[str] = ()
) -> Iterator[Page]:
    """Provide the page that the link opens, whatever the log holds; what it complains of must be `expected`."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.add_init_script(_WATCH)
    problems: list[str] = []
    base = url.partition("#")[0]
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on("console", lambda message: problems.append(f"console: {message.text}"))
    page.on("request", lambda request: None if request.url.startswith(base) else problems.append(request.url))
    page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
    page.goto(url)
    page.locator("#link .live").wait_for()
    yield page
    assert [problem for problem in problems if not any(part in problem for part in expected)] == []
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("window.violations") == []
    context.close()


def tile(page: Page, name: str) -> str:
    """Return what the tile of that name says."""
    return page.locator(".tiles > div", has=page.locator("dt", has_text=name)).locator("dd").first.inner_text()


@contextmanager
def run_of(place: Place, turns: Sequence[Turn]) -> Iterator[tuple[subprocess.Popen[str], ScriptedModel]]:
    """Start a governed run of the scripted agent."""
    with (
        ScriptedModel([*turns, DONE]) as model,
        place.begun("run", "--upstream", model.url, "--", *AGENT) as process,
    ):
        yield process, model


def whole_run(place: Place, turns: Sequence[Turn]) -> list[Request]:
    """Return what the model was asked in a run that has ended."""
    with run_of(place, turns) as (process, model):
        done = ended(process)
        assert done.returncode == 0, done.stderr
        return model.requests


def read(place: Place, *names: str) -> Turn:
    """Return a turn of the model in which files of the project are read."""
    return Turn(calls=[Call("Read", {"file_path": str(place.work / name)}) for name in names])
