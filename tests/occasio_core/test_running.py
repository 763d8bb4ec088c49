"""A run has its rows from the first to the last, whatever the agent does and however it ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import yaml

from occasio_core import bypass, git_state
from occasio_core import home as places
from occasio_core.agent import AgentMissingError
from occasio_core.bypass import BypassError
from occasio_core.daylog import LOGS, files, said_in
from occasio_core.detection import lookout
from occasio_core.errors import LedgerError, PolicyError, UsageError
from occasio_core.ledger import Entry, Ledger
from occasio_core.running import Job, authorities, run
from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Answer, Call, Turn
from occasio_core.version import __version__
from occasio_verify import Row, parse_row

DEFAULT_POLICY = Path(git_state.__file__).with_name("policy") / "default.yml"
REAL_KEY = "sk-ant-api03-the-real-one"
AGENT = [sys.executable, "-m", "occasio_core.demo.agent", "go"]


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of the test's own, and nothing of this machine's."""
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "occasio"))
    monkeypatch.setattr(bypass, "_MANAGED", ())
    monkeypatch.setattr(git_state, "SECONDS", 60.0)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    place = tmp_path / "work"
    place.mkdir()
    (place / "notes").write_text("tea at four", encoding="utf-8")
    (place / ".env").write_text("KEY=never shown", encoding="utf-8")
    return place


def job(work: Path, command: Sequence[str], **environment: str) -> Job:
    base = {"PATH": os.environ["PATH"], "HOME": str(work.parent / "home")}
    return Job(command=command, cwd=work, environment=base | environment)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def rows() -> list[Row]:
    lines = places.log_path(places.home()).read_bytes().split(b"\n")
    return [parse_row(line) for line in lines[:-1]]


def of(kind: str) -> list[Mapping[str, object]]:
    return [row.fields for row in rows() if row.kind == kind]


def test_a_run_without_a_request_has_its_first_and_last_rows(work: Path) -> None:
    outcome = run(job(work, python("")))
    *run_rows, checkpoint = rows()
    assert [row.kind for row in run_rows] == ["run_started", "policy_loaded", "git_state", "git_state", "run_ended"]
    assert {row.run_id for row in run_rows} == {outcome.run_id}
    assert (checkpoint.kind, checkpoint.fields["tree_size"]) == ("checkpoint", len(run_rows))
    assert outcome.exit_code == 0


def test_the_first_row_says_what_was_started_where_and_with_what(work: Path) -> None:
    run(job(work, python("")))
    (started,) = of("run_started")
    assert started["command"] == Path(sys.executable).name
    assert (started["cwd"], started["enforcement_points"]) == (str(work), ["proxy"])
    assert started["chain_file"] == str(places.log_path(places.home()))
    assert {"name": "anthropic", "version": __version__} in cast("list[object]", started["plugins"])


def test_the_policy_in_force_is_named_and_kept(work: Path) -> None:
    policy = work / "policy.yml"
    policy.write_text("version: 1\ndeny_paths:\n  - notes\n", encoding="utf-8")
    run(replace(job(work, python("")), policy=policy))
    (loaded,) = of("policy_loaded")
    named = loaded["tool_inputs"]
    assert isinstance(named, dict)
    assert (loaded["policy_source"], named["policy_path"]) == ("user", str(policy))
    assert places.policy_copy_path(places.home(), named["policy_hash"]).read_bytes() == policy.read_bytes()


@pytest.mark.parametrize(
    ("code", "exit_code", "reason"),
    [("raise SystemExit(7)", 7, "exit"), ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 143, "signal")],
)
def test_the_last_row_says_how_the_agent_ended(work: Path, code: str, exit_code: int, reason: str) -> None:
    outcome = run(job(work, python(code)))
    assert outcome.exit_code == exit_code
    assert [(row["exit_code"], row["reason"]) for row in of("run_ended")] == [(exit_code, reason)]


def denials_counted(work: Path, entries: str) -> int:
    """Return how many deny entries the log says were in force in a run under a policy with these."""
    policy = work / "policy.yml"
    policy.write_text(f"version: 1\ndeny_paths: {entries}\n", encoding="utf-8")
    run(replace(job(work, python("")), policy=policy))
    digest = cast("Mapping[str, Mapping[str, int]]", of("policy_loaded")[-1]["tool_inputs"])["rules_digest"]
    return digest["deny_paths_count"]


