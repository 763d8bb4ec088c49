"""What the page is made of: our own files, and one library that is exactly what its makers published."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from occasio_dashboard.files import HEADERS, PAGE, POLICY, page_files

ROOT = Path(__file__).parents[3]
FOLDER = Path(__file__).parents[1] / "occasio_dashboard" / "page"
README = Path(__file__).parents[1] / "README.md"
VIEWER = ROOT / "conformance" / "javascript" / "viewer"
NPM = ROOT / "tests" / "npm"

# uPlot 1.6.32 (MIT), as published to npm
PUBLISHED = {
    "uPlot.LICENSE": ("LICENSE", "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd"),
    "uPlot.iife.min.js": ("dist/uPlot.iife.min.js", "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"),
    "uPlot.min.css": ("dist/uPlot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
}


def test_the_page_and_all_that_it_asks_for_is_there() -> None:
    asked = {PAGE}
    texts = {name: file.body.decode() for name, file in page_files().items() if not name.startswith("uPlot")}
    asked |= set(re.findall(r'(?:href|src)="([\w.]+\.\w+)"', texts[PAGE]))
    for name, text in texts.items():
        if name.endswith(".js"):
            asked |= {f"{module}.js" for module in re.findall(r'from "\./(\w+)\.js"', text)}
    assert asked == set(page_files())


def test_nothing_is_asked_for_elsewhere_and_nothing_stands_inline() -> None:
    for name, file in page_files().items():
        if name.startswith("uPlot") or name.endswith(".svg"):
            continue
        text = file.body.decode()
        assert not re.search(
            r"https?://|//cdn|@import|url\(|innerHTML|outerHTML|insertAdjacentHTML|eval\(|cookie =", text
        ), name
    page = page_files()[PAGE].body.decode()
    assert not re.search(r"<style|<script(?![^>]* src=)|\son\w+=|\sstyle=", page)


def test_every_file_is_told_as_what_it_is() -> None:
    kinds = {name.rpartition(".")[2]: file.content_type for name, file in page_files().items()}
    assert kinds == {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


def test_the_browser_is_told_to_allow_nothing_but_this_server() -> None:
    allowed = dict(directive.split(" ", 1) for directive in POLICY.split("; "))
    assert allowed.pop("default-src") == "'none'"
    assert {name for name, source in allowed.items() if source == "'self'"} == {
        "script-src",
        "style-src",
        "img-src",
        "connect-src",
    }
    assert "unsafe" not in POLICY
    assert HEADERS["Referrer-Policy"] == "no-referrer"
    assert not any(name.lower().startswith("access-control") for name in HEADERS)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_library_is_the_published_one(name: str) -> None:
    where, digest = PUBLISHED[name]
    kept = (FOLDER / name).read_bytes()
    assert hashlib.sha256(kept).hexdigest() == digest
    assert f"| `{name}` | `{where}` | `{digest}` |" in README.read_text(encoding="utf-8")
    installed = NPM / "node_modules" / "uplot" / where
    if installed.exists():
        assert installed.read_bytes() == kept
        assert json.loads((NPM / "package.json").read_text(encoding="utf-8"))["dependencies"]["uplot"] == "1.6.32"


@pytest.mark.parametrize("name", ["elements.js", "visible.js"])
def test_texts_of_others_are_shown_as_the_viewer_shows_them(name: str) -> None:
    assert (FOLDER / name).read_bytes() == (VIEWER / name).read_bytes()
