"""The real Claude Code with a real MCP server behind `occasio mcp wrap`, alone and in a run of `occasio run`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from occasio_core.scripted.model import ScriptedModel
from occasio_core.scripted.turn import Call, Turn
from occasio_verify import Json, Row
from tests.end_to_end.hooked import REDACTING, TOKEN, Spoken, installed, of_call
from tests.end_to_end.place import DENIED_WORDS, Place, occasio, prepared
from tests.real_agents import MCP_FILES, headless, require_claude_code, run

pytestmark = pytest.mark.agents

JAVASCRIPT = Path(__file__).parents[2] / "conformance" / "javascript" / "cli.js"
TOOL = "mcp__fs__read_text_file"
CALLS = {"toolu_allowed": "notes.txt", "toolu_denied": "private/plans.txt", "toolu_redacted": "leak.txt"}


def turns(place: Place) -> list[Turn]:
    """Return a turn for each call, once the server is there: the agent begins without it."""
    waits = Turn(calls=[Call("WaitForMcpServers", {}, id="toolu_waits")])
    return [
        waits,
        *(Turn(calls=[Call(TOOL, {"path": str(place.work / file)}, id=call)]) for call, file in CALLS.items()),
    ]


def command(place: Place) -> list[str]:
    """Return the command that has Claude Code use the wrapped server, and no other."""
    words = occasio("mcp", "wrap", "--name", "fs", "--", MCP_FILES.required(), place.work)
    environment = {"OCCASIO_HOME": str(place.occasio_home)}
    server = {"command": words[0], "args": list(words[1:]), "env": environment}
    config = json.dumps({"mcpServers": {"fs": server}})
    return headless("claude", "do it", "--mcp-config", config, "--strict-mcp-config")


def begun(place: Place) -> Place:
    """Return the place with a file with a secret, and a policy that takes secrets out."""
    (place.work / "leak.txt").write_text(f"token {TOKEN} end\n", encoding="utf-8")
    (place.occasio_home / "policy.yml").write_text(REDACTING, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Spoken]:
    """A session with nothing of Occasio but the gateway."""
    place = begun(prepared(tmp_path_factory.mktemp("mcp"), require_claude_code()))
    with ScriptedModel(turns(place)) as model:
        environment = place.environment | {"ANTHROPIC_BASE_URL": model.url}
        finished = run(command(place), environment=environment, directory=place.work)
        return place, Spoken(finished=finished, requests=model.conversation)


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Spoken]:
    """A session with proxy, hooks and gateway."""
    place = installed(begun(prepared(tmp_path_factory.mktemp("joined"), require_claude_code())))
    with ScriptedModel(turns(place)) as model:
        finished = place.occasio("run", "--upstream", model.url, "--", *command(place))
        return place, Spoken(finished=finished, requests=model.conversation)


def test_what_is_allowed_is_done_and_what_is_denied_is_not(alone: tuple[Place, Spoken]) -> None:
    _, spoken = alone
    assert "tea at four" in spoken.result("toolu_allowed")
    assert "path-denied" in spoken.result("toolu_denied")
    assert not any(word.encode() in spoken.sent for word in DENIED_WORDS)


def test_a_secret_is_taken_out_of_a_result(alone: tuple[Place, Spoken]) -> None:
    _, spoken = alone
    assert "[REDACTED:" in spoken.result("toolu_redacted")
    assert TOKEN.encode() not in spoken.sent


def test_the_gateway_alone_is_a_run_with_the_models_ids(alone: tuple[Place, Spoken]) -> None:
    rows = of_runs(alone[0])
    assert rows[0].fields["enforcement_points"] == ["mcp"]
    assert (rows[-1].kind, rows[-1].fields["reason"]) == ("run_ended", "exit")
    assert {row.run_id for row in rows} == {rows[0].run_id}
    assert actions(rows) == {"toolu_allowed": ["PASS"], "toolu_denied": ["BLOCK"], "toolu_redacted": ["PASS"]}
    calls = [row for row in rows if row.kind == "tool_call"]
    assert {(row.fields["agent"], row.fields["protocol"], row.fields["tool_name"]) for row in calls} == {
        ("claude-code", "mcp", TOOL)
    }
    assert [row["result_kind"] for row in of_call(rows, "toolu_redacted", "tool_result")] == ["transform"]


@pytest.mark.parametrize("doors", ["alone", "joined"])
def test_the_bundle_verifies_in_both_implementations(doors: str, request: pytest.FixtureRequest, node: str) -> None:
    place: Place = request.getfixturevalue(doors)[0]
    sealed = place.seal()
    assert place.verifier(sealed.bundle, "--key", sealed.key).returncode == 0
    words = [node, str(JAVASCRIPT), str(sealed.bundle), "--key", str(sealed.key)]
    other = run(words, environment=place.environment, directory=place.work)
    assert other.returncode == 0, other.stdout + other.stderr


def test_proxy_hooks_and_gateway_are_one_run_and_each_call_is_decided_once(joined: tuple[Place, Spoken]) -> None:
    rows = of_runs(joined[0])
    assert {row.run_id for row in rows} == {rows[0].run_id}
    assert actions(rows) == {"toolu_allowed": ["PASS"], "toolu_denied": ["BLOCK"], "toolu_redacted": ["PASS"]}
    assert {row.fields["protocol"] for row in rows if row.kind == "tool_call"} == {"anthropic-http"}
    doors = [str(row["protocol"]) for row in of_call(rows, "toolu_redacted", "tool_result")]
    assert doors == ["mcp", "anthropic-http"]


def test_the_secret_is_out_before_the_agent_has_the_result(joined: tuple[Place, Spoken]) -> None:
    place, spoken = joined
    first, second = of_call(of_runs(place), "toolu_redacted", "tool_result")
    assert (first["result_kind"], second["result_kind"]) == ("transform", "pass")
    assert TOKEN.encode() not in spoken.sent


def test_no_call_has_a_gap(joined: tuple[Place, Spoken]) -> None:
    done = joined[0].occasio("audit", "coverage")
    assert done.returncode == 0, done.stdout


def of_runs(place: Place) -> list[Row]:
    """Return the rows that belong to a run: checkpoints are the log's."""
    return [row for row in place.rows() if row.run_id is not None]


def actions(rows: Sequence[Row]) -> Mapping[str, list[Json]]:
    """Return what was decided on each call, by its id."""
    return {call: [row["action"] for row in of_call(rows, call, "tool_call")] for call in CALLS}
