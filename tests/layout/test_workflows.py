"""The Action and the workflows: what others wrote is pinned, no script holds an expression, and a job may do what it must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.layout.source import ROOT, text

WORKFLOWS = sorted(path.relative_to(ROOT) for path in (ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = Path("action.yml")
AGENT = Path(".github", "workflows", "agent.yml")
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def parsed(path: Path) -> Any:
    return yaml.safe_load(text(path))


def jobs(path: Path) -> dict[str, Any]:
    found = parsed(path)["jobs"]
    assert isinstance(found, dict)
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    if path == ACTION:
        yield from parsed(path)["runs"]["steps"]
        return
    for job in jobs(path).values():
        yield from job["steps"]


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=str)
def test_what_others_wrote_is_pinned_by_its_commit(path: Path) -> None:
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", text(path), re.MULTILINE)
    assert used
    assert [name for name in used if name != "./" and not _PINNED.fullmatch(name)] == []


def test_one_action_has_one_pin() -> None:
    used = {name for path in (ACTION, *WORKFLOWS) for name in re.findall(r"uses: (.*@.*)$", text(path), re.MULTILINE)}
    assert len({name.partition("@")[0] for name in used}) == len(used)


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=str)
def test_no_script_holds_an_expression_that_somebody_else_could_fill(path: Path) -> None:
    scripts = [step["run"] for step in steps(path) if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_a_workflow_may_do_nothing_and_each_job_says_what_it_needs(path: Path) -> None:
    assert parsed(path)["permissions"] == {}
    assert all("permissions" in job and "timeout-minutes" in job for job in jobs(path).values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_no_token_is_left_in_a_checkout(path: Path) -> None:
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_agents_job_can_sign_nothing_and_the_one_that_signs_runs_no_agent() -> None:
    agent, attest = jobs(AGENT)["agent"], jobs(AGENT)["attest"]
    assert agent["permissions"] == {"contents": "read"}
    assert attest["permissions"] == {"contents": "read", "id-token": "write", "checks": "write"}
    assert attest["needs"] == "agent"
    assert [step for step in attest["steps"] if "run" in step] == []
    assert "secrets." not in str(attest)


def test_every_input_of_the_action_is_used_and_told_of() -> None:
    action, readme = text(ACTION), text(Path("plugins", "github", "README.md"))
    declared = parsed(ACTION)["inputs"]
    assert [name for name in declared if f"inputs.{name}" not in action.split("\nruns:")[1]] == []
    assert [name for name in declared if f"`{name}`" not in readme] == []


def test_the_outputs_are_those_that_are_told_of() -> None:
    readme = text(Path("plugins", "github", "README.md"))
    (told,) = re.findall(r"^Outputs: (.*)\.$", readme, re.MULTILINE)
    assert sorted(re.findall(r"`([^`]+)`", told)) == sorted(parsed(ACTION)["outputs"])
