"""What the commands say of a real session of Claude Code is what the model got, byte for byte, and token for token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Turn
from occasio_verify import canonical
from tests.end_to_end.place import Place, prepared
from tests.real_agents import headless, require_claude_code

pytestmark = pytest.mark.agents

TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6"
POLICY = """
version: 1
deny_paths: [./private]
redact_secrets_in_tool_results: true
distill_tool_results: true
keep_shortened_results: true
tools:
  Grep: {action: LOCAL}
"""


@dataclass(frozen=True)
class Shown:
    """A session that is over, and what the model got of each result."""

    place: Place
    requests: list[Request]

    def told(self, *arguments: str) -> Any:
        """Return what a command prints as JSON."""
        done = self.place.occasio(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def contents(self) -> Mapping[str, Any]:
        """The content of each result as the model got it, by call."""
        return {call: block["content"] for call, block in self.requests[-1].results.items()}


def script(work: Path) -> list[Turn]:
    def read(call: str, path: str) -> Call:
        return Call("Read", {"file_path": f"{work}/{path}"}, id=call)

    search = {"pattern": "line", "path": f"{work}/long.txt", "output_mode": "content"}
    return [
        Turn(text="I look.", calls=[read("toolu_notes", "notes.txt"), read("toolu_denied", "private/plans.txt")]),
        Turn(calls=[Call("Grep", search, id="toolu_grep")]),
        Turn(calls=[read("toolu_key", "key.txt"), Call("Bash", {"command": "grep -n line long.txt"}, id="toolu_bash")]),
        Turn(text="so be it"),
    ]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    place = prepared(tmp_path_factory.mktemp("shown"), require_claude_code())
    (place.occasio_home / "policy.yml").write_text(POLICY, encoding="utf-8")
    (place.work / "long.txt").write_text("".join(f"line {n} \u00e9\n" for n in range(400)), encoding="utf-8")
    (place.work / "key.txt").write_text(f"token {TOKEN}\nfree text\n", encoding="utf-8")
    with ScriptedModel(script(place.work)) as model:
        done = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "read what you can"))
        assert done.returncode == 0, done.stderr
        return Shown(place, model.conversation)


def test_boundary_says_of_every_result_how_many_bytes_the_model_got(shown: Shown) -> None:
    told = {one["call_id"]: one for one in shown.told("boundary")["results"]}
    got = {call: len(canonical(content)) for call, content in shown.contents.items() if call != "toolu_denied"}
    assert {call: one["reentered_bytes"] for call, one in told.items()} == got
    assert {call: one["why"] for call, one in told.items()} == {
        "toolu_notes": None,
        "toolu_grep": "distill-output",
        "toolu_key": "redact-secrets",
        "toolu_bash": "distill-output",
    }
    assert all(one["produced_bytes"] > one["reentered_bytes"] for one in told.values() if one["why"])


def test_inspect_puts_every_result_with_the_request_that_carried_it_first(shown: Shown) -> None:
    told = shown.told("inspect", "--last", "100")
    assert [one["number"] for one in told] == [1, 2, 3, 4]
    seen: set[str] = set()
    for one, request in zip(told, shown.requests, strict=True):
        new = set(request.results) - seen - {"toolu_denied"}
        assert {result["call_id"] for result in one["results"]} == new
        seen |= new
    made = [[call.id for call in turn.calls] for turn in script(shown.place.work)]
    assert [[call["call_id"] for call in one["calls"]] for one in told] == made


def test_tokens_and_cost_are_those_that_the_provider_told(shown: Shown) -> None:
    told = shown.told("ledger")
    assert (told["total"]["requests"], len(told["requests"])) == (4, 4)
    assert shown.told("receipt")["accounting"]["cost_micro_usd"] == told["total"]["cost_micro_usd"] > 0


def test_the_whole_of_what_was_shortened_can_be_had_and_holds_no_secret(shown: Shown) -> None:
    grep, _ = shown.told("distill")
    whole = shown.told("distill", "--entry", str(grep["seq"]))
    assert whole["texts"][0].count("\n") >= 250  # as many as Grep brings
    assert len(canonical(whole["texts"][0])) == grep["produced_bytes"]


def test_no_surface_shows_what_was_denied_or_secret(shown: Shown) -> None:
    commands = ["inspect", "boundary", "ledger", "replay", "recap", "report", "receipt", "distill", "status", "runs"]
    for command in commands:
        for form in ([], ["--json"]):
            said = shown.place.occasio(command, *form)
            assert said.returncode == 0, said.stderr
            assert TOKEN not in said.stdout + said.stderr
            assert "quokkas" not in said.stdout
    kept = b"".join(path.read_bytes() for path in shown.place.occasio_home.rglob("*") if path.is_file())
    assert TOKEN.encode() not in kept
