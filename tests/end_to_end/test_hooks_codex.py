"""The real Codex with Occasio's hooks: with the daemon alone, and behind the proxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core.scripted.model import ScriptedModel
from occasio_core.scripted.turn import DONE, Call, Turn
from occasio_harness.marker import leaks
from tests.end_to_end.codex import OPENAI_KEY
from tests.end_to_end.hooked import TOKEN, Spoken, daemon, events, installed, of_call
from tests.end_to_end.place import DENIED_WORDS, Place, prepared
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


def alone(place: Place, *script: Turn, model: str = "gpt-5.5") -> Spoken:
    with ScriptedModel(script, needs_tools=False) as server:
        provider = f'{{name="x",base_url="{server.url}/v1",env_key="OPENAI_API_KEY",wire_api="responses"}}'
        own = ["-c", f"model_providers.x={provider}", "-c", 'model_provider="x"', TRUSTED]
        environment = place.environment | {"OPENAI_API_KEY": OPENAI_KEY}
        finished = run(codex_headless("codex", "go", *own, model=model), environment=environment, directory=place.work)
        return Spoken(finished=finished, requests=server.requests)


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


# Code mode: the model writes a program, and each of its calls raises the hook.

CODE_MODE = "gpt-5.6-sol"  # a model that gets one tool, `exec`, and writes programs for it
PROGRAM = """
const say = async (call) => {
  let out;
  try { out = await call(); } catch (error) { out = `refused: ${error}`; }
  text(JSON.stringify(out));
};
const part = "pri", denied = part + "vate/pl" + "ans.txt";
await say(() => tools.exec_command({cmd: "cat notes.txt"}));
await say(() => tools.exec_command({cmd: "cat " + denied}));
await say(() => tools.exec_command({cmd: "cat leak.txt"}));
await say(() => tools.apply_patch("*** Begin Patch\\n*** Add File: new.txt\\n+written\\n*** End Patch"));
await say(() => tools.apply_patch(`*** Begin Patch\\n*** Add File: ${part}vate/new.txt\\n+written\\n*** End Patch`));
"""
DECIDED = [("shell_bash", "PASS"), ("shell_bash", "BLOCK"), ("shell_bash", "PASS"), ("apply_patch", "PASS")]


def decisions(place: Place) -> list[tuple[object, object]]:
    decided = [row.fields for row in place.rows() if row.kind == "tool_call"]
    return [(row["tool_name"], row["action"]) for row in decided]


def assert_the_program_got_what_it_may(place: Place, sent: bytes) -> None:
    assert b"tea at four" in sent
    assert sent.count(b"refused: Command blocked by PreToolUse hook") == 2
    assert b"refused: [withheld by Occasio: it holds secrets" in sent
    assert leaks([*DENIED_WORDS, TOKEN], sent) == []
    assert (place.work / "new.txt").read_text(encoding="utf-8") == "written\n"
    assert not (place.work / "private" / "new.txt").exists()


def test_each_call_of_a_program_is_allowed_denied_or_withheld_and_recorded(hooked: Place) -> None:
    with daemon(hooked):
        spoken = alone(hooked, Turn(calls=[Call("exec", PROGRAM, "call_program")]), DONE, model=CODE_MODE)
    assert_the_program_got_what_it_may(hooked, spoken.sent)
    assert decisions(hooked) == [*DECIDED, ("apply_patch", "BLOCK")]
    outcomes = [row.fields["result_kind"] for row in hooked.rows() if row.kind == "tool_result"]
    assert outcomes == ["pass", "withheld", "pass"]
    assert hooked.occasio("audit", "coverage").returncode == 0


def test_no_call_of_a_program_is_carried_out_without_the_daemon(hooked: Place) -> None:
    program = f"await tools.exec_command({{cmd: 'touch {hooked.work}/made.txt'}});"
    alone(hooked, Turn(calls=[Call("exec", program, "call_program")]), DONE, model=CODE_MODE)
    assert not (hooked.work / "made.txt").exists()


def test_behind_the_proxy_a_program_is_judged_by_its_words_and_each_of_its_calls_by_the_hook(hooked: Place) -> None:
    words = 'await tools.exec_command({cmd: "cat private/plans.txt"});'
    programs = [
        Turn(calls=[Call("exec", program, name)]) for name, program in (("call_words", words), ("call_built", PROGRAM))
    ]
    with ScriptedModel([*programs, DONE], needs_tools=False) as model:
        _, *command = codex_headless("codex", "go", TRUSTED, model=CODE_MODE)
        done = hooked.occasio("codex", "--upstream", f"{model.url}/v1", *command, OPENAI_API_KEY=OPENAI_KEY)
        sent = b"\n".join(request.body for request in model.requests)
    assert done.returncode == 0, done.stderr
    assert_the_program_got_what_it_may(hooked, sent)
    assert decisions(hooked) == [("run_code", "BLOCK"), ("run_code", "PASS"), *DECIDED, ("apply_patch", "BLOCK")]


def test_keys_into_a_shell_of_a_program_raise_no_hook_and_leave_a_gap(hooked: Place) -> None:
    """What Codex does not ask about cannot be held by hooks: the shell that was let through shows no outcome."""
    program = """
const shell = await tools.exec_command({cmd: "bash", tty: true, yield_time_ms: 500});
await tools.write_stdin({session_id: shell.session_id, chars: "touch made.txt\\n", yield_time_ms: 1000});
"""
    with daemon(hooked):
        alone(hooked, Turn(calls=[Call("exec", program, "call_program")]), DONE, model=CODE_MODE)
    assert (hooked.work / "made.txt").exists()
    assert decisions(hooked) == [("shell_bash", "PASS")]
    coverage = hooked.occasio("audit", "coverage")
    assert (coverage.returncode, "no-outcome" in coverage.stdout) == (1, True)
