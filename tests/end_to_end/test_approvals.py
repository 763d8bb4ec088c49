"""The real Claude Code wants what a person must let through: it waits, and gets what she says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import DONE, Call, Turn
from tests.end_to_end.place import Place, ended
from tests.real_agents import Finished, headless

pytestmark = pytest.mark.agents

POLICY = (
    "version: 1\nidentity_approval:\n  publish: {command_regex: '^touch published', message: it goes to everybody}\n"
)
PUBLISH = Call("Bash", {"command": "touch published.txt", "description": "Publish"}, id="toolu_publish")
READ = "notes.txt"
SLOW = "OCCASIO_SLOW_TESTS"


def session(
    place: Place, person: Callable[[Place, str], object], seconds: float = 120
) -> tuple[Finished, list[Request]]:
    """Run a session in which the model publishes; `person` is told the id of each question."""
    policy = place.root / "policy.yml"
    policy.write_text(POLICY, encoding="utf-8")
    read = Call("Read", {"file_path": str(place.work / READ)}, id="toolu_read")
    turns = [Turn(text="I publish.", calls=[PUBLISH, read]), DONE]
    with ScriptedModel(turns) as model:
        command = ["run", "--policy", str(policy), "--upstream", model.url, "--", *headless("claude", "go")]
        with place.begun(*command) as process:
            watcher = threading.Thread(target=_watch, args=(place, person, process))
            watcher.start()
            finished = ended(process, seconds)
            watcher.join()
        return finished, model.conversation


def _watch(place: Place, person: Callable[[Place, str], object], process: subprocess.Popen[str]) -> None:
    """Look for questions until the run has ended, and show each to the person once."""
    seen: set[str] = set()
    while process.poll() is None:
        listed = place.occasio("approvals", "list", "--json").stdout
        for question in json.loads(listed or "[]"):
            if question["approval_id"] not in seen:
                seen.add(question["approval_id"])
                person(place, question["approval_id"])


def says(answer: str) -> Callable[[Place, str], object]:
    def person(place: Place, approval_id: str) -> None:
        shown = place.occasio("approvals", "show", approval_id).stdout
        assert "touch published.txt" in shown
        found = re.search(r"^digest +([0-9a-f]{64})$", shown, re.MULTILINE)
        assert found
        options = ["--digest", found[1]] if answer == "approve" else ["--reason", "not on a Monday"]
        done = place.occasio("approvals", answer, approval_id, *options)
        assert done.returncode == 0, done.stderr

    return person


def kinds(place: Place) -> list[str]:
    return [row.kind for row in place.rows() if row.kind.startswith(("approval", "tool_call"))]


def seals(place: Place) -> None:
    sealed = place.seal()
    assert place.verifier(sealed.bundle, "--key", sealed.key).returncode == 0


def test_what_a_person_lets_through_runs_and_the_bundle_verifies(place: Place) -> None:
    finished, requests = session(place, says("approve"))
    assert (place.work / "published.txt").exists()
    assert not requests[1].results["toolu_publish"].get("is_error")
    assert "tea at four" in str(requests[1].results["toolu_read"]["content"])
    assert kinds(place) == ["approval_requested", "approval_granted", "tool_call", "tool_call"]
    (published, _) = [row.fields for row in place.rows() if row.kind == "tool_call"]
    assert (published["action"], published["reason"], published["rule"]) == (
        "PASS",
        "approved",
        "identity_approval: publish",
    )
    assert "waits for you: occasio approvals show apr_" in finished.stderr
    seals(place)


@pytest.mark.skipif(SLOW not in os.environ, reason=f"takes six minutes: set {SLOW}")
def test_a_call_is_held_for_longer_than_the_agent_waits_for_a_silent_stream(place: Place) -> None:
    """The agent gives a silent stream up after 300 seconds and asks again; while it is kept company it waits."""

    def person(place: Place, approval_id: str) -> None:
        threading.Event().wait(340)
        says("approve")(place, approval_id)

    _, requests = session(place, person, seconds=500)
    assert (place.work / "published.txt").exists()
    assert len(requests) == 2  # nothing was asked again
    assert not requests[1].results["toolu_publish"].get("is_error")
    assert kinds(place) == ["approval_requested", "approval_granted", "tool_call", "tool_call"]


def test_what_a_person_refuses_does_not_run_and_the_model_is_told(place: Place) -> None:
    _, requests = session(place, says("deny"))
    assert not (place.work / "published.txt").exists()
    told = str(requests[1].results["toolu_publish"]["content"])
    assert "approval-denied" in told
    assert "not on a Monday" in told
    assert "tea at four" in str(requests[1].results["toolu_read"]["content"])
    assert kinds(place) == ["approval_requested", "approval_denied", "tool_call", "tool_call"]
    seals(place)


def test_an_agent_cannot_let_itself_through(place: Place) -> None:
    """Hole 73: a script of another name, detached from the agent, knows the question and its digest, and is refused."""
    helper, tried = place.work / "helper.py", place.root / "tried"
    helper.write_text(
        "import json, os, subprocess, sys, time\n"
        f"os.environ['OCCASIO_HOME'] = {str(place.log.parent)!r}\n"
        "occasio = [sys.executable, '-m', 'occasio_core', 'approvals']\n"
        "while True:\n"
        "    time.sleep(0.1)\n"
        "    for one in json.loads(subprocess.run([*occasio, 'list', '--json'], capture_output=True).stdout or '[]'):\n"
        "        done = subprocess.run([*occasio, 'approve', one['approval_id'], '--digest', one['digest']],"
        " capture_output=True, text=True)\n"
        f"        open({str(tried)!r}, 'w').write(done.stderr)\n"
        "        sys.exit()\n",
        encoding="utf-8",
    )
    command = f"setsid nohup {sys.executable} helper.py >/dev/null 2>&1 &"

    def person(place: Place, approval_id: str) -> None:
        while not tried.exists():
            time.sleep(0.05)
        place.occasio("approvals", "deny", approval_id)

    policy = place.root / "policy.yml"
    policy.write_text(POLICY, encoding="utf-8")
    detached = Call("Bash", {"command": command, "description": "Help"}, id="toolu_help")
    with ScriptedModel([Turn(calls=[detached]), Turn(calls=[PUBLISH]), DONE]) as model:
        line = ["run", "--policy", str(policy), "--upstream", model.url, "--", *headless("claude", "go")]
        with place.begun(*line) as process:
            watcher = threading.Thread(target=_watch, args=(place, person, process))
            watcher.start()
            ended(process)
            watcher.join()
    assert "may not answer its own questions" in tried.read_text(encoding="utf-8")
    assert not (place.work / "published.txt").exists()
    assert kinds(place) == ["tool_call", "approval_requested", "approval_denied", "tool_call"]
