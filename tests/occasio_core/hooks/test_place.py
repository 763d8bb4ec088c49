"""The program is put into Occasio's home, and agents start it without anything that a project could bring."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from occasio_core.hooks import thin
from occasio_core.hooks.place import command_line, interpreter, place_thin


def test_the_program_is_the_one_of_this_version(tmp_path: Path) -> None:
    path = place_thin(tmp_path)
    assert path.read_bytes() == Path(thin.__file__).read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("another\n", encoding="utf-8")
    assert place_thin(tmp_path).read_bytes() == Path(thin.__file__).read_bytes()


def test_the_command_line_stands_alone(tmp_path: Path) -> None:
    home = tmp_path / "with space"
    words = shlex.split(command_line(home / "hook.py", "codex", home=home, wait=50))
    assert words[1:] == ["-I", "-S", f"{home}/hook.py", "--agent", "codex", "--wait", "50", "--home", str(home)]
    assert "--home" not in command_line(home / "hook.py", "codex", home=None, wait=50)


def test_the_interpreter_is_below_any_virtual_environment() -> None:
    assert Path(interpreter()).is_file()
    assert not Path(interpreter()).is_relative_to(sys.prefix) or sys.prefix == sys.base_prefix
