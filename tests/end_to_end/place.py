"""Where a governed session happens: an agent's home, Occasio's home, and a project with a file that the policy denies.

Knows directories, environments and the `occasio` command.  It does not know what an agent does there.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from occasio_verify import Row, parse_row
from tests.end_to_end.relay import Relay
from tests.real_agents import Finished, clean_environment, run

REAL_KEY = "sk-ant-api03-only-the-model-may-see-this-key"
DENIED_WORDS = ("quokkas-swim-at-dawn", "wolframite-is-behind-the-clock")
POLICY = "version: 1\ndeny_paths:\n  - ./private\n"
RULE = "deny_paths: ./private"

_GIT = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A bundle, and the public half of the key that signed it."""

    bundle: Path
    key: Path

    @property
    def data(self) -> bytes:
        """The bundle's bytes."""
        return self.bundle.read_bytes()


@dataclass(frozen=True, slots=True)
class Place:
    """A directory of its own for one test or one session, with everything in it."""

    root: Path
    programs: list[Path] = field(default_factory=list)  # directories that come first in PATH

    @property
    def home(self) -> Path:
        """The agent's home."""
        return self.root / "home"

    @property
    def occasio_home(self) -> Path:
        """Occasio's home."""
        return self.root / "occasio"

    @property
    def work(self) -> Path:
        """The project: a git repository with `notes.txt`, `other.txt`, `third.txt`, and the denied `private/plans.txt`.

        `shortcut.txt` is a link to the denied file, `src` a directory next to its own.
        """
        return self.root / "work"

    @property
    def log(self) -> Path:
        """The log of all runs."""
        return self.occasio_home / "pipeline-events.jsonl"

    @property
    def environment(self) -> dict[str, str]:
        """What `occasio` finds in its environment: the real key, and no base URL."""
        path = os.pathsep.join([*map(str, self.programs), os.environ["PATH"]])
        own = {"OCCASIO_HOME": str(self.occasio_home), "ANTHROPIC_API_KEY": REAL_KEY, "PATH": path}
        return clean_environment(self.home) | own

    def rows(self) -> list[Row]:
        """Return all rows of runs; the log's own, such as its checkpoints, are left out."""
        rows = [parse_row(line) for line in self.log.read_bytes().split(b"\n")[:-1]]
        return [row for row in rows if row.run_id is not None]

    def occasio(self, *arguments: str | Path, **more: str) -> Finished:
        """Return how `occasio` ended, run in the project; `more` goes into its environment."""
        return run(occasio(*arguments), environment=self.environment | more, directory=self.work)

    @contextmanager
    def begun(self, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
        """Start `occasio` in the project, in a process group of its own; what is left of it in the end is killed."""
        process = subprocess.Popen(
            occasio(*arguments),
            cwd=self.work,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def seal(self, *arguments: str) -> Sealed:
        """Return the bundle that `occasio bundle` makes of a run, by default of the last, and the exported key."""
        serial = len(list(self.root.glob("*.occasio.json")))
        sealed = Sealed(self.root / f"{serial}.occasio.json", self.root / "default.pub")
        for command in (
            ["bundle", *arguments, "--out", str(sealed.bundle)],
            ["key", "export", "--out", str(sealed.key)],
        ):
            done = self.occasio(*command)
            assert done.returncode == 0, done.stderr
        return sealed

    def verifier(self, *arguments: str | Path) -> Finished:
        """Return how the Python verifier ended, run apart from everything that is installed but itself."""
        command = [sys.executable, "-m", "occasio_verify", *map(str, arguments)]
        return run(command, environment=self.environment, directory=self.work)


def prepared(root: Path, *programs: Path) -> Place:
    """Return a place below `root`, with its project and its policy."""
    place = Place(root, [program.parent for program in programs])
    place.occasio_home.mkdir(mode=0o700, exist_ok=True)
    (place.occasio_home / "policy.yml").write_text(POLICY, encoding="utf-8")
    for directory in (place.home, place.work / "private", place.work / "src"):
        directory.mkdir(parents=True)
    for name, text in {"notes": "tea at four", "other": "cake at five", "third": "bed at nine"}.items():
        (place.work / f"{name}.txt").write_text(f"{text}\n", encoding="utf-8")
    (place.work / "private" / "plans.txt").write_text("\n".join(DENIED_WORDS) + "\n", encoding="utf-8")
    (place.work / "shortcut.txt").symlink_to("private/plans.txt")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*_GIT, *arguments], cwd=place.work, env=clean_environment(place.home), check=True)
    return place


def through(relay: Relay, agent: Path, directory: Path) -> Path:
    """Return a program named as `agent` that is the agent, led through the relay.

    What it finds in its environment is left in `environment`, beside it.
    """
    program = directory / agent.name
    directory.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f"env > {shlex.quote(str(directory / 'environment'))}\n"
        f'export ANTHROPIC_BASE_URL="http://{relay.authority}/${{ANTHROPIC_BASE_URL#http://}}"\n'
        f'exec {shlex.quote(str(agent))} "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


def ended(process: subprocess.Popen[str], seconds: float = 120) -> Finished:
    """Return how a program that was begun ended.  Raises `subprocess.TimeoutExpired` if it does not."""
    stdout, stderr = process.communicate(timeout=seconds)
    return Finished(returncode=process.returncode, stdout=stdout, stderr=stderr)


def variables(file: Path) -> Mapping[str, str]:
    """Return what `env` wrote; values of several lines are cut to their first."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def occasio(*arguments: str | Path) -> Sequence[str]:
    """Return the command that runs `occasio` of the interpreter that runs the tests."""
    script = shutil.which("occasio", path=sysconfig.get_path("scripts"))
    command = [script] if script else [sys.executable, "-c", "from occasio_core.cli import main; main()"]
    return [*command, *map(str, arguments)]