def test_every_deny_entry_in_force_is_counted_and_the_built_in_ones_too(work: Path) -> None:
    built_in = yaml.safe_load(DEFAULT_POLICY.read_text(encoding="utf-8"))
    entries = [*built_in["deny_paths"], *built_in["write"]["deny_paths"]]
    own_home = 1
    denied = own_home + sum(not entry.startswith("!") for entry in entries)
    assert denials_counted(work, "[notes, src/keys]") == denied + 2


def test_an_exception_is_not_counted_as_a_deny_entry(work: Path) -> None:
    assert denials_counted(work, "[notes, '!**/.env.local']") == denials_counted(work, "[notes]")


def test_an_agent_works_under_the_policy_and_its_calls_are_recorded(
    work: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    calls = [Call("Read", {"file_path": str(work / name)}) for name in ("notes", ".env")]
    with ScriptedModel([Turn(text="both", calls=calls), Turn(text="bye")]) as model:
        outcome = run(job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY=REAL_KEY))
        told = {result["content"] for result in model.requests[1].results.values()}
    assert outcome.exit_code == 0
    assert "model: bye" in capfd.readouterr().out
    assert "tea at four" in told
    assert not any("never shown" in text for text in told)
    assert [row["action"] for row in of("tool_call")] == ["PASS", "BLOCK"]
    assert (outcome.tally.counters.passed, outcome.tally.counters.blocked) == (1, 1)


def test_what_detectors_find_in_a_run_is_a_row_of_it(
    work: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "PATIENCE_SECONDS", 60.0)
    policy = work / "policy.yml"
    policy.write_text(
        "sinks: {stderr: }\ndetectors: {options: {detectors.deny-rate: {at_least_cold: 3}}}\n", encoding="utf-8"
    )
    calls = [Call("Read", {"file_path": str(work / ".env")}, id=f"c{number}") for number in range(3)]
    with ScriptedModel([Turn(calls=calls), Turn(text="bye")]) as model:
        asked = job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="k")
        run(replace(asked, policy=policy))
    (finding,) = of("finding")
    assert (finding["detector"], finding["severity"]) == ("detectors.deny-rate", "low")
    assert finding["rows"] == [row["hash"] for row in of("tool_call")]
    assert [row.kind for row in rows()][-2:] == ["run_ended", "checkpoint"]
    assert "occasio: LOW detectors.deny-rate: 3 calls were refused" in capfd.readouterr().err


def test_what_the_policy_runs_here_the_agent_never_runs(work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    policy = work / "policy.yml"
    policy.write_text("version: 1\ntools:\n  Read: {action: LOCAL}\n", encoding="utf-8")
    calls = [Call("Read", {"file_path": str(work / name)}, id=name) for name in ("notes", ".env")]
    with ScriptedModel([Turn(calls=calls), Turn(text="bye")]) as model:
        asked = job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="k")
        run(replace(asked, policy=policy))
        told = {name: result["content"] for name, result in model.requests[1].results.items()}
    assert "tea at four" in told["notes"]
    assert "path-denied" in told[".env"]
    assert "agent: read" not in capfd.readouterr().out
    assert [row["action"] for row in of("tool_call")] == ["LOCAL", "BLOCK"]
    assert [row["result_kind"] for row in of("tool_result")] == ["local"]


def test_nothing_that_was_read_and_no_key_is_in_a_row(work: Path) -> None:
    calls = [Call("Read", {"file_path": str(work / name)}) for name in ("notes", ".env")]
    with ScriptedModel([Turn(calls=calls)]) as model:
        run(job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY=REAL_KEY))
    log = places.log_path(places.home()).read_text(encoding="utf-8")
    assert not any(text in log for text in ("tea at four", "never shown", REAL_KEY))


def test_the_model_gets_the_real_key_and_the_agent_a_token(work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with ScriptedModel([Turn(text="bye")]) as model:
        run(job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY=REAL_KEY))
        assert model.requests[0].headers["x-api-key"] == REAL_KEY
    run(job(work, python("import os; print(os.environ)"), ANTHROPIC_API_KEY=REAL_KEY))
    seen = capfd.readouterr().out
    assert "occasio-local-" in seen
    assert REAL_KEY not in seen


