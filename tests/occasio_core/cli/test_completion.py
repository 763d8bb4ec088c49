"""`occasio completion SHELL` prints what the shell itself then completes by."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from occasio_core.cli import exit_code

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return a PATH on which `occasio` is this one."""
    program = tmp_path / "bin" / "occasio"
    program.parent.mkdir()
    code = "import sys; sys.argv[0] = 'occasio'; from occasio_core.cli import main; main()"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return f"{program.parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_commands_and_options(path: str) -> None:
    asked = """eval "$(occasio completion bash)"
        complete_() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _occasio_completion occasio; echo "${COMPREPLY[@]}"; }
        complete_ occasio audi; complete_ occasio audit ver; complete_ occasio bundle --ru"""
    done = subprocess.run(
        ["bash", "--norc", "-c", asked], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n") == ["audit", "verify", "--run", ""]


@pytest.mark.parametrize(("shell", "check"), [("zsh", "-n"), ("fish", "--no-execute")])
def test_other_shells_can_read_what_is_printed(
    shell: str, check: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    assert exit_code(["completion", shell]) == 0
    script = tmp_path / "completion"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    done = subprocess.run([shell, check, str(script)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_shell_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["completion", "csh"]) == 2
    assert "csh" in capsys.readouterr().err.splitlines()[0]
