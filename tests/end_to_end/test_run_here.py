"""Claude Code's read-only commands are run by Occasio itself, and print what the agent's own shell would have printed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Turn
from occasio_harness.marker import leaks
from tests.end_to_end.place import DENIED_WORDS, POLICY, Place, prepared
from tests.real_agents import Finished, headless, require_claude_code

pytestmark = pytest.mark.agents

HERE = {
    "list": "ls",
    "status": "git status",
    "log": "git log --format=%s",
    "cat": "cat notes.txt other.txt",
    "pipe": "cat notes.txt other.txt third.txt | sort -r | head -n 2",
    "echo": "echo one && echo two; echo 'three  spaces'",
    "nothing": "git diff",
    "mixed": "ls notes.txt no-such-file.txt",
    "dropped": "ls no-such-file.txt 2>/dev/null",
    "blank": "printf '\\n\\n  x  \\n\\n'",
    "unmatched": "grep nobody notes.txt",
    "differ": "diff notes.txt other.txt",
    "find": "find src -type d",
}
ELSEWHERE = {"loop": "for x in 1 2; do echo $x; done", "wild": "ls *.txt"}
DENIED = {"denied": "cat shortcut.txt", "deep": "grep -r quokkas ."}


@dataclass(frozen=True, slots=True)
class Session:
    """One session, and what the model was asked in it."""

    place: Place
    finished: Finished
    requests: list[Request]

    def result(self, name: str) -> tuple[object, bool]:
        """Return the content of a command's result, and whether it is an error."""
        result = self.requests[-1].results[f"toolu_{name}"]
        return result["content"], bool(result.get("is_error"))

    @property
    def actions(self) -> dict[str, object]:
        """Return what was decided of each command."""
        rows = (row.fields for row in self.place.rows() if row.kind == "tool_call")
        return {str(row["call_id"]).removeprefix("toolu_"): row["action"] for row in rows}


def session(place: Place, policy: str) -> Session:
    """Let Claude Code work off all commands, one after the other, under a policy."""
    (place.occasio_home / "policy.yml").write_text(policy, encoding="utf-8")
    commands = HERE | ELSEWHERE | DENIED
    script = [
        Turn(calls=[Call("Bash", {"command": text, "description": "Look"}, id=f"toolu_{name}")])
        for name, text in commands.items()
    ]
    with ScriptedModel([*script, Turn(text="done")]) as model:
        finished = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "go"))
        return Session(place, finished, model.conversation)


@pytest.fixture(scope="module")
def by_agent(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The agent runs every command itself."""
    return session(prepared(tmp_path_factory.mktemp("agent"), require_claude_code()), POLICY)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Occasio runs what it can run, and leaves the agent the rest."""
    policy = POLICY + "tools:\n  Bash: {action: LOCAL, otherwise: PASS}\n"
    return session(prepared(tmp_path_factory.mktemp("here"), require_claude_code()), policy)


def test_what_only_looks_is_run_here_and_the_rest_is_the_agents(by_agent: Session, here: Session) -> None:
    assert (by_agent.finished.returncode, here.finished.returncode) == (0, 0)
    assert by_agent.actions == dict.fromkeys(HERE | ELSEWHERE, "PASS") | dict.fromkeys(DENIED, "BLOCK")
    assert here.actions == (
        dict.fromkeys(HERE, "LOCAL") | dict.fromkeys(ELSEWHERE, "PASS") | dict.fromkeys(DENIED, "BLOCK")
    )


@pytest.mark.parametrize("name", HERE | ELSEWHERE)
def test_the_model_gets_what_the_agents_own_shell_prints(by_agent: Session, here: Session, name: str) -> None:
    assert here.result(name) == by_agent.result(name)


def test_a_denied_file_reaches_the_model_by_neither(by_agent: Session, here: Session) -> None:
    assert [leaks(DENIED_WORDS, request.body) for request in (*by_agent.requests, *here.requests)] == [
        [] for _ in (*by_agent.requests, *here.requests)
    ]


def test_without_otherwise_what_cannot_be_run_here_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = prepared(tmp_path_factory.mktemp("only"), require_claude_code())
    (place.occasio_home / "policy.yml").write_text(POLICY + "tools: {Bash: {action: LOCAL}}\n", encoding="utf-8")
    calls = [
        Call("Bash", {"command": "touch made.txt", "description": "Make"}, id="toolu_touch"),
        Call("Bash", {"command": "ls", "description": "Look"}, id="toolu_list"),
    ]
    with ScriptedModel([Turn(calls=calls), Turn(text="done")]) as model:
        finished = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "go"))
        told = Session(place, finished, model.conversation)
    assert told.actions == {"touch": "BLOCK", "list": "LOCAL"}
    assert "not-local" in str(told.result("touch")[0])
    assert not (place.work / "made.txt").exists()