def test_the_agent_does_not_learn_where_occasio_keeps_its_things(work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(job(work, python("import os; print(os.environ)"), OCCASIO_HOME=str(places.home())))
    assert str(places.home()) not in capfd.readouterr().out


def test_an_upstream_that_is_named_goes_before_the_environments(work: Path) -> None:
    with ScriptedModel([Turn(text="bye")]) as model:
        asked = job(work, AGENT, ANTHROPIC_BASE_URL="http://127.0.0.1:9", ANTHROPIC_API_KEY="k")
        assert run(replace(asked, upstream=model.url)).exit_code == 0


def test_rows_call_the_agent_what_the_person_calls_it(work: Path) -> None:
    with ScriptedModel([Turn(text="bye")]) as model:
        asked = job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="k")
        run(replace(asked, agent="mine"))
    assert [row["agent"] for row in of("request")] == ["mine"]


@pytest.mark.parametrize(
    "upstream", ["api.example.com", "ftp://example.com", "https://", "http://h:99999", "http://h/?q"]
)
def test_an_upstream_that_is_no_address_stops_the_run_before_its_first_row(work: Path, upstream: str) -> None:
    with pytest.raises(UsageError, match="is not"):
        run(replace(job(work, python("")), upstream=upstream))
    assert rows() == []


def test_a_program_that_is_not_there_leaves_no_trace(work: Path) -> None:
    with pytest.raises(AgentMissingError):
        run(job(work, ["nosuch"]))
    assert not places.home().exists()


def test_a_policy_that_cannot_be_read_stops_the_run_before_its_first_row(work: Path) -> None:
    (work / "policy.yml").write_text("deny_path: []", encoding="utf-8")
    with pytest.raises(PolicyError):
        run(replace(job(work, python("")), policy=work / "policy.yml"))
    assert not places.log_path(places.home()).exists()


def test_settings_that_lead_around_the_gate_stop_the_run_before_its_first_row(work: Path) -> None:
    (work / ".claude").mkdir()
    redirect = json.dumps({"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example"}})
    (work / ".claude" / "settings.json").write_text(redirect, encoding="utf-8")
    with pytest.raises(BypassError):
        run(job(work, python("")))
    assert not places.log_path(places.home()).exists()


def test_a_program_that_cannot_be_started_ends_its_run_as_failed(work: Path) -> None:
    (work / "agent").write_bytes(b"\0")
    (work / "agent").chmod(0o755)
    with pytest.raises(AgentMissingError):
        run(job(work, [str(work / "agent")]))
    assert [(row["exit_code"], row["reason"]) for row in of("run_ended")] == [(None, "failed")]


def test_a_log_that_fails_in_mid_run_fails_the_run_whatever_the_agent_says(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Ledger.append

    def failing(ledger: Ledger, entry: Entry) -> Row:
        if entry.kind == "request":
            raise LedgerError("no space left on device")
        return append(ledger, entry)

    monkeypatch.setattr(Ledger, "append", failing)
    agent = python(
        "import os, urllib.request as u\n"
        "r = u.Request(os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages', b'{\"messages\":[]}')\n"
        "try: u.urlopen(r).read()\n"
        "except Exception: pass\n"
    )
    with ScriptedModel([]) as model:
        outcome = run(job(work, agent, ANTHROPIC_BASE_URL=model.url))
    assert (outcome.exit_code, outcome.failure) == (1, "no space left on device")
    assert of("run_ended")[0]["reason"] == "failed"


def test_no_state_of_a_run_is_left_when_it_has_ended(work: Path) -> None:
    outcome = run(job(work, python("")))
    assert not places.run_path(places.home(), outcome.run_id).exists()


def test_two_runs_follow_each_other_in_one_log(work: Path) -> None:
    first, second = run(job(work, python(""))), run(job(work, python("")))
    assert [row.run_id for row in rows()] == [first.run_id] * 5 + [None] + [second.run_id] * 5 + [None]


def reads(work: Path, *names: str) -> list[Call]:
    return [Call("Read", {"file_path": str(work / name)}, id=name.strip(".")) for name in names]


def under(work: Path, text: str) -> Path:
    policy = work / "policy.yml"
    policy.write_text(f"version: 1\n{text}", encoding="utf-8")
    return policy


def test_a_request_beyond_the_budget_is_refused_and_never_reaches_the_provider(
    work: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with ScriptedModel([Turn(text="never said")]) as model:
        asked = job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="k")
        run(replace(asked, budget=1))
        assert model.requests == []
    assert [(row["limit"], row["max"]) for row in of("limit_exceeded")] == [("budget_micro_usd", 1)]
    assert "HTTP Error 402" in capfd.readouterr().err


def test_a_price_of_ones_own_is_taken(work: Path) -> None:
    own = places.prepared(places.home()) / "prices.json"
    own.write_text(
        '{"models": {"scripted": {"input": "1", "output": "1", "cache_write": "1", "cache_read": "1"}}}',
        encoding="utf-8",
    )
    with ScriptedModel([Turn(text="bye", usage={"input_tokens": 5, "output_tokens": 2})]) as model:
        run(job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="k"))
    assert [row.get("cost_micro_usd") for row in of("request")] == [7]


