"""Start-up files are found where shells look, and changed without losing anything."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from occasio_core.errors import OccasioError, UsageError
from occasio_core.shell_functions import Shell, StartupFileError
from occasio_core.startup_file import changed, shell_of, startup_file


@pytest.mark.parametrize(
    ("variable", "shell"),
    [("/bin/bash", Shell.BASH), ("/usr/bin/zsh", Shell.ZSH), ("fish", Shell.FISH), ("/opt/pwsh", Shell.POWERSHELL)],
)
def test_the_persons_shell_is_the_one_in_the_environment(variable: str, shell: Shell) -> None:
    assert shell_of({"SHELL": variable}) is shell


@pytest.mark.parametrize("environment", [{}, {"SHELL": "/bin/tcsh"}])
def test_another_shell_is_a_usage_error(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="is no shell that Occasio knows"):
        shell_of(environment)


@pytest.mark.parametrize(
    ("shell", "environment", "place"),
    [
        (Shell.BASH, {"HOME": "/h"}, "/h/.bashrc"),
        (Shell.ZSH, {"HOME": "/h"}, "/h/.zshrc"),
        (Shell.ZSH, {"HOME": "/h", "ZDOTDIR": "/z"}, "/z/.zshrc"),
        (Shell.FISH, {"HOME": "/h"}, "/h/.config/fish/config.fish"),
        (Shell.FISH, {"HOME": "/h", "XDG_CONFIG_HOME": "/c"}, "/c/fish/config.fish"),
        (Shell.POWERSHELL, {"HOME": "/h"}, "/h/.config/powershell/Microsoft.PowerShell_profile.ps1"),
    ],
)
def test_the_file_is_where_the_shell_looks(shell: Shell, environment: dict[str, str], place: str) -> None:
    assert startup_file(shell, environment) == Path(place)


def test_a_file_that_is_not_there_is_made_with_its_folder(tmp_path: Path) -> None:
    assert changed(tmp_path / "fish" / "config.fish", lambda data: data + b"x")
    assert (tmp_path / "fish" / "config.fish").read_bytes() == b"x"


def test_nothing_is_written_where_nothing_changes(tmp_path: Path) -> None:
    assert not changed(tmp_path / "fish" / "config.fish", lambda data: data)
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_one_and_a_mode_stays(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles", tmp_path / ".bashrc"
    real.write_bytes(b"a")
    real.chmod(0o664)
    link.symlink_to(real)
    assert changed(link, lambda data: data + b"b")
    assert link.is_symlink()
    assert (real.read_bytes(), stat.S_IMODE(real.stat().st_mode)) == (b"ab", 0o664)


@pytest.mark.parametrize("data", [b"a\0b", b"\xff\xfe"])
def test_what_is_not_text_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / ".bashrc").write_bytes(data)
    with pytest.raises(StartupFileError, match="bashrc` is not text"):
        changed(tmp_path / ".bashrc", lambda data: data + b"x")
    assert (tmp_path / ".bashrc").read_bytes() == data


def test_a_directory_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(OccasioError, match="cannot be changed"):
        changed(tmp_path, lambda data: data + b"x")
