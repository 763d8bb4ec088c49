"""`occasio conformance run` puts a command under the vectors, wherever they are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from occasio_core.cli import exit_code
from tests.layout.source import ROOT

pytestmark = pytest.mark.usefixtures("home")

CLIENT = [sys.executable, str(ROOT / "conformance" / "occasio_verify_client.py")]
YES = [sys.executable, str(ROOT / "conformance" / "selftest_client.py")]


def test_a_verifier_passes(capfd: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["conformance", "run", "--only", "canonical", "--", *CLIENT]) == 0
    assert capfd.readouterr().out.splitlines()[-1].endswith(" passed, 0 failed")


def test_what_says_yes_to_everything_fails(capfd: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["conformance", "run", "--only", "parse", "--skip-op", "row", "--", *YES]) == 1
    assert "FAILED parse-" in capfd.readouterr().out


def test_globs_that_fit_nothing_are_wrong_use(capfd: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["conformance", "run", "--only", "nonsense", "--", *CLIENT]) == 2
    assert "no case fits" in capfd.readouterr().err


def test_a_folder_without_vectors_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["conformance", "run", "--suite", str(tmp_path), "--", *CLIENT]) == 2
    assert capsys.readouterr().err.startswith(f"occasio: there are no vectors in {tmp_path}\nhint: --suite ")


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["conformance", "run"]) == 2
    assert "COMMAND" in capsys.readouterr().err
