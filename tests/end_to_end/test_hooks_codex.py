"""The real Codex with Occasio's hooks: with the daemon alone, and behind the proxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core.scripted.model import ScriptedModel
from occasio_core.scripted.turn import Call, Turn
from tests.end_to_end.codex import OPENAI_KEY
from tests.end_to_end.hooked import TOKEN, Spoken, daemon, events, installed, of_call
from tests.end_to_end.place import Place, prepared
from tests.real_agents import CODEX, codex_headless, run

pytestmark = pytest.mark.agents
TRUSTED = "--dangerously-bypass-hook-trust"  # what a person does once, with /hooks


@pytest.fixture
def hooked(tmp_path: Path) -> Place:
    return installed(prepared(tmp_path, CODEX.required()), "codex")


def shell(command: str, call: str) -> Call:
    return Call("exec_command", {"cmd": command}, call)


def turns() -> list[Turn]:
    return [
        Turn(calls=[shell("cat notes.txt", "call_allowed")]),
        Turn(calls=[shell("cat private/plans.txt", "call_denied")]),
        Turn(calls=[shell("cat leak.txt", "call_secret")]),
        Turn(text="that was all"),
    ]


def alone(place: Place, *script: Turn) -> Spoken:
    with ScriptedModel(script) as model:
        provider = f'{{name="x",base_url="{model.url}/v1",env_key="OPENAI_API_KEY",wire_api="responses"}}'
        settings = ["-c", f"model_providers.x={provider}", "-c", 'model_provider="x"', TRUSTED]
        environment = place.environment | {"OPENAI_API_KEY": OPENAI_KEY}
        finished = run(codex_headless("codex", "go", *settings), environment=environment, directory=place.work)
        return Spoken(finished=finished, requests=model.conversation)


def test_with_the_daemon_a_call_is_allowed_denied_and_withheld(hooked: Place) -> None:
    with daemon(hooked):
        spoken = alone(hooked, *turns())
    sent = spoken.sent
    assert b"tea at four" in sent
    assert b"deny_paths: ./private" in sent
    assert b"withheld by Occasio: it holds secrets" in sent
    assert TOKEN.encode() not in sent
    rows = hooked.rows()
    decided = {row.fields["call_id"]: row.fields["action"] for row in rows if row.kind == "tool_call"}
    assert decided == {"call_allowed": "PASS", "call_denied": "BLOCK", "call_secret": "PASS"}
    (outcome,) = of_call(rows, "call_secret", "tool_result")
    assert (outcome["result_kind"], outcome["protocol"], outcome["agent"]) == ("withheld", "hook", "codex")
    assert hooked.occasio("audit", "coverage").returncode == 0


def test_without_the_daemon_no_tool_runs(hooked: Place) -> None:
    made = hooked.work / "made.txt"
    alone(hooked, Turn(calls=[shell(f"touch {made}", "call_touch")]))
    assert not made.exists()


def test_behind_the_proxy_each_call_is_decided_once_and_confirmed(hooked: Place) -> None:
    with ScriptedModel(turns()) as model:
        _, *command = codex_headless("codex", "go", TRUSTED)
        done = hooked.occasio("codex", "--upstream", f"{model.url}/v1", *command, OPENAI_API_KEY=OPENAI_KEY)
        sent = b"\n".join(request.body for request in model.conversation)
    assert done.returncode == 0, done.stderr
    assert TOKEN.encode() not in sent
    rows = hooked.rows()
    assert rows[0].fields["enforcement_points"] == ["proxy", "hook"]
    for call in ("call_allowed", "call_secret"):
        (decided,) = of_call(rows, call, "tool_call")
        assert (decided["action"], decided["protocol"]) == ("PASS", "openai-responses")
        assert of_call(rows, call, "hook_event")[0]["event"] == "PreToolUse"
    assert of_call(rows, "call_denied", "hook_event") == []
    assert "SessionStart" in events(rows)
    assert hooked.occasio("audit", "coverage").returncode == 0


def test_a_patch_is_judged_by_the_files_that_it_names(hooked: Place) -> None:
    patch = "*** Begin Patch\n*** Add File: {}\n+written\n*** End Patch"
    with daemon(hooked):
        alone(
            hooked,
            Turn(calls=[Call("apply_patch", patch.format("new.txt"), "call_patch")]),
            Turn(calls=[Call("apply_patch", patch.format("private/new.txt"), "call_denied")]),
        )
    decided = {row.fields["call_id"]: row.fields["action"] for row in hooked.rows() if row.kind == "tool_call"}
    assert decided == {"call_patch": "PASS", "call_denied": "BLOCK"}
    assert (hooked.work / "new.txt").read_text(encoding="utf-8") == "written\n"
    assert not (hooked.work / "private" / "new.txt").exists()
