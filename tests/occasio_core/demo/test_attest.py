"""The demo leaves evidence that verifies, shows evidence that does not, and fits a terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from occasio_verify import parse_row

COMMAND = [sys.executable, "-c", "from occasio_core.cli import main; main()", "demo", "attest"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the demo left, and what it printed."""
    out = tmp_path_factory.mktemp("demo")
    environment = os.environ | {"COLUMNS": "80", "ANTHROPIC_API_KEY": "the person's own", "NO_COLOR": "1"}
    done = subprocess.run(
        [*COMMAND, "--out", str(out)], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def verify(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "occasio-verify.pyz", *arguments]
    return subprocess.run(command, cwd=out, capture_output=True, text=True, check=False)


def test_the_bundle_the_key_and_the_log_are_left(shown: tuple[Path, str]) -> None:
    assert {"run.occasio.json", "demo.pub", "pipeline-events.jsonl"} <= {path.name for path in shown[0].iterdir()}


def test_the_bundle_verifies_with_the_standard_library_alone(shown: tuple[Path, str]) -> None:
    done = verify(shown[0], "run.occasio.json", "--key", "demo.pub")
    assert (done.returncode, done.stdout.split()[0]) == (0, "VERIFIED")


def test_the_changed_bundle_differs_in_one_byte_and_fails(shown: tuple[Path, str]) -> None:
    out, printed = shown
    one, other = ((out / name).read_bytes() for name in ("run.occasio.json", "tampered.occasio.json"))
    assert sum(left != right for left, right in zip(one, other, strict=True)) == 1
    assert verify(out, "tampered.occasio.json", "--key", "demo.pub").returncode == 1
    assert "row-hash" in printed


def test_the_log_that_is_left_is_whole(shown: tuple[Path, str]) -> None:
    assert verify(shown[0], "--log", "pipeline-events.jsonl", "--integrity-only").returncode == 0


def test_the_agent_was_refused_directly_by_a_link_by_dots_and_in_a_mixed_turn(shown: tuple[Path, str]) -> None:
    lines = (shown[0] / "pipeline-events.jsonl").read_bytes().split(b"\n")[:-1]
    calls = [row.fields for row in map(parse_row, lines) if row.kind == "tool_call"]
    assert [call["action"] for call in calls] == ["PASS", "BLOCK", "BLOCK", "BLOCK", "PASS", "BLOCK", "PASS"]


def test_nothing_of_the_denied_file_is_in_the_bundle(shown: tuple[Path, str]) -> None:
    assert b"90000" not in (shown[0] / "run.occasio.json").read_bytes()


def test_the_secret_that_was_read_is_in_neither_bundle_nor_output(shown: tuple[Path, str]) -> None:
    token = (shown[0] / "project" / "deploy.log").read_text(encoding="utf-8").split()[3]
    assert token.encode() not in (shown[0] / "run.occasio.json").read_bytes()
    assert token not in shown[1]


def test_what_is_printed_fits_a_terminal_without_colour(shown: tuple[Path, str]) -> None:
    out, printed = shown
    assert "\x1b" not in printed
    unbroken = re.compile(f"{re.escape(str(out))}|{re.escape(sys.executable)}|[0-9a-f]{{64}}")
    assert [line for line in printed.split("\n") if len(line) > 80 and not unbroken.search(line)] == []


def test_the_demo_can_be_shown_again_in_the_same_folder(shown: tuple[Path, str]) -> None:
    done = subprocess.run([*COMMAND, "--out", str(shown[0])], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_verifier_in_one_file_reports_for_programs_too(shown: tuple[Path, str]) -> None:
    report = json.loads(verify(shown[0], "run.occasio.json", "--key", "demo.pub", "--json").stdout)
    assert report["verdict"] == "VERIFIED"
