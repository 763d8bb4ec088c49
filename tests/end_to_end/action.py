"""Runs the steps of `action.yml` that are scripts, as a runner would: under bash, with the variables that they name.

Knows the few expressions that the Action uses, and refuses any other.  Steps that use another action are not run, but listed.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ACTION = Path(__file__).parents[2] / "action.yml"
_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


@dataclass(slots=True)
class Ran:
    """What came of the steps: outcomes and outputs by id, what was printed, which other actions would have run with what."""

    outcomes: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    printed: str = ""
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    action_outputs: dict[str, str] = field(default_factory=dict)


class Runner:
    """One job in `temp`.  `done` gives the outputs of steps that are not to be run."""

    def __init__(self, temp: Path, environment: Mapping[str, str], inputs: Mapping[str, str]) -> None:
        self.action: dict[str, Any] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
        self.temp, self.environment = temp, dict(environment)
        defaults = {name: str(given["default"]) for name, given in self.action["inputs"].items()}
        assert set(inputs) <= set(defaults)
        self.inputs = {**defaults, **inputs}
        self.ran = Ran()

    def run(self, done: Mapping[str, dict[str, str]]) -> Ran:
        for step in self.action["runs"]["steps"]:
            name = step.get("id", step["name"])
            if name in done:
                self.ran.outcomes[name], self.ran.outputs[name] = "success", done[name]
            elif not self._holds(step.get("if")):
                self.ran.outcomes[name] = "skipped"
            elif "uses" in step:
                self.ran.used[step["uses"].partition("@")[0]] = {
                    key: self._filled(str(value)) for key, value in step.get("with", {}).items()
                }
            else:
                self._script(name, step)
        self.ran.action_outputs = {name: self._filled(given["value"]) for name, given in self.action["outputs"].items()}
        return self.ran

    def _script(self, name: str, step: Mapping[str, Any]) -> None:
        assert step["shell"] == "bash"
        output = self.temp / f"output-{name}"
        output.touch()
        own = {key: self._filled(value) for key, value in step.get("env", {}).items()}
        environment = {**self.environment, **own, "RUNNER_TEMP": str(self.temp), "GITHUB_OUTPUT": str(output)}
        # as GitHub starts it for `shell: bash`
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        finished = subprocess.run(command, env=environment, cwd=self.temp, capture_output=True, text=True, check=False)
        self.ran.printed += finished.stdout + finished.stderr
        self.ran.outcomes[name] = "success" if finished.returncode == 0 else "failure"
        self.ran.outputs[name] = _read(output)

    def _holds(self, condition: str | None) -> bool:
        if condition is None:
            return "failure" not in self.ran.outcomes.values()
        match = _EXPRESSION.fullmatch(condition)
        assert match and match[1].startswith("always() && ")
        left, operator, right = match[1].removeprefix("always() && ").split(" ")
        is_equal = self._value(left) == right.strip("'")
        return is_equal if operator == "==" else not is_equal

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda match: self._value(match[1]), text)

    def _value(self, expression: str) -> str:
        if " || " in expression:
            return next((value for part in expression.split(" || ") if (value := self._value(part))), "")
        context, *path = expression.split(".")
        if context == "steps":
            step, kind, *name = path
            return (
                self.ran.outcomes.get(step, "")
                if kind == "outcome"
                else self.ran.outputs.get(step, {}).get(name[0], "")
            )
        if context == "inputs":
            return self._filled(self.inputs[path[0]])
        known = {"runner.temp": str(self.temp), "github.action_path": str(ACTION.parent), "github.token": "t0ken"}
        return self.environment.get(path[0], "") if context == "env" else known[expression]


def _read(output: Path) -> dict[str, str]:
    found, lines = {}, iter(output.read_text(encoding="utf-8").splitlines())
    for line in lines:
        name, heredoc, end = line.partition("<<")
        if not heredoc:
            name, _, found[name] = line.partition("=")
            continue
        value = []
        while (inner := next(lines)) != end:
            value.append(inner)
        found[name] = "\n".join(value)
    return found
