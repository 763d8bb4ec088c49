"""The real Codex in a governed session: nothing denied reaches agent or model, and the bundle says what happened."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Turn
from occasio_harness.marker import leaks, leaks_below
from tests.end_to_end.codex import (
    ALLOWED,
    DENIED,
    LAST_WORDS,
    OPENAI_KEY,
    SECRET,
    TRACES_OF_DENIED,
    CodexSession,
    governed,
    script,
)
from tests.end_to_end.place import DENIED_WORDS, RULE, Place, prepared, variables
from tests.node_rules import problems
from tests.real_agents import CODEX, codex_headless, run

pytestmark = pytest.mark.agents

JAVASCRIPT = Path(__file__).parents[2] / "conformance" / "javascript"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> CodexSession:
    return governed(prepared(tmp_path_factory.mktemp("codex")), CODEX.required())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return prepared(tmp_path, CODEX.required())


def events(printed: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


# What the agent gets


def test_the_session_goes_on_to_its_end(session: CodexSession) -> None:
    assert session.finished.returncode == 0, session.finished.stderr
    assert LAST_WORDS in session.finished.stdout
    assert len(session.requests) == len(session.turns)


def test_the_denied_content_is_in_nothing_that_the_agent_was_sent_or_printed_or_kept(session: CodexSession) -> None:
    printed = session.finished.stdout + session.finished.stderr
    assert leaks(DENIED_WORDS, session.sent_to_agent + printed.encode()) == []
    assert leaks_below(DENIED_WORDS, session.place.home) == []


def test_an_allowed_call_reaches_the_agent_as_the_model_made_it(session: CodexSession) -> None:
    for call in ALLOWED:
        item, made = session.items_at_agent[call], session.calls[call]
        given = item["input"] if isinstance(made.input, str) else json.loads(item["arguments"])
        assert (item["name"], given) == (made.name, made.input)


def test_a_denied_call_reaches_the_agent_under_a_name_that_it_does_not_have_and_without_an_input(
    session: CodexSession,
) -> None:
    for call in DENIED:
        item = session.items_at_agent[call]
        assert item["name"] == f"occasio_refused__{session.calls[call].name}"
        assert item.get("arguments", item.get("input")) in ("{}", "")
    assert [trace for trace in TRACES_OF_DENIED if trace in session.sent_to_agent] == []


def test_the_agent_ran_the_allowed_calls_and_no_other(session: CodexSession) -> None:
    done = [one["item"] for one in events(session.finished.stdout) if one["type"] == "item.completed"]
    ran = [item for item in done if isinstance(item, dict) and item["type"] in ("command_execution", "file_change")]
    assert [item["type"] for item in ran] == ["command_execution", "file_change", *["command_execution"] * 2]
    assert (session.place.work / "new.txt").read_text(encoding="utf-8") == "written\n"


def test_the_agent_finds_a_token_where_the_key_would_be(session: CodexSession) -> None:
    assert variables(session.environment)["OPENAI_API_KEY"].startswith("occasio-local-")
    assert {request.headers["authorization"] for request in session.requests} == {f"Bearer {OPENAI_KEY}"}
    for directory in (session.place.home, session.place.occasio_home, session.environment.parent):
        assert leaks_below([OPENAI_KEY], directory) == []


# What the model gets


def test_without_the_gate_the_same_session_tells_the_model_what_is_denied(place: Place) -> None:
    (place.work / "token.txt").write_text(f"key = {SECRET}\n", encoding="utf-8")
    with ScriptedModel(script()) as model:
        provider = f'{{name="x",base_url="{model.url}/v1",env_key="OPENAI_API_KEY",wire_api="responses"}}'
        settings = ["-c", f"model_providers.x={provider}", "-c", 'model_provider="x"']
        environment = place.environment | {"OPENAI_API_KEY": OPENAI_KEY}
        run(codex_headless("codex", "go", *settings), environment=environment, directory=place.work)
    assert leaks([*DENIED_WORDS, SECRET], model.requests[-1].body) == [
        f"{word} as it is" for word in (*DENIED_WORDS, SECRET)
    ]


def test_the_denied_content_and_the_secret_are_in_no_request(session: CodexSession) -> None:
    assert [leaks([*DENIED_WORDS, SECRET], request.body) for request in session.requests] == [[]] * len(session.turns)


def test_every_request_has_every_call_as_the_model_made_it(session: CodexSession) -> None:
    for number, request in enumerate(session.requests):
        made = {call.id: call for turn in session.turns[:number] for call in turn.calls}
        assert {call: item["name"] for call, item in request.calls.items()} == {one: made[one].name for one in made}
        for call, item in request.calls.items():
            given = item["input"] if "input" in item else json.loads(item["arguments"])
            assert given == made[call].input


def test_a_denied_call_has_the_refusal_as_its_result_in_every_request(session: CodexSession) -> None:
    for request in session.requests:
        for call in set(DENIED) & set(request.results):
            assert request.results[call]["output"].startswith("Refused by policy (path-denied): " + RULE)


def test_the_secret_that_a_command_printed_is_redacted(session: CodexSession) -> None:
    told = session.requests[-1].results["call_secret"]["output"]
    assert "[REDACTED" in told.upper()


def history(request: Request) -> bytes:
    """Return the bytes of the request's items without the closing bracket."""
    text = request.body.decode()
    start = text.index('"input":') + len('"input":')
    _, end = json.JSONDecoder().raw_decode(text[start:])
    return text[start : start + end - 1].encode()