def test_with_the_preset_off_a_denied_file_is_read_and_the_rule_is_written_down(work: Path) -> None:
    with ScriptedModel([Turn(calls=reads(work, ".env")), Turn(text="bye")]) as model:
        run(replace(job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="k"), preset="off"))
        assert "never shown" in str(model.requests[1].results["env"]["content"])
    assert [(row["action"], row["reason"], row["rule"]) for row in of("tool_call")] == [
        ("PASS", "preset-off", "deny_paths: **/.env")
    ]
    assert of("policy_loaded")[0]["preset"] == "off"


def test_hardened_reads_here(work: Path) -> None:
    with ScriptedModel([Turn(calls=reads(work, "notes")), Turn(text="bye")]) as model:
        run(replace(job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="k"), hardened=True))
    assert [row["action"] for row in of("tool_call")] == ["LOCAL"]
    assert of("policy_loaded")[0]["hardened"] is True


class EditsPolicy(ScriptedModel):
    """Before each answer it writes the policy that the test has for it."""

    def __init__(self, turns: Sequence[Turn], policy: Path, texts: Sequence[str]) -> None:
        super().__init__(turns)
        self.policy = policy
        self.texts = iter(texts)

    def answer(self, request: Request) -> Answer:
        self.policy.write_text(next(self.texts), encoding="utf-8")
        return super().answer(request)


def test_an_edited_policy_governs_the_next_call_and_a_bad_edit_changes_nothing(work: Path) -> None:
    texts = ["version: 1\ndeny_paths: [notes]\n", "version: 1\ndeny_paths: [notes\n", "version: 1\n"]
    policy = under(work, "deny_paths: []\n")
    turns = [*(Turn(calls=reads(work, "notes")) for _ in range(2)), Turn(text="bye")]
    with EditsPolicy(turns, policy, texts) as model:
        asked = job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="k")
        outcome = run(replace(asked, policy=policy))
    assert [row["action"] for row in of("tool_call")] == ["BLOCK", "BLOCK"]
    assert [row.kind for row in rows() if row.kind.startswith("policy_")] == [
        "policy_loaded",
        "policy_loaded",
        "policy_rejected",
        "policy_loaded",
    ]
    assert outcome.failure == ""


ASK_BOTH = """
import json, os, urllib.request
for path, body in (("/chat/completions", {"messages": []}), ("/responses", {"input": []})):
    body = json.dumps({"model": "m", "tools": [1], **body}).encode()
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + path, body, {"content-type": "application/json"})
    urllib.request.urlopen(request).read()
"""


def test_the_protocols_of_one_provider_share_its_address_and_the_path_says_which_it_is(work: Path) -> None:
    turn = [Turn(calls=[Call("bash", {"command": "true"}, f"call_{attempt}")]) for attempt in range(2)]
    with ScriptedModel([turn]) as model:
        run(job(work, python(ASK_BOTH), OPENAI_BASE_URL=f"{model.url}/v1"))
        assert [request.path for request in model.requests] == ["/v1/chat/completions", "/v1/responses"]
    assert [row["protocol"] for row in of("tool_call")] == ["openai-chat", "openai-responses"]


def test_an_address_that_is_given_for_one_agent_gets_no_other_providers_key(work: Path) -> None:
    with ScriptedModel() as given, ScriptedModel() as own:
        asked = job(work, python(ASK_BOTH), OPENAI_BASE_URL=own.url, OPENAI_API_KEY=REAL_KEY)
        run(replace(asked, agent="claude-code", upstream=given.url))
        assert (len(given.requests), len(own.requests)) == (0, 2)


def test_an_agent_that_would_go_around_the_gate_is_not_started(work: Path) -> None:
    with pytest.raises(BypassError, match="`--oss` would lead codex around the gate"):
        run(replace(job(work, [*python("open('ran', 'w')"), "--oss"]), agent="codex"))
    assert not (work / "ran").exists()


