"""A dashboard of a home, asked as its page asks it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from occasio_core import home as places


@contextmanager
def served(home: Path) -> Iterator[Callable[[str], Any]]:
    """Provide what a page that was just opened gets for an address below `/api/`."""
    command = [sys.executable, "-m", "occasio_core", "dashboard", "--port", "0", "--json"]
    environment = {**os.environ, places.VARIABLE: str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base, _, link = json.loads(process.stdout.readline())["url"].partition("/#")
            page = _asked(f"{base}/api/open", {"Origin": base}, {"link": link})["page"]
            yield lambda what: _asked(f"{base}/api/{what}", {"Authorization": f"Bearer {page}"})
        finally:
            process.terminate()


def _asked(url: str, headers: dict[str, str], given: dict[str, str] | None = None) -> Any:
    data = None if given is None else json.dumps(given).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as answer:
        return json.load(answer)
