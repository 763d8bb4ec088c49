"""The real Claude Code meets limits, a budget, a transform and an edited policy, and shows what it was told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import DONE, Answer, Call, Turn
from tests.end_to_end.place import Place
from tests.real_agents import headless

pytestmark = pytest.mark.agents


def bash(command: str, call: str) -> Call:
    return Call("Bash", {"command": command, "description": "Look around"}, id=call)


def read(place: Place, name: str, call: str) -> Call:
    return Call("Read", {"file_path": str(place.work / name)}, id=call)


def written(place: Place, text: str) -> Path:
    policy = place.root / "policy.yml"
    policy.write_text(f"version: 1\n{text}", encoding="utf-8")
    return policy


def fields(place: Place, kind: str, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row.fields.get(name) for name in names) for row in place.rows() if row.kind == kind]


def test_a_request_over_the_budget_is_shown_and_not_tried_again(place: Place) -> None:
    with ScriptedModel([DONE]) as model:
        done = place.occasio("run", "--upstream", model.url, "--budget", "0.01", "--", *headless("claude", "go"))
        assert model.conversation == []
    assert (done.returncode, done.answer["is_error"]) == (1, True)
    assert done.answer["result"].startswith("API Error: 402 occasio does not send the request: ")
    assert "of the budget of $0.01" in done.answer["result"]
    exceeded = fields(place, "limit_exceeded", "limit", "max")
    assert exceeded
    assert set(exceeded) == {("budget_micro_usd", 10_000)}
    assert "limit    budget_micro_usd passed" in done.stderr


def test_a_call_over_the_limit_is_refused_and_the_model_is_told(place: Place) -> None:
    policy = written(place, "limits: {max_bash_calls_per_run: 1}\n")
    calls = [bash("echo one > one.txt", "toolu_1"), bash("echo two > two.txt", "toolu_2")]
    with ScriptedModel([Turn(calls=calls), DONE]) as model:
        place.occasio("run", "--policy", str(policy), "--upstream", model.url, "--", *headless("claude", "go"))
        assert "limit-exceeded" in str(model.conversation[1].results["toolu_2"]["content"])
    assert ((place.work / "one.txt").exists(), (place.work / "two.txt").exists()) == (True, False)
    assert fields(place, "limit_exceeded", "limit", "max", "actual") == [("max_bash_calls_per_run", 1, 2)]
    assert [reason for _, reason in fields(place, "tool_call", "call_id", "reason")] == ["ok", "limit-exceeded"]


def test_a_long_listing_is_distilled_before_the_model_sees_it(place: Place) -> None:
    for number in range(300):
        (place.work / f"file{number:03}.txt").touch()
    policy = written(place, "distill_tool_results: true\n")
    with ScriptedModel([Turn(calls=[bash("ls file*.txt", "toolu_ls")]), DONE, DONE]) as model:
        place.occasio("run", "--policy", str(policy), "--upstream", model.url, "--", *headless("claude", "go"))
        told = str(model.conversation[1].results["toolu_ls"]["content"])
    assert told.startswith("file000.txt\n")
    assert told.endswith("file099.txt\n[distilled by Occasio: 100 of 300 lines]")
    ((kind, before, after),) = fields(place, "tool_result", "result_kind", "content_digest", "returned_digest")
    assert kind == "transform"
    assert before != after
    assert after is not None


class EditsPolicy(ScriptedModel):
    """Writes another policy before its second answer."""

    def __init__(self, turns: Sequence[Answer], policy: Path, text: str) -> None:
        super().__init__(turns)
        self.policy = policy
        self.text = text

    def answer(self, request: Request) -> Answer:
        if request.turn == 1:
            self.policy.write_text(self.text, encoding="utf-8")
        return super().answer(request)


def test_a_policy_that_is_edited_in_mid_session_governs_the_next_call_and_the_bundle_verifies(place: Place) -> None:
    policy = written(place, "")
    turns = [Turn(calls=[read(place, "notes.txt", f"toolu_{number}")]) for number in (1, 2)]
    with EditsPolicy([*turns, DONE], policy, "version: 1\ndeny_paths: [notes.txt]\n") as model:
        place.occasio("run", "--policy", str(policy), "--upstream", model.url, "--", *headless("claude", "go"))
    assert fields(place, "tool_call", "action", "rule") == [("PASS", None), ("BLOCK", "deny_paths: notes.txt")]
    assert len(fields(place, "policy_loaded")) == 2
    sealed = place.seal()
    assert place.verifier(sealed.bundle, "--key", sealed.key).returncode == 0


def test_with_the_preset_off_all_is_written_down_and_the_key_stays_protected(place: Place) -> None:
    denied = read(place, "private/plans.txt", "toolu_denied")
    key = bash(f"echo x >> {place.log}", "toolu_log")
    with ScriptedModel([Turn(calls=[denied, key]), DONE]) as model:
        place.occasio("run", "--preset", "off", "--upstream", model.url, "--", *headless("claude", "go"))
    assert fields(place, "tool_call", "call_id", "action", "reason") == [
        ("toolu_denied", "PASS", "preset-off"),
        ("toolu_log", "BLOCK", "path-protected"),
    ]
