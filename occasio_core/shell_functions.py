"""The lines in a shell's start-up file by which an agent's command runs governed, put in and taken out.

Pure: a file's bytes in, a file's bytes out; what is not between our marks stays byte for byte.  Knows what each shell
calls a function and how it quotes.  A function is no gate: whoever calls the program by its path goes around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from occasio_core.errors import OccasioError

BEGIN = "# >>> occasio >>>"
END = "# <<< occasio <<<"
_JOINED = " the line above had no end"  # what we gave it is taken back
_NOTE = "# Taken out by: occasio unregister"


class Shell(StrEnum):
    """The shells that are known."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


class StartupFileError(OccasioError):
    """Raised for a file in which our lines are not as we write them."""


@dataclass(frozen=True, slots=True)
class _Parts:
    before: bytes
    agents: tuple[str, ...]
    after: bytes
    is_joined: bool = False


def registered(data: bytes, shell: Shell, program: str, agents: Iterable[str]) -> bytes:
    """Return the file with the functions of these agents too; `program` is Occasio's path.

    Raises `StartupFileError` for what cannot be read.
    """
    parts = _parts(data, shell)
    if not parts.agents and parts.before and not parts.before.endswith(b"\n"):
        parts = _Parts(parts.before + b"\n", (), parts.after, is_joined=True)
    return _joined(parts, shell, program, sorted({*parts.agents, *agents}))


def unregistered(data: bytes, shell: Shell, program: str, agents: Iterable[str] = ()) -> bytes:
    """Return the file without the functions of these agents, or of all.  Raises `StartupFileError`."""
    parts = _parts(data, shell)
    leaving = set(agents)
    staying = [name for name in parts.agents if leaving and name not in leaving]
    if staying or not parts.agents:
        return _joined(parts, shell, program, staying)
    # what somebody has written behind our lines since needs the end of line, too
    before = parts.before.removesuffix(b"\n") if parts.is_joined and not parts.after else parts.before
    return before + parts.after


def agents_in(data: bytes, shell: Shell) -> tuple[str, ...]:
    """Return the agents whose functions are in the file.  Raises `StartupFileError`."""
    return _parts(data, shell).agents


def _joined(parts: _Parts, shell: Shell, program: str, agents: Sequence[str]) -> bytes:
    if not agents:
        return parts.before + parts.after
    begin = BEGIN + _JOINED if parts.is_joined else BEGIN
    lines = [begin, _NOTE, *(line for name in agents for line in _FUNCTIONS[shell](name, program)), END]
    return parts.before + "".join(f"{line}\n" for line in lines).encode() + parts.after


def _parts(data: bytes, shell: Shell) -> _Parts:
    """Return what is before, in and behind our lines."""
    lines = data.splitlines(keepends=True)
    begins = [at for at, line in enumerate(lines) if line.startswith(BEGIN.encode())]
    ends = [at for at, line in enumerate(lines) if line.startswith(END.encode())]
    if not begins and not ends:
        return _Parts(data, (), b"")
    if len(begins) != 1 or len(ends) != 1 or begins[0] > ends[0]:
        line = (begins + ends)[-1] + 1
        raise StartupFileError(
            f"line {line}: the marks of Occasio's lines do not stand in pairs",
            hint=f"take out everything from `{BEGIN}` to `{END}` by hand",
        )
    (begin,), (end,) = begins, ends
    agents = _agents(lines[begin + 1 : end], shell, begin + 2)
    is_joined = lines[begin].decode().rstrip().endswith(_JOINED)
    return _Parts(b"".join(lines[:begin]), agents, b"".join(lines[end + 1 :]), is_joined)


def _agents(lines: Sequence[bytes], shell: Shell, first: int) -> tuple[str, ...]:
    """Return the agents that our lines name; others than ours, of whichever path, are not among them."""
    agents: list[str] = []
    for number, line in enumerate(lines, first):
        text = line.decode("utf-8", errors="replace").rstrip("\r\n")
        found = _NAMES[shell].fullmatch(text)
        if found:
            agents.append(found[1])
        elif text != _NOTE and not any(known.fullmatch(text) for known in _OTHERS[shell]):
            raise StartupFileError(
                f"line {number}: `{text}` is not what Occasio wrote there", hint="take the line out by hand"
            )
    return tuple(agents)


def _posix(name: str, program: str) -> list[str]:
    quoted = "'" + program.replace("'", "'\\''") + "'"
    # an alias would win over the function, and would be put in for its name
    return [f"unalias {name} 2>/dev/null || :", f'function {name} {{ {quoted} {name} "$@"; }}']


def _fish(name: str, program: str) -> list[str]:
    quoted = "'" + program.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return [f"function {name} --wraps {name}", f"    {quoted} {name} $argv", "end"]


def _powershell(name: str, program: str) -> list[str]:
    quoted = "'" + program.replace("'", "''") + "'"
    return [
        f"Remove-Item Alias:{name} -ErrorAction SilentlyContinue",
        f"function {name} {{ & {quoted} {name} @args }}",
    ]


_FUNCTIONS: dict[Shell, Callable[[str, str], list[str]]] = {
    Shell.BASH: _posix,
    Shell.ZSH: _posix,
    Shell.FISH: _fish,
    Shell.POWERSHELL: _powershell,
}
_POSIX_NAME = re.compile(r"function ([a-z]+) \{ '.*' \1 \"\$@\"; \}")
_POSIX_OTHERS = [re.compile(r"unalias [a-z]+ 2>/dev/null \|\| :")]
_NAMES = {
    Shell.BASH: _POSIX_NAME,
    Shell.ZSH: _POSIX_NAME,
    Shell.FISH: re.compile(r"function ([a-z]+) --wraps \1"),
    Shell.POWERSHELL: re.compile(r"function ([a-z]+) \{ & '.*' \1 @args \}"),
}
_OTHERS = {
    Shell.BASH: _POSIX_OTHERS,
    Shell.ZSH: _POSIX_OTHERS,
    Shell.FISH: [re.compile(r"    '.*' [a-z]+ \$argv"), re.compile(r"end")],
    Shell.POWERSHELL: [re.compile(r"Remove-Item Alias:[a-z]+ -ErrorAction SilentlyContinue")],
}
