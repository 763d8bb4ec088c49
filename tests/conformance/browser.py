"""A headless Chromium for the tests of pages: Debian's, driven by Playwright.  Knows nothing of any page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REQUIRED = "OCCASIO_REQUIRE_BROWSER"  # set to 1: a missing browser is a failure
INSTALL = "apt-get install chromium, and pip install --group browser"

_NAMES = ("chromium", "chromium-browser", "google-chrome")

# no sandbox where the tests run as root; the rest keeps a browser from looking for its maker's servers
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser; where there is none the test is skipped, or fails if it must be there."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("Playwright is not installed")
    if path is None:
        _missing("there is no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _missing(why: str) -> None:
    message = f"{why}: {INSTALL}"
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(message)
    pytest.skip(message)
