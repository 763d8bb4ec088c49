"""A guide as something that runs: its files are written, its commands run one after the other, what they print is compared.

- A `console` block is a session in one shell: lines behind `$ ` are commands (a `\\` at the end goes on), those below are
  what is printed, error messages included.  `…` stands for any text within a line, and alone for any lines.  A command ends with
  status 0, unless its line says `# exits with N`.
- `<!-- file: PLACE -->` before any other block writes that block to PLACE.
- `<!-- not run: WHY -->` before a block leaves it out.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_BLOCK = re.compile(
    r"(?:^<!-- (?P<told>[^>]*) -->\n)?^```(?P<kind>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_EXITS = re.compile(r"\s+# exits with (\d+)$")
_MARK = "\x1e"
SECONDS = 300
_ANY = "(?:[^\n]*\n)*"


@dataclass(frozen=True, slots=True)
class Command:
    """One command, what it should print, and the status that it should end with."""

    text: str
    shown: tuple[str, ...]
    status: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """A file that the reader is told to write."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended and what it printed."""

    command: Command
    status: int
    printed: tuple[str, ...]

    @property
    def differs(self) -> str:
        """What is not as the guide says; empty if nothing."""
        if self.status != self.command.status:
            return f"exit {self.status}, not {self.command.status}"
        return "" if fits(self.command.shown, self.printed) else "other output"


def steps(text: str) -> Iterator[Command | File]:
    """Yield what a reader of a guide does, in order."""
    for block in _BLOCK.finditer(text):
        told = block["told"] or ""
        if told.startswith("not run: "):
            continue
        if told.startswith("file: "):
            yield File(told.removeprefix("file: ").strip(), block["text"])
        elif block["kind"] == "console":
            yield from _commands(block["text"].splitlines())


def _commands(lines: Sequence[str]) -> Iterator[Command]:
    text, shown = "", list[str]()
    continued = False
    for line in lines:
        if continued:
            text += f"\n{line}"
        elif line.startswith("$ "):
            if text:
                yield _command(text, shown)
            text, shown = line.removeprefix("$ "), []
        else:
            shown.append(line)
        continued = line.endswith("\\") and (continued or line.startswith("$ "))
    if text:
        yield _command(text, shown)


def _command(text: str, shown: Sequence[str]) -> Command:
    status = _EXITS.search(text)
    return Command(text[: status.start()] if status else text, tuple(shown), int(status[1]) if status else 0)


def carried_out(doing: Sequence[Command | File], place: Path, environment: Mapping[str, str]) -> list[Done]:
    """Write the files and run the commands in `place`, all in one shell."""
    script = []
    for step in doing:
        if isinstance(step, File):
            script.append(f"mkdir -p \"$(dirname '{step.place}')\"\ncat > '{step.place}' <<'\x1d'\n{step.text}\x1d")
        else:
            script.append(f"printf '{_MARK}'\n{step.text}\nprintf '{_MARK}%s' \"$?\"")
    done = subprocess.run(
        ["bash", "--norc", "-c", "exec 2>&1\n" + "\n".join(script)],
        cwd=place,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    pieces = done.stdout.split(_MARK)[1:]
    commands = [step for step in doing if isinstance(step, Command)]
    return [
        Done(
            command,
            int(status.split("\n")[0] or -1),
            tuple(printed.rstrip("\n").split("\n") if printed.strip() else ()),
        )
        for command, printed, status in zip(commands, pieces[::2], pieces[1::2], strict=False)
    ]


def fits(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Return whether what was printed is what is shown."""
    if not shown:
        return True  # a command without anything below it may print what it likes
    lines = [_ANY if line.strip() == "…" else _line(line) for line in shown]
    return re.fullmatch("".join(lines), "".join(f"{line.rstrip()}\n" for line in printed)) is not None


def _line(shown: str) -> str:
    return re.escape(shown.rstrip()).replace("…", "[^\n]*") + "\n"
