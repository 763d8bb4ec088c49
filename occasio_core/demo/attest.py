"""The demo's main job: run the agent, seal the run, verify the bundle, and show that a changed byte is noticed.

Everything but the agent and the model is what it is in earnest: the same proxy, gate, log, seal and verifier.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.padding import Padding
from rich.table import Table

from occasio_core import cli, running
from occasio_core import home as places
from occasio_core.demo.portable import write_verifier
from occasio_core.demo.project import TASK, script, write_policy, write_project
from occasio_core.errors import OccasioError
from occasio_core.scripted.model import ScriptedModel
from occasio_verify import Json, Row, parse_row

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
KEY = "default"
_INDENT = "   "


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the demo leaves what."""

    path: Path

    @property
    def home(self) -> Path:
        """Occasio's home for the demo."""
        return self.path / "home"

    @property
    def project(self) -> Path:
        """What the agent works on."""
        return self.path / "project"

    @property
    def bundle(self) -> Path:
        """The sealed run."""
        return self.path / "run.occasio.json"

    @property
    def public_key(self) -> Path:
        """The key to verify it with."""
        return self.path / "demo.pub"

    @property
    def verifier(self) -> Path:
        """The verifier as one file."""
        return self.path / "occasio-verify.pyz"

    @property
    def tampered(self) -> Path:
        """The bundle with one byte changed."""
        return self.path / "tampered.occasio.json"

    @property
    def log(self) -> Path:
        """A copy of the log."""
        return self.path / "pipeline-events.jsonl"


def attest_demo(path: Path, console: Console) -> None:
    """Show the whole way from a tool call to a verified bundle, and leave the evidence in `path`.

    Raises `OccasioError` when a step does not end as it must.
    """
    folder = Folder(path)
    console.print("A scripted agent and a scripted model; all that is between them is real.\n", highlight=False)
    with _home(folder.home):
        _heading(console, 1, "The agent works, and every tool call passes the gate")
        run_id = _governed(folder)
        console.print()
        rows = _rows(places.log_path(folder.home), run_id)
        console.print(Padding(_decisions(rows, folder.project), (0, 0, 1, len(_INDENT))))
        _heading(console, 2, "The run is sealed into one file, signed with a key made for the demo")
        _seal(folder, run_id)
        console.print()
    _heading(console, 3, "Anybody verifies it, offline, with Python's standard library alone")
    _expect(0, _verify(folder, folder.bundle, console))
    _heading(console, 4, "One byte of one row is changed")
    console.print(f"{_INDENT}{_tamper(folder)}\n", highlight=False, markup=False)
    _expect(1, _verify(folder, folder.tampered, console))
    console.print(f"The evidence is in {folder.path}", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _home(place: Path) -> Iterator[None]:
    """Let every command in here use the demo's own home."""
    before = os.environ.get(places.VARIABLE)
    os.environ[places.VARIABLE] = str(place)
    try:
        yield
    finally:
        os.environ.pop(places.VARIABLE)
        if before is not None:
            os.environ[places.VARIABLE] = before


def _governed(folder: Folder) -> str:
    places.prepared(folder.home)
    write_project(folder.project)
    write_policy(places.policy_path(folder.home), folder.project)
    with ScriptedModel(script(folder.project)) as model:
        outcome = running.run(
            running.Job(
                command=[sys.executable, "-m", "occasio_core.demo.agent", TASK],
                cwd=folder.project,
                environment=_environment(folder),
                upstream=model.url,
            )
        )
    _expect(0, outcome.exit_code)
    return outcome.run_id


def _environment(folder: Folder) -> dict[str, str]:
    """Return an environment for the agent that has nothing of the person's agents in it."""
    theirs = ("ANTHROPIC_", "CLAUDE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    return kept | {"HOME": str(folder.home), "ANTHROPIC_API_KEY": "the demo's key; the agent never sees it"}


def _rows(log: Path, run_id: str) -> list[Row]:
    rows = (parse_row(line) for line in log.read_bytes().split(b"\n")[:-1])
    return [row for row in rows if row.run_id == run_id]


def _decisions(rows: Sequence[Row], project: Path) -> Table:
    """Return what was tried and what was decided; of results only those that were kept from the model."""
    table = Table(expand=True, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title, ratio in (("the agent tried", 5), ("decided", 2), ("because of", 4)):
        table.add_column(title, ratio=ratio, overflow="fold")
    for row in rows:
        fields = row.fields
        if row.kind == "tool_call":
            because = str(fields.get("rule", "nothing denies it")).replace(f"{project}/", "")
            table.add_row(_attempt(fields, project), str(fields["action"]), because)
        elif row.kind == "tool_result" and fields["result_kind"] != "pass":
            labels = cast("Sequence[str]", fields["secret_labels"])
            table.add_row("  and what it read", str(fields["result_kind"]), f"a secret: {', '.join(labels)}")
    return table


def _attempt(fields: Mapping[str, Json], project: Path) -> str:
    path = str(cast("Mapping[str, Json]", fields["tool_inputs"]).get("path"))
    return f"{fields['tool_name']} {path.removeprefix(f'{project}/')}"


def _seal(folder: Folder, run_id: str) -> None:
    _command("bundle", "--run", run_id, "--out", str(folder.bundle))
    folder.public_key.unlink(missing_ok=True)
    _command("key", "export", KEY, "--out", str(folder.public_key))
    shutil.copyfile(places.log_path(folder.home), folder.log)
    write_verifier(folder.verifier)


def _command(*arguments: str) -> None:
    """Run one of our own commands as a person would."""
    _expect(0, cli.exit_code(arguments))


def _verify(folder: Folder, bundle: Path, console: Console) -> int:
    """Verify in a process that sees neither Occasio nor anything else that was ever installed; return its exit code."""
    command = [sys.executable, "-I", "-S", folder.verifier.name, bundle.name, "--key", folder.public_key.name]
    console.print(f"{_INDENT}$ cd {shlex.quote(str(folder.path))}", highlight=False, markup=False, soft_wrap=True)
    console.print(f"{_INDENT}$ {shlex.join(command)}", highlight=False, markup=False, soft_wrap=True)
    done = subprocess.run(command, cwd=folder.path, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    console.print(done.stdout.rstrip(), highlight=False, markup=False, soft_wrap=True)
    console.print(f"exit code {done.returncode}\n", highlight=False)
    return done.returncode


def _tamper(folder: Folder) -> str:
    """Write a copy of the bundle in which one byte of a refused call is another; return what was done."""
    data = folder.bundle.read_bytes()
    at = data.index(b'"action":"BLOCK"', data.index(b'"chain_slice"'))
    at = data.index(b"salaries", data.index(b'"tool_inputs"', at)) + len(b"salaries") - 1
    folder.tampered.write_bytes(data[:at] + b"x" + data[at + 1 :])
    return "in the row of the first refused call, `salaries.csv` becomes `salariex.csv`"


def _heading(console: Console, number: int, text: str) -> None:
    console.print(f"{number}  {text}\n", style="bold", highlight=False)


def _expect(code: int, came: int) -> None:
    if came != code:
        raise OccasioError(f"the demo went wrong: a step ended with {came}, and {code} was expected")
