"""Runner and vectors as one file need nothing beside it, and are the same bytes every time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.layout.source import ROOT

SCRIPT = ROOT / "conformance" / "portable.py"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portable") / "occasio-conformance.pyz"
    subprocess.run([sys.executable, "-I", "-S", str(SCRIPT), str(path)], check=True)
    return path


def test_it_runs_alone_and_finds_its_vectors(suite: Path) -> None:
    client = [sys.executable, str(ROOT / "conformance" / "occasio_verify_client.py")]
    command = [
        sys.executable,
        "-I",
        "-S",
        str(suite),
        "--only",
        "bundle-signed",
        "--only",
        "merkle-root",
        "--",
        *client,
    ]
    done = subprocess.run(command, cwd=suite.parent, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "merkle-root: " in done.stdout and "bundle: 1 of 1" in done.stdout


def test_the_same_vectors_make_the_same_bytes(suite: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pyz"
    subprocess.run([sys.executable, str(SCRIPT), str(again)], check=True)
    assert again.read_bytes() == suite.read_bytes()


def test_without_a_file_it_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "usage: python conformance/portable.py FILE\n")