def test_who_vouches_for_the_agents_provider_vouches_for_ours(tmp_path: Path, work: Path) -> None:
    company, own = tmp_path / "company.pem", tmp_path / "own.pem"
    asked = job(work, [], NODE_EXTRA_CA_CERTS=str(company))
    assert authorities(asked) == []  # there is no such file
    company.touch()
    assert authorities(asked) == [company]
    assert authorities(replace(asked, upstream_ca=own)) == [company, own]
    assert authorities(job(work, [])) == []


def known(work: Path, program: str) -> Sequence[str]:
    """Return a program of that name that prints its environment."""
    fake = work.parent / "bin" / program
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nenv\n", encoding="utf-8")
    fake.chmod(0o755)
    return [str(fake)]


def test_what_a_known_agent_calls_its_provider_is_the_provider_and_it_gets_ours(
    work: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = {"COPILOT_PROVIDER_BASE_URL": "http://127.0.0.1:9/v1", "COPILOT_PROVIDER_API_KEY": REAL_KEY}
    assert run(job(work, known(work, "copilot"), **given)).exit_code == 0
    seen = dict(line.split("=", 1) for line in capfd.readouterr().out.splitlines() if "=" in line)
    assert seen["COPILOT_PROVIDER_BASE_URL"].endswith("/openai")
    assert "127.0.0.1:9/" not in seen["COPILOT_PROVIDER_BASE_URL"]
    assert seen["COPILOT_PROVIDER_API_KEY"].startswith("occasio-local-")
    assert REAL_KEY not in seen.values()


def test_what_an_agent_finds_of_ours_its_environment_cannot_change(
    work: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = {"OPENCODE_CONFIG_CONTENT": "{}", "OPENCODE_PURE": "0"}
    assert run(job(work, known(work, "opencode"), **given)).exit_code == 0
    seen = dict(line.split("=", 1) for line in capfd.readouterr().out.splitlines() if "=" in line)
    assert json.loads(seen["OPENCODE_CONFIG_CONTENT"])["enabled_providers"] == ["anthropic", "google", "openai"]
    assert (seen["OPENCODE_PURE"], seen["OPENCODE_DISABLE_DEFAULT_PLUGINS"]) == ("0", "1")


def test_an_upstream_for_an_agent_of_several_providers_is_a_usage_error(work: Path) -> None:
    with pytest.raises(UsageError, match="opencode speaks to several providers"):
        run(replace(job(work, known(work, "opencode")), upstream="http://127.0.0.1:9"))
    assert not places.log_path(places.home()).exists()


def test_settings_of_a_known_agent_that_choose_another_provider_stop_the_run(work: Path) -> None:
    file = work / ".gemini" / "settings.json"
    file.parent.mkdir()
    file.write_text('{"security": {"auth": {"selectedType": "oauth-personal"}}}', encoding="utf-8")
    with pytest.raises(BypassError, match="gemini-cli would not go through the gate"):
        run(job(work, known(work, "gemini")))
    assert not places.log_path(places.home()).exists()


def test_a_protocol_is_read_at_whichever_providers_address_it_is_spoken(work: Path) -> None:
    asks = python(
        "import os, urllib.request as u\n"
        "url = os.environ['ANTHROPIC_BASE_URL'] + '/v1/chat/completions'\n"
        'body = b\'{"model":"m","messages":[{"role":"user","content":"go"}],"tools":[]}\'\n'
        "print(u.urlopen(u.Request(url, body, {'content-type': 'application/json'})).read())\n"
    )
    with ScriptedModel([Turn(calls=[Call("read", {"filePath": ".env"})])], needs_tools=False) as model:
        outcome = run(job(work, asks, ANTHROPIC_BASE_URL=model.url))
        assert [request.path for request in model.requests] == ["/v1/chat/completions"]
    assert outcome.exit_code == 0
    assert [(row["action"], row["reason"]) for row in of("tool_call")] == [("BLOCK", "path-denied")]


def test_beside_the_rows_stands_how_long_each_request_took(work: Path) -> None:
    with ScriptedModel([Turn(text="done")]) as model:
        outcome = run(job(work, AGENT, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY=REAL_KEY))
    (path,) = files(places.home() / LOGS)
    (said,) = said_in(path)
    assert (said["run_id"], said["kind"], said["path"], said["status"]) == (
        outcome.run_id,
        "request",
        "/v1/messages",
        200,
    )
    assert REAL_KEY.encode() not in path.read_bytes()
