"""Each agent under Occasio, headless: what is allowed runs, what is refused does not, what is secret stays here."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from occasio_harness.marker import leaks, leaks_below
from tests.agents_more import agents
from tests.agents_more.agents import KEY, MoreAgent
from tests.agents_more.governed import SECRET, Governed, governed
from tests.end_to_end.place import DENIED_WORDS, RULE, prepared
from tests.real_agents import run

pytestmark = pytest.mark.agents

JAVASCRIPT = Path(__file__).parents[2] / "conformance" / "javascript"
AGENTS = {
    "opencode": agents.OPENCODE,
    "opencode-openai": agents.OPENCODE_OPENAI,
    "cline": agents.CLINE,
    "cline-openai": agents.CLINE_OPENAI,
    "gemini": agents.GEMINI,
    "copilot": agents.COPILOT,
    "copilot-responses": agents.COPILOT_RESPONSES,
    "copilot-anthropic": agents.COPILOT_ANTHROPIC,
    "qwen": agents.QWEN,
    "mini-swe-agent": agents.MINI,
    "claude-agent-sdk": agents.SDK,
}


@pytest.fixture(scope="module", params=AGENTS.values(), ids=AGENTS.keys())
def agent(request: pytest.FixtureRequest) -> MoreAgent:
    assert isinstance(request.param, MoreAgent)
    return request.param


@pytest.fixture(scope="module")
def session(agent: MoreAgent, tmp_path_factory: pytest.TempPathFactory) -> Governed:
    return governed(agent, prepared(tmp_path_factory.mktemp("more")))


def test_the_session_goes_on_to_its_end(session: Governed) -> None:
    assert session.finished.returncode == 0, session.finished.stdout + session.finished.stderr
    assert len(session.requests) >= 4 - ("call_last" in session.place.log.read_text(encoding="utf-8"))


def test_the_allowed_call_ran_and_the_refused_one_did_not(session: Governed) -> None:
    assert (session.place.work / "seen.txt").read_text(encoding="utf-8") == "tea at four\n"
    assert not (session.place.work / "made.txt").exists()
    assert b"tea at four" in session.requests[-1].body


def test_nothing_denied_and_no_secret_is_in_a_request(session: Governed) -> None:
    assert [leaks([*DENIED_WORDS, SECRET], request.body) for request in session.requests] == [[]] * len(
        session.requests
    )


def test_the_model_is_told_of_the_refusal_and_of_the_redaction(agent: MoreAgent, session: Governed) -> None:
    last = session.requests[-1].body
    assert (agent.refused or f"Refused by policy (path-denied): {RULE}").encode() in last
    assert b"[REDACTED" in last.upper()


def test_the_key_is_with_the_model_and_not_with_the_agent(session: Governed) -> None:
    sent = {
        request.headers.get("authorization", "").removeprefix("Bearer ")
        or request.headers.get("x-api-key")
        or request.headers.get("x-goog-api-key")
        for request in session.requests
    }
    assert sent == {KEY}
    for directory in (session.place.home, session.place.occasio_home, session.place.work):
        assert [one for one in directory.rglob("*") if one.is_file()] == [] or leaks_below([KEY], directory) == []


def test_each_call_is_decided_once_and_has_its_result(agent: MoreAgent, session: Governed) -> None:
    decided = {row.fields["call_id"]: row.fields["action"] for row in session.rows_of("tool_call")}
    assert decided.pop("call_last", "PASS") == "PASS"
    assert decided == {"call_allowed": "PASS", "call_denied": "BLOCK", "call_secret": "PASS"}
    assert {(row.fields["agent"], row.fields["protocol"]) for row in session.rows_of("tool_call")} == {
        (agent.name, agent.protocol)
    }
    results = [row.fields["call_id"] for row in session.rows_of("tool_result")]
    assert results[:2] == ["call_allowed", "call_secret"]
    assert len(set(results)) == len(results)


def test_the_bundle_verifies_in_both_implementations(session: Governed) -> None:
    sealed = session.place.seal()
    assert session.place.verifier(sealed.bundle, "--key", sealed.key).returncode == 0
    node = shutil.which("node")
    assert node is not None
    command = [node, *map(str, (JAVASCRIPT / "cli.js", sealed.bundle, "--key", sealed.key, "--json"))]
    done = run(command, environment=session.place.environment, directory=session.place.work)
    assert json.loads(done.stdout)["verdict"] == "VERIFIED"
    summary = json.loads(sealed.data)["attestation"]["execution_summary"]
    assert (summary["blocked"], summary["secrets_redacted"]) == (1, 1)
    assert leaks([*DENIED_WORDS, SECRET, KEY], sealed.data) == []
