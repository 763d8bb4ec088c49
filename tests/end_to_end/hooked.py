"""What the tests of hooks share: Claude Code with Occasio's hooks in its settings, with the daemon or with the proxy."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Answer
from occasio_verify import Json, Row, parse_json
from tests.end_to_end.place import Place
from tests.real_agents import Finished, headless, run

TOKEN = "ghp_" + "a1B2" * 9  # looks like a secret, and is none
REDACTING = "version: 1\nredact_secrets_in_tool_results: true\ndeny_paths:\n  - ./private\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One session: how it ended, and the requests for a message that the model got."""

    finished: Finished
    requests: Sequence[Request]

    def result(self, call: str) -> str:
        """Return what the model got last for the call."""
        return str(self.requests[-1].results[call]["content"])

    @property
    def sent(self) -> bytes:
        """Everything that the model got."""
        return b"\n".join(request.body for request in self.requests)


def installed(place: Place, agent: str = "claude-code") -> Place:
    """Return the place with the hooks in the settings of the agent's person, and a file with a secret in the project."""
    (place.work / "leak.txt").write_text(f"token {TOKEN} end\n", encoding="utf-8")
    done = place.occasio("hook", "install", "--agent", agent)
    assert done.returncode == 0, done.stderr
    return place


@contextmanager
def daemon(place: Place) -> Iterator[int]:
    """Have the daemon of the place run, and yield its process."""
    begun = place.occasio("daemon", "start")
    assert begun.returncode == 0, begun.stderr
    try:
        yield daemon_process(place)
    finally:
        ended = place.occasio("daemon", "stop")
        assert ended.returncode == 0, ended.stderr


def daemon_process(place: Place) -> int:
    """Return the process of the daemon."""
    state = parse_json((place.occasio_home / "daemon.json").read_bytes())
    assert isinstance(state, dict)
    pid = state["pid"]
    assert isinstance(pid, int)
    return pid


def kill(process: int) -> None:
    """End a process as nothing can prepare for."""
    os.kill(process, signal.SIGKILL)


def alone(place: Place, *turns: Answer, prompt: str = "do it") -> Spoken:
    """Return a session of Claude Code with nothing between it and the model."""
    with ScriptedModel(turns) as model:
        environment = place.environment | {"ANTHROPIC_BASE_URL": model.url}
        finished = run(headless("claude", prompt), environment=environment, directory=place.work)
        return Spoken(finished=finished, requests=model.conversation)


def behind_the_proxy(place: Place, *turns: Answer) -> Spoken:
    """Return a session of Claude Code that `occasio run` started."""
    with ScriptedModel(turns) as model:
        finished = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "do it"))
        return Spoken(finished=finished, requests=model.conversation)


def of_call(rows: Sequence[Row], call: str, kind: str) -> list[Mapping[str, Json]]:
    """Return the rows of that kind that name the call."""
    return [row.fields for row in rows if row.kind == kind and row.fields.get("call_id") == call]


def events(rows: Sequence[Row]) -> list[str]:
    """Return what the agent told its hooks, in order, where a row of its own says so."""
    return [str(row.fields["event"]) for row in rows if row.kind == "hook_event"]
