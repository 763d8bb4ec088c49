"""A session in which Occasio itself reads files in Claude Code's place, and keeps a secret from the model."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Turn
from occasio_harness.marker import leaks, leaks_below
from occasio_verify import Row
from tests.end_to_end.place import DENIED_WORDS, POLICY, Place, prepared
from tests.real_agents import Finished, headless, require_claude_code

pytestmark = pytest.mark.agents

NOTES = "tea at four"
SECRET = "AKIA" + "IOSFODNN7EXAMPLE"


@dataclass(frozen=True, slots=True)
class Session:
    """One session, and what the model was asked in it."""

    place: Place
    finished: Finished
    requests: list[Request]

    def rows(self, kind: str) -> dict[object, Row]:
        """Return the rows of that kind by the id of their call."""
        return {row.fields["call_id"]: row for row in self.place.rows() if row.kind == kind}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """One turn with every action, under a policy that has Occasio read; then a command that prints a secret."""
    place = prepared(tmp_path_factory.mktemp("here"), require_claude_code())
    (place.occasio_home / "policy.yml").write_text(POLICY + "tools:\n  Read: {action: LOCAL}\n", encoding="utf-8")
    (place.work / "token.txt").write_text(f"key = {SECRET}\n", encoding="utf-8")
    together = [
        Call("Read", {"file_path": str(place.work / "notes.txt")}, id="toolu_local"),
        Call("Write", {"file_path": str(place.work / "new.txt"), "content": "written\n"}, id="toolu_write"),
        Call("Read", {"file_path": str(place.work / "shortcut.txt")}, id="toolu_denied"),
    ]
    secret = Call("Bash", {"command": "cat token.txt", "description": "Show it"}, id="toolu_secret")
    script = [Turn(thinking="three at once", calls=together), Turn(calls=[secret]), Turn(text="so be it")]
    with ScriptedModel(script) as model:
        done = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "go"))
        return Session(place, done, model.conversation)


def test_one_turn_holds_calls_that_are_read_here_run_by_the_agent_and_refused(session: Session) -> None:
    actions = {call: row.fields["action"] for call, row in session.rows("tool_call").items()}
    assert actions == {"toolu_local": "LOCAL", "toolu_write": "PASS", "toolu_denied": "BLOCK", "toolu_secret": "PASS"}
    assert (session.finished.returncode, session.finished.answer["result"]) == (0, "so be it")


def test_the_model_gets_what_was_read_here_as_the_agents_tool_would_have_returned_it(session: Session) -> None:
    result = session.requests[1].results["toolu_local"]
    assert (result["content"], result["is_error"]) == (f"1\t{NOTES}\n2\t", False)
    assert session.requests[1].calls["toolu_local"]["name"] == "Read"


def test_what_was_read_here_is_in_no_file_of_the_agent(session: Session) -> None:
    assert leaks_below([NOTES, *DENIED_WORDS], session.place.home) == []


def test_the_call_that_the_agent_was_left_ran(session: Session) -> None:
    assert (session.place.work / "new.txt").read_text(encoding="utf-8") == "written\n"
    assert "is_error" not in session.requests[1].results["toolu_write"]


def test_a_secret_that_a_tool_printed_is_in_no_request(session: Session) -> None:
    assert [leaks([SECRET, *DENIED_WORDS], request.body) for request in session.requests] == [[], [], []]
    told = session.requests[2].results["toolu_secret"]["content"]
    assert told == "[withheld by Occasio: it holds secrets (aws-access-key)]"


def test_every_result_is_recorded_as_what_it_was(session: Session) -> None:
    kinds = {call: row.fields["result_kind"] for call, row in session.rows("tool_result").items()}
    assert kinds == {"toolu_local": "local", "toolu_write": "pass", "toolu_secret": "withheld"}


def test_the_bundle_counts_them_and_verifies(session: Session) -> None:
    sealed = session.place.seal()
    assert session.place.verifier(sealed.bundle, "--key", sealed.key).returncode == 0
    summary = json.loads(sealed.data)["attestation"]["execution_summary"]
    counted = {name: summary[name] for name in ("tool_calls", "local", "passed", "blocked", "secrets_redacted")}
    assert counted == {"tool_calls": 4, "local": 1, "passed": 2, "blocked": 1, "secrets_redacted": 1}
    assert leaks([SECRET, NOTES, *DENIED_WORDS], sealed.data) == []
