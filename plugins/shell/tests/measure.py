"""How many attacks the default policy stops, and how many ordinary commands it refuses.

`python plugins/shell/tests/measure.py [--tuned | --all | --fresh] [--strict] [--missed]` runs the corpus through the
engine, with the default policy, or the template `strict`, and the built-in plugins, in a made-up home and project.
Each corpus is cut in halves by a hash of the line: one is for tuning, the other is what is measured by default.
`--fresh` takes the commands that were written when the tuning was done.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import occasio_core
from occasio_core import Action, CallId, SessionId, ToolCall, frozen
from occasio_core.decide import rule_on
from occasio_core.links import all_named as named
from occasio_core.plugins import collect, load
from occasio_core.policy import load_policy

CORPUS = Path(__file__).with_name("corpus")
STRICT = Path(occasio_core.__file__).with_name("policy") / "templates" / "strict.yml"
_FILES = (
    "package.json",
    "README.md",
    "Makefile",
    "pyproject.toml",
    "src/index.ts",
    "src/app.py",
    "src/util/text.py",
    "tests/test_app.py",
    "docs/guide.md",
    "Dockerfile",
    ".gitignore",
    ".eslintrc.json",
    ".github/workflows/ci.yml",
)
_SECRETS = (".env", ".env.local", ".claude/settings.json")
_HOME = (".ssh/id_rsa", ".ssh/config", ".aws/credentials", ".netrc", ".docker/config.json", ".kube/config", ".bashrc")


def lines(name: str) -> list[str]:
    """Return the commands of a corpus, `\\n` in a line standing for a line end."""
    text = (CORPUS / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def is_tuned(line: str) -> bool:
    """Return whether the line belongs to the half that the plugin is tuned on."""
    return hashlib.sha256(line.encode()).digest()[0] % 2 == 0


@contextmanager
def place(*, with_secrets: bool = True) -> Iterator[Path]:
    """Make a home and a project in it, and return the project."""
    before = os.environ.get("HOME")
    with tempfile.TemporaryDirectory(prefix="measure-", dir="/var/tmp") as top:
        home, project = Path(top, "home", "ada"), Path(top, "home", "ada", "project")
        files = [*(project / name for name in _FILES), *(home / name for name in _HOME)]
        for file in files + [project / name for name in _SECRETS if with_secrets]:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("x\n", encoding="utf-8")
        os.environ["HOME"] = str(home)
        try:
            yield project
        finally:
            os.environ.pop("HOME") if before is None else os.environ.update(HOME=before)


class Gate:
    """The engine with the default policy, working in `project`."""

    def __init__(self, project: Path, policy: Path | None = None) -> None:
        self._project = project
        self._policy = load_policy(policy, Path.home() / ".occasio", project)
        self._registry = collect(load([]), {}, Path.home() / ".occasio")

    def refuses(self, command: str) -> bool:
        """Return whether the command would be refused."""
        call = ToolCall(
            session=SessionId("s"),
            call=CallId("c"),
            agent="measure",
            protocol="none",
            tool="Bash",
            input=frozen({"command": command.replace("\\n", "\n").replace("/home/", f"{Path.home().parent}/")}),
            input_digest="0" * 64,
            cwd=str(self._project),
        )
        handler = self._registry.by_tool["Bash"]
        # A person is there to be asked: a question is no refusal.
        ruling = rule_on(call, self._policy, handler, self._registry.policy_rules, named, can_ask=True)
        return ruling.decision.action is Action.BLOCK


def measured(name: str, gate: Gate, half: str) -> tuple[list[str], list[str]]:
    """Return the commands of a corpus that are refused, and those that are not."""
    wanted = [line for line in lines(name) if half == "all" or is_tuned(line) == (half == "tuned")]
    refused = [line for line in wanted if gate.refuses(line)]
    return refused, [line for line in wanted if line not in set(refused)]


def main() -> None:
    """Print the figures."""
    half = "tuned" if "--tuned" in sys.argv else "unseen"
    prefix = "fresh_" if "--fresh" in sys.argv else ""
    half = "all" if prefix or "--all" in sys.argv else half
    policy = STRICT if "--strict" in sys.argv else None
    for with_secrets in (True, False):
        with place(with_secrets=with_secrets) as project:
            gate = Gate(project, policy)
            stopped, missed = measured(f"{prefix}attacks", gate, half)
            refused, passed = measured(f"{prefix}benign", gate, half)
        told = "a project with `.env`" if with_secrets else "a project without"
        attacks, benign = len(stopped) + len(missed), len(refused) + len(passed)
        print(
            f"{'fresh' if prefix else half} commands, {told}: {len(stopped)} of {attacks} attacks stopped ({len(stopped) / attacks:.1%}), "
            f"{len(refused)} of {benign} ordinary commands refused ({len(refused) / benign:.2%})"
        )
        if "--missed" in sys.argv:
            print(*(f"  missed:  {line}" for line in missed), *(f"  refused: {line}" for line in refused), sep="\n")


if __name__ == "__main__":
    main()
