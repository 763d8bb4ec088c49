"""The verifier in one file is small, the same wherever it is made, and needs nothing but Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import occasio_verify
from occasio_core.demo import portable
from occasio_core.demo.portable import write_verifier

SOURCES = Path(occasio_verify.__file__).parent
PORTABLE = Path(portable.__file__)


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("portable") / "occasio-verify.pyz"
    write_verifier(path)
    return path


def run(verifier: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(verifier), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_runs_without_anything_installed(verifier: Path) -> None:
    done = run(verifier, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Check an Occasio bundle, or a log, offline." in done.stdout


def test_its_exit_code_is_the_verifiers(verifier: Path) -> None:
    assert run(verifier, "nowhere").returncode == 2


def test_it_holds_the_sources_of_the_verifier_and_what_starts_it_and_nothing_else(verifier: Path) -> None:
    with zipfile.ZipFile(verifier) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held.pop("__main__.py")
    files = [*SOURCES.glob("*.py"), SOURCES / "trusted_root.json"]
    assert held == {f"occasio_verify/{path.name}": path.read_bytes() for path in files}


def test_it_is_small_enough_to_be_sent_along(verifier: Path) -> None:
    assert verifier.stat().st_size < 100_000


def test_the_same_sources_always_make_the_same_file(verifier: Path, tmp_path: Path) -> None:
    write_verifier(tmp_path / "other")
    assert (tmp_path / "other").read_bytes() == verifier.read_bytes()


def test_an_older_one_is_replaced(verifier: Path, tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"x" * 1_000_000)
    write_verifier(tmp_path / "old")
    assert (tmp_path / "old").read_bytes() == verifier.read_bytes()


def made(place: Path, mask: int, time: int) -> bytes:
    """Return what a copy of the sources at `place` makes, under another mask and with files of another age."""
    shutil.copytree(SOURCES, place / "occasio_verify", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PORTABLE.parents[1], place / "occasio_core", ignore=shutil.ignore_patterns("__pycache__"))
    for file in place.rglob("*.py"):
        file.chmod(0o666 & ~mask)
        os.utime(file, (time, time))
    command = [sys.executable, "-m", "occasio_core.demo.portable", str(place / "dist" / "verifier.pyz")]
    environment = {**os.environ, "PYTHONPATH": str(place), "TZ": f"UTC{mask - 20}"}
    subprocess.run(command, cwd=place, env=environment, umask=mask, check=True, capture_output=True)
    return (place / "dist" / "verifier.pyz").read_bytes()


def test_it_is_the_same_byte_for_byte_wherever_whenever_and_by_whom_it_is_made(verifier: Path, tmp_path: Path) -> None:
    ours = made(tmp_path / "here", 0o077, 1_000_000_000)
    theirs = made(tmp_path / "there" / "deeper", 0o002, 1_700_000_000)
    assert ours == theirs == verifier.read_bytes()


def test_make_writes_it_into_dist() -> None:
    makefile = (PORTABLE.parents[2] / "Makefile").read_text(encoding="utf-8")
    assert "python -m occasio_core.demo.portable dist/occasio-verify.pyz\n" in makefile
