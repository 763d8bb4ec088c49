"""The logs that every surface is shown, and how a command is run on one of them."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from occasio_core import home as places
from occasio_core.cli import exit_code
from occasio_core.demo.attest import attest_demo
from tests.occasio_core.reading.logs import every_kind, written
from tests.samples import interleaved

LONG = 20_000  # rows


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def occasio(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return what runs `occasio ARGUMENTS` on the home that is given, at 80 columns."""

    def run(home: Path, *arguments: str, colour: bool = False) -> Ended:
        monkeypatch.setenv(places.VARIABLE, str(home))
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.delenv("NO_COLOR" if colour else "FORCE_COLOR", raising=False)
        monkeypatch.setenv("FORCE_COLOR" if colour else "NO_COLOR", "1")
        monkeypatch.chdir(tmp_path)
        capfd.readouterr()
        code = exit_code(arguments)
        return Ended(code, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a scripted agent ran under the real gate, proxy and writer, and its run was sealed."""
    path = tmp_path_factory.mktemp("demo")
    with _without_proxies():
        attest_demo(path.resolve(), Console(file=io.StringIO(), width=80))
    return path / "home"


@pytest.fixture(scope="session")
def every_kind_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose log has rows of every kind, at times that do not change."""
    home = tmp_path_factory.mktemp("every-kind")
    home.chmod(0o700)
    written(home, every_kind())
    return home


@pytest.fixture(scope="session")
def long_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a long log of several runs."""
    home = tmp_path_factory.mktemp("long")
    home.chmod(0o700)
    with places.log_path(home).open("wb") as file:
        file.writelines(line + b"\n" for line in interleaved(LONG))
    return home


def rows_of(home: Path) -> list[dict[str, Any]]:
    """Return the rows of the home's log, read the plain way."""
    return [json.loads(line) for line in places.log_path(home).read_bytes().splitlines()]


@contextmanager
def _without_proxies() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as around:
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            around.delenv(name)
        yield