def test_the_history_is_the_same_bytes_from_request_to_request(session: CodexSession) -> None:
    for earlier, later in pairwise(session.requests):
        assert history(later).startswith(history(earlier))


# The evidence


def test_every_call_has_one_decision_in_the_order_in_which_they_were_made(session: CodexSession) -> None:
    rows = session.rows_of("tool_call")
    assert [row.fields["call_id"] for row in rows] == list(session.calls)
    assert {row.fields["call_id"] for row in rows if row.fields["action"] == "BLOCK"} == set(DENIED)
    assert {row.fields.get("rule") for row in rows} == {None, RULE}
    assert {(row.fields["agent"], row.fields["protocol"]) for row in rows} == {("codex", "openai-responses")}


def test_rows_of_the_agent_name_its_own_session(session: CodexSession) -> None:
    thread = next(one["thread_id"] for one in events(session.finished.stdout) if one["type"] == "thread.started")
    assert {row.fields["session_id"] for row in session.rows_of("tool_call")} == {thread}


def test_a_call_that_ran_has_one_result(session: CodexSession) -> None:
    assert [row.fields["call_id"] for row in session.rows_of("tool_result")] == list(ALLOWED)


def test_the_decision_was_in_the_log_before_the_first_byte_of_the_call_went_to_the_agent(session: CodexSession) -> None:
    log = session.place.log.read_bytes()
    for call in session.calls:
        name = f'"call_id":"{call}"'.encode()
        (passage,) = [passage for passage in session.passages if name in passage.body]
        assert name in log[: passage.log_size_at(name)]


def test_every_request_is_recorded_with_what_the_model_reported(session: CodexSession) -> None:
    rows = session.rows_of("request")
    assert {(row.fields["model"], row.fields["input_tokens"], row.fields["output_tokens"]) for row in rows} == {
        ("gpt-5.5", 10, 5)
    }
    assert len(rows) == len(session.turns)


def test_the_bundle_verifies_in_both_implementations_and_holds_nothing_denied(session: CodexSession, node: str) -> None:
    sealed = session.place.seal()
    assert session.place.verifier(sealed.bundle, "--key", sealed.key).returncode == 0
    command = [node, *map(str, (JAVASCRIPT / "cli.js", sealed.bundle, "--key", sealed.key, "--json"))]
    done = run(command, environment=session.place.environment, directory=session.place.work)
    assert json.loads(done.stdout)["verdict"] == "VERIFIED"
    summary = json.loads(sealed.data)["attestation"]["execution_summary"]
    assert (summary["tool_calls"], summary["blocked"], summary["secrets_redacted"]) == (9, len(DENIED), 1)
    assert leaks([*DENIED_WORDS, SECRET, OPENAI_KEY], sealed.data) == []
    assert problems(sealed.data) == []


# Refusals


def test_a_request_over_the_budget_is_refused_once_and_codex_shows_why(place: Place) -> None:
    (place.occasio_home / "prices.json").write_text(
        '{"models": {"gpt-5.5": {"input": "1", "output": "1", "cache_write": "1", "cache_read": "1"}}}',
        encoding="utf-8",
    )
    _, *command = codex_headless("codex", "go")
    with ScriptedModel([Turn(text="never said")]) as model:
        options = ["--upstream", f"{model.url}/v1", "--budget", "0.001"]
        done = place.occasio("codex", *options, *command, OPENAI_API_KEY=OPENAI_KEY)
        assert model.requests == []
    assert done.returncode == 1
    assert "occasio does not send the request" in done.stdout
    assert [row.kind for row in place.rows()].count("limit_exceeded") == 1


@pytest.mark.parametrize("arguments", [["-c", "model_provider=openai"], ["--oss"]])
def test_codex_is_not_led_around_the_gate(place: Place, arguments: list[str]) -> None:
    _, *command = codex_headless("codex", "go", *arguments)
    done = place.occasio("codex", *command, OPENAI_API_KEY=OPENAI_KEY)
    assert (done.returncode, place.log.exists()) == (1, False)
    assert "would lead codex around the gate" in done.stderr


def test_a_search_that_the_policy_refuses_is_not_offered_to_the_model(place: Place) -> None:
    """Codex offers the provider's web search with every request; the rest of the run goes on."""
    policy = place.root / "policy.yml"
    offered: list[list[object]] = []
    for text in ("version: 1\n", "version: 1\ntools: {web_search: {action: BLOCK}}\n"):
        policy.write_text(text, encoding="utf-8")
        turns = [Turn(calls=[Call("exec_command", {"cmd": "cat notes.txt"}, "call_notes")]), Turn(text="done")]
        with ScriptedModel(turns) as model:
            own = {"OPENAI_API_KEY": OPENAI_KEY}
            command = ("run", "--policy", policy, "--upstream", f"{model.url}/v1", "--", *codex_headless("codex", "go"))
            assert place.occasio(*command, **own).returncode == 0
            offered.append([tool["type"] for request in model.conversation for tool in request.json["tools"]])
            assert "tea at four" in str(model.conversation[1].results["call_notes"])
    assert offered[0].count("web_search") == 2
    assert offered[1] == [kind for kind in offered[0] if kind != "web_search"]
    refused = [row.fields for row in place.rows() if row.kind == "tool_call" and row.fields["action"] == "BLOCK"]
    assert [(row["call_id"], row["rule"]) for row in refused] == [("offered:web_search", "tools: web_search")]
