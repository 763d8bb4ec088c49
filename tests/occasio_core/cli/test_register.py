"""What `occasio register` writes has real shells run an agent governed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from occasio_core.cli import exit_code

SHELLS = {"bash": [".bashrc"], "zsh": [".zshrc"], "fish": [".config", "fish", "config.fish"]}
# what a person may have had: an alias wins over functions, and spoils the definition of one
ALIAS = "alias claude='echo not governed'\n"


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, and a `claude` in PATH that says what it was given and whom it would ask."""
    fake = tmp_path / "bin" / "claude"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\nprintf "<%s>" "$@"\necho " $ANTHROPIC_BASE_URL"\nexit 7\n', encoding="utf-8")
    fake.chmod(0o755)
    for name in ("ZDOTDIR", "XDG_CONFIG_HOME", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OCCASIO_HOME", str(tmp_path / "occasio"))
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(shell: str, line: str) -> tuple[int, str]:
    """Return how the line ends and what it prints in a new shell, its start-up file read."""
    program = shutil.which(shell) or pytest.skip(f"{shell} is not installed")
    command = [program, *([] if shell == "fish" else ["-i"]), "-c", line]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, start_new_session=True)
    return done.returncode, done.stdout


@pytest.mark.skipif(shutil.which("occasio", path=sysconfig.get_path("scripts")) is None, reason="not installed")
@pytest.mark.parametrize("shell", list(SHELLS))
def test_a_shell_runs_the_agent_governed_and_then_not_any_more(shell: str, person: Path) -> None:
    file = person.joinpath(*SHELLS[shell])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(ALIAS, encoding="utf-8")
    assert exit_code(["register", "--shell", shell]) == 0
    code, said = typed(shell, "claude 'a b' --x")
    assert code == 7
    assert said.startswith("<a b><--x> http://127.0.0.1:")
    assert exit_code(["unregister", "--shell", shell]) == 0
    assert file.read_text(encoding="utf-8") == ALIAS


def test_the_shell_is_the_persons(
    person: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELL", "/bin/zsh")
    assert exit_code(["register", "claude", "gemini"]) == 0
    assert "function gemini {" in (person / ".zshrc").read_text(encoding="utf-8")
    assert exit_code(["register", "gemini"]) == 0
    assert "was there already" in capsys.readouterr().err
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert exit_code(["register"]) == 2
    assert "hint: --shell, with one of: bash, zsh, fish, powershell" in capsys.readouterr().err


def test_a_file_that_somebody_edited_is_refused_and_stays(person: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["register", "--shell", "bash"]) == 0
    file = person / ".bashrc"
    edited = file.read_text(encoding="utf-8").replace("# <<<", "echo mine\n# <<<")
    file.write_text(edited, encoding="utf-8")
    assert exit_code(["unregister", "--shell", "bash"]) == 1
    assert "`echo mine` is not what Occasio wrote there\nhint: take the line out by hand" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == edited


@pytest.mark.parametrize("arguments", [["register", "mini"], ["register", "--shell", "tcsh"]])
def test_what_is_not_known_is_a_usage_error(arguments: list[str], person: Path) -> None:
    assert exit_code(arguments) == 2
