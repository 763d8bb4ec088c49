"""The real Claude Code with hooks and proxy: one run, each call decided once, and a hook that falls silent is seen."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from occasio_core.hooks import thin
from occasio_core.hooks.place import interpreter
from occasio_core.scripted.turn import Call, Turn
from tests.end_to_end.hooked import TOKEN, Spoken, behind_the_proxy, events, installed, of_call
from tests.end_to_end.place import DENIED_WORDS, Place, prepared
from tests.real_agents import require_claude_code

pytestmark = pytest.mark.agents


@pytest.fixture
def hooked(place: Place) -> Place:
    return installed(place)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Spoken]:
    """One session with an allowed call, a denied one, two with a secret, and an edit whose input the agent completes."""
    place = installed(prepared(tmp_path_factory.mktemp("both"), require_claude_code()))
    first = [
        Call("Read", {"file_path": str(place.work / "notes.txt")}, id="toolu_allowed"),
        Call("Read", {"file_path": str(place.work / "private" / "plans.txt")}, id="toolu_denied"),
        Call("Read", {"file_path": str(place.work / "leak.txt")}, id="toolu_read"),
        Call("Bash", {"command": "cat leak.txt; exit 3"}, id="toolu_failed"),
    ]
    edit = {"file_path": str(place.work / "notes.txt"), "old_string": "four", "new_string": "five"}
    return place, behind_the_proxy(place, Turn(calls=first), Turn(calls=[Call("Edit", edit, id="toolu_edit")]))


def test_the_session_is_one_run_of_both_doors(session: tuple[Place, Spoken]) -> None:
    place, _ = session
    rows = place.rows()
    assert rows[0].fields["enforcement_points"] == ["proxy", "hook"]
    assert {row.run_id for row in rows} == {rows[0].run_id}
    assert events(rows)[0] == "SessionStart"


@pytest.mark.parametrize("call", ["toolu_allowed", "toolu_read", "toolu_failed", "toolu_edit"])
def test_a_call_is_decided_by_the_proxy_and_confirmed_by_the_hook(session: tuple[Place, Spoken], call: str) -> None:
    place, _ = session
    (decided,) = of_call(place.rows(), call, "tool_call")
    assert (decided["action"], decided["protocol"]) == ("PASS", "anthropic-http")
    confirmed = [row["answer"] for row in of_call(place.rows(), call, "hook_event") if row["event"] == "PreToolUse"]
    assert confirmed == ["none"]
    assert len(of_call(place.rows(), call, "tool_result")) == 1


def test_a_denied_call_never_reaches_the_hook(session: tuple[Place, Spoken]) -> None:
    place, spoken = session
    assert [row["action"] for row in of_call(place.rows(), "toolu_denied", "tool_call")] == ["BLOCK"]
    assert of_call(place.rows(), "toolu_denied", "hook_event") == []
    assert not any(word.encode() in spoken.sent for word in DENIED_WORDS)


def test_secrets_are_kept_from_the_model_also_where_a_command_failed(session: tuple[Place, Spoken]) -> None:
    place, spoken = session
    assert TOKEN.encode() not in spoken.sent
    assert spoken.result("toolu_failed").startswith("[withheld by Occasio")
    assert (place.work / "notes.txt").read_text(encoding="utf-8") == "tea at five\n"


def test_what_the_agent_was_about_to_send_is_what_the_proxy_got(session: tuple[Place, Spoken]) -> None:
    place, _ = session
    told = {
        output["call_id"]: output["digest"]
        for row in place.rows()
        for output in row.fields.get("outputs", [])  # type: ignore[union-attr]
        if isinstance(output, dict)
    }
    for call in ("toolu_allowed", "toolu_read", "toolu_failed", "toolu_edit"):
        (outcome,) = of_call(place.rows(), call, "tool_result")
        assert told[call] == outcome["content_digest"]


def test_no_call_has_a_gap_and_the_bundle_says_so(session: tuple[Place, Spoken]) -> None:
    place, _ = session
    assert place.occasio("audit", "coverage").returncode == 0
    sealed = place.seal()
    checked = place.verifier(sealed.bundle, "--key", sealed.key, "--json")
    assert checked.returncode == 0
    claims = {claim["name"]: claim["value"] for claim in json.loads(checked.stdout)["claims"]}
    assert claims["calls with gaps"] == 0


def test_a_hook_that_is_switched_off_in_the_middle_is_a_gap_that_the_report_shows(hooked: Place) -> None:
    first = Call("Bash", {"command": f"sh ./{silenced(hooked)}"}, id="toolu_first")
    second = Call("Bash", {"command": "cat notes.txt"}, id="toolu_second")
    spoken = behind_the_proxy(hooked, Turn(calls=[first]), Turn(calls=[second]))
    assert spoken.result("toolu_second") == "tea at four"
    done = hooked.occasio("audit", "coverage", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["gaps"] == [{"call_id": "toolu_second", "gap": "hook-silent", "tool": "shell_bash"}]
    sealed = hooked.seal()
    assert "hook-silent shell_bash toolu_second" in hooked.verifier(sealed.bundle, "--key", sealed.key).stdout


def test_settings_that_lead_around_the_proxy_do_not_come_into_force(hooked: Place) -> None:
    settings = hooked.work / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text("{}\n", encoding="utf-8")
    script = hooked.work / "tidy.sh"
    around = json.dumps({"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}})
    script.write_text(
        f"echo '{around}' > {settings}\nuntil grep -q ConfigChange {hooked.log}; do sleep 0.05; done\n",
        encoding="utf-8",
    )
    first = Call("Bash", {"command": "sh ./tidy.sh"}, id="toolu_first")
    second = Call("Bash", {"command": "cat notes.txt"}, id="toolu_second")
    spoken = behind_the_proxy(hooked, Turn(calls=[first]), Turn(calls=[second]), Turn(text="still here"))
    assert spoken.finished.answer["result"] == "still here"
    (changed,) = [row.fields for row in hooked.rows() if row.fields.get("event") == "ConfigChange"]
    assert changed["answer"] == "deny"


def test_a_run_answers_no_agent_that_it_did_not_start(place: Place) -> None:
    """A project's settings may name the run of another agent, which may have been started without rules."""
    with place.begun("run", "--preset", "off", "--", "sh", "-c", "echo ready; exec sleep 600") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        (socket,) = (place.occasio_home / "runs").glob("*.sock")
        command = [interpreter(), "-I", "-S", thin.__file__, "--home", str(place.occasio_home)]
        event = {"hook_event_name": "PreToolUse", "session_id": "s", "cwd": str(place.work), "tool_name": "Bash"}
        told = json.dumps({**event, "tool_input": {"command": "ls"}, "tool_use_id": "toolu_1"})
        asked = subprocess.run(
            command, input=told, capture_output=True, text=True, env={"OCCASIO_RUN": socket.stem}, check=False
        )
    assert json.loads(asked.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"
    assert "was not started by this run" in asked.stdout


def silenced(place: Place) -> Path:
    """Return a script that empties the hook's program: it answers nothing from then on, and agents take that for a yes."""
    script = place.work / "tidy.sh"
    script.write_text(f": > {place.occasio_home / 'hook.py'}\n", encoding="utf-8")
    return Path(script.name)
