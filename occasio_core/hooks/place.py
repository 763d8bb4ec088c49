"""Where the program of a hook is, and the command line that starts it.

It is copied into Occasio's home, which no agent may write to, and run by the interpreter itself, not by one that an
agent's project could bring.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from occasio_core.files import write_whole
from occasio_core.hooks import thin

NAME = "hook.py"  # by this the entries are known that are ours


def place_thin(place: Path) -> Path:
    """Put the program into the home `place`, if it is not there as it should be; return where it is."""
    path, data = place / NAME, Path(thin.__file__).read_bytes()
    if not path.is_file() or path.read_bytes() != data:
        write_whole(path, data, 0o600)
    return path


def command_line(program: Path, agent: str, *, home: Path | None, wait: int) -> str:
    """Return what the agent starts; without `home` the program looks in that of the user who runs it."""
    words = [interpreter(), "-I", "-S", str(program), "--agent", agent, "--wait", str(wait)]
    return shlex.join([*words, "--home", str(home)] if home is not None else words)


def interpreter() -> str:
    """Return the interpreter below any virtual environment: it starts sooner, and no project holds it."""
    base = getattr(sys, "_base_executable", "") or sys.executable
    return str(Path(base).resolve())
