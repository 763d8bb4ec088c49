"""An agent at work gets its task, its key and the way to the model, with the gate and without it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from occasio_core import Call, Turn, UsageError
from occasio_harness.agents import KEY, agent_named
from occasio_harness.provider import scripted
from occasio_harness.scenario import Script
from occasio_harness.scratch import Scratch
from occasio_harness.subject import Subject, Terms, live_attempts, scripted_attempts

CODEX, GEMINI = agent_named("codex"), agent_named("gemini")
SHOWS = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"


def subject(scratch: Scratch, folder: Path, name: str = "codex", **more: object) -> Subject:
    """Return an agent that prints its arguments and its environment."""
    agent = agent_named(name)
    file = folder / agent.program
    file.write_text(f"#!{sys.executable}\n{SHOWS}\n", encoding="utf-8")
    file.chmod(0o755)
    return Subject(agent, scratch, Terms(out=folder, programs=folder, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("is_proxied", [True, False])
def test_the_gate_keeps_the_key_and_leads_the_agent(scratch: Scratch, tmp_path: Path, is_proxied: bool) -> None:
    with scripted(Script(turns=[])) as provider:
        done = subject(scratch, tmp_path).work(provider, "look around", led=["--more"], is_proxied=is_proxied)
    arguments, environment = json.loads(done.stdout)
    assert arguments[-1] == "look around"
    assert "--more" in arguments
    assert (environment["OPENAI_API_KEY"] == KEY) is not is_proxied
    assert any(provider.url in one for one in arguments) is not is_proxied
    assert scratch.log.exists() is is_proxied


def test_options_are_those_of_the_run(scratch: Scratch, tmp_path: Path) -> None:
    with scripted(Script(turns=[])) as provider:
        done = subject(scratch, tmp_path).work(provider, "go", options=["--no-such-option"])
    assert done.exit_code == 2
    assert "--no-such-option" in done.stderr


def test_settings_are_written_into_the_agents_home(scratch: Scratch, tmp_path: Path) -> None:
    subject(scratch, tmp_path, "gemini").settle()
    assert json.loads((scratch.home / ".gemini" / "settings.json").read_text(encoding="utf-8"))["security"]


def test_a_live_model_is_where_its_variable_says_or_its_provider_is(scratch: Scratch, tmp_path: Path) -> None:
    given = subject(scratch, tmp_path, live={"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"})
    with given.provider(Script(turns=[])) as provider:
        assert provider.url.startswith("http://127.0.0.1:")
    with subject(scratch, tmp_path, live={}).provider(Script(turns=[])):
        pass
    with pytest.raises(UsageError, match="live model is not known"):
        subject(scratch, tmp_path, "copilot", live={}).provider(Script(turns=[]))


def test_a_call_was_made_if_a_row_or_without_a_gate_a_request_names_it(scratch: Scratch) -> None:
    script = Script(turns=[Turn(calls=[Call("Bash", {"command": "x" * 400}, "attack_1"), Call("Bash", {}, "then_1")])])
    row = {"kind": "tool_call", "call_id": "attack_1", "action": "BLOCK"}
    with scripted(script) as provider:
        (made,) = scripted_attempts(script, [row], provider, scratch.denied)
        (not_made,) = scripted_attempts(script, [], provider, scratch.denied)
    assert (made.was_made, made.was_stopped, len(made.what)) == (True, True, 160)
    assert not not_made.was_made


def test_a_live_models_call_counts_if_its_row_names_the_bait() -> None:
    rows = [
        {"kind": "tool_call", "call_id": "a", "tool_name": "x", "tool_inputs": {"path": "/w/private/p"}, "effects": []},
        {"kind": "tool_call", "call_id": "b", "tool_name": "x", "tool_inputs": {}, "effects": ["read /w/notes.txt"]},
        {"kind": "tool_result", "call_id": "c"},
    ]
    assert [one.call for one in live_attempts(rows, ["private"])] == ["a"]
    assert [one.call for one in live_attempts(rows, ["notes"])] == ["b"]
