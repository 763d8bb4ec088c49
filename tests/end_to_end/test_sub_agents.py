"""Sub-agents of the real Claude Code: at once, on one session, each with its own calls, all through the one gate."""

from __future__ import annotations

import json

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Turn
from tests.end_to_end.place import DENIED_WORDS, RULE, Place
from tests.real_agents import headless

pytestmark = pytest.mark.agents

TASKS = ("first", "second")


def delegating(place: Place) -> ScriptedModel:
    """Return a model that starts two sub-agents; each of these reads what it may and tries what it may not."""
    paths = {"allowed": "notes.txt", "denied": "private/plans.txt"}

    def reads(name: str) -> list[Call]:
        return [
            Call("Read", {"file_path": f"{place.work}/{path}"}, id=f"toolu_{name}_{kind}")
            for kind, path in paths.items()
        ]

    own = {f"do the {name} task": [Turn(calls=reads(name)), Turn(text=f"{name} is done")] for name in TASKS}
    return ScriptedModel([Turn(calls=[_task(name) for name in TASKS]), Turn(text="so be it")], others=own)


def _task(name: str) -> Call:
    given = {"description": f"{name} task", "prompt": f"do the {name} task", "subagent_type": "general-purpose"}
    return Call("Agent", given, id=f"toolu_task_{name}")


def is_of_sub_agent(request: Request) -> bool:
    return "x-claude-code-agent-id" in request.headers


def test_each_sub_agent_reads_what_it_may_and_nothing_else_and_knows_its_own_history(place: Place) -> None:
    with delegating(place) as model:
        done = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "delegate"))
    assert done.returncode == 0, done.stdout + done.stderr

    rows = [row for row in place.rows() if row.kind == "tool_call"]
    decided = {row.fields["call_id"]: row.fields["action"] for row in rows}
    expected = {f"toolu_task_{name}": "PASS" for name in TASKS}
    expected |= {f"toolu_{name}_allowed": "PASS" for name in TASKS} | {
        f"toolu_{name}_denied": "BLOCK" for name in TASKS
    }
    assert decided == expected
    assert len({row.fields["session_id"] for row in rows}) == 1

    second = [request for request in model.requests if is_of_sub_agent(request) and request.results]
    assert len(second) == len(TASKS)
    for name, request in zip(TASKS, sorted(second, key=lambda one: min(one.results)), strict=True):
        assert set(request.results) == {f"toolu_{name}_allowed", f"toolu_{name}_denied"}
        assert RULE in json.dumps(request.results[f"toolu_{name}_denied"])
        assert "tea at four" in json.dumps(request.results[f"toolu_{name}_allowed"])
    assert not any(word.encode() in request.body for request in model.requests for word in DENIED_WORDS)
