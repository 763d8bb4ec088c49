"""What Occasio reads, searches and lists in Claude Code's place is what its own tools return, less what is denied."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Document, Turn
from occasio_harness.marker import leaks, leaks_below
from occasio_verify import Row
from tests.end_to_end.place import DENIED_WORDS, POLICY, Place, prepared
from tests.real_agents import Finished, clean_environment, headless, require_claude_code, run

pytestmark = pytest.mark.agents

LOCAL = (
    "tools:\n  Read: {action: LOCAL}\n  Grep: {action: LOCAL}\n  Glob: {action: LOCAL}\n  TodoWrite: {action: LOCAL}\n"
)
TOOLS = ("--tools", "Read,Grep,Glob,TodoWrite")
TASKS = {"CLAUDE_CODE_ENABLE_TASKS": "0"}  # or there is no TodoWrite
FILES = {
    ".gitignore": "*.log\nbuild/\n!keep.log\n",
    "src/app.py": "import os\n\n\ndef tea(cup):\n\treturn cup  # tea: hot\n",
    "src/deep/er/tea.ts": "export const tea = 'Tea';\n// no tea\nx\ny\nz\nlet tea2\n",
    "build/out.py": "tea\n",
    "keep.log": "tea kept\n",
    "x.log": "tea lost\n",
    ".hidden/é.txt": "tea é\r\nnext\r\n",
    "bom.txt": "\ufefftea with a mark\n",
    "long.txt": "tea " + "y" * 600 + "\n",
    "empty.txt": "",
    "quote:colon.txt": "tea: here\n",
    "binary.bin": "tea\0\n",
}


def grep(pattern: str, **arguments: object) -> Call:
    return Call("Grep", {"pattern": pattern, **arguments})


def glob(pattern: str, **arguments: object) -> Call:
    return Call("Glob", {"pattern": pattern, **arguments})


def content(pattern: str, **arguments: object) -> Call:
    return grep(pattern, output_mode="content", **arguments)


CALLS = [
    grep("tea"),
    grep("TEA", **{"-i": True}),
    grep("tea", glob="*.py"),
    grep("tea", glob="src/**"),
    grep("tea", glob="!*.py,!*.ts"),
    grep("tea", glob="*.{ts,log}"),
    grep("tea", type="py"),
    grep("tea", path="src"),
    grep("tea", path="src/app.py"),
    grep("tea", head_limit=2),
    grep("tea", head_limit=2, offset=1),
    grep("nothing-of-the-sort"),
    grep("tea", path="missing"),
    grep("tea", output_mode="count"),
    grep("nothing-of-the-sort", output_mode="count"),
    content("tea", path="src"),
    content("tea", path="src/app.py"),
    content("tea", path="src/deep", **{"-C": 1}),
    content("tea", path="src/deep", **{"-A": 2}),
    content("tea", path="src/deep/er/tea.ts", **{"-B": 1, "-n": False}),
    content("[a-z]+ea", path="src", **{"-o": True}),
    content(r"tea\b.*$", path=".hidden"),
    content(r"^\s*return", path="src/app.py", **{"-n": False}),
    content("x.y.z", path="src", multiline=True),
    content("tea", glob="long.txt"),
    content("tea", path="long.txt", head_limit=1),
    content("tea", path="bom.txt"),
    content("tea", glob="quote*"),
    content("tea", path="binary.bin"),
    content("--tea"),
    content("o", path="src/app.py", head_limit=1),
    glob("*.py"),
    glob("**/*.{ts,py}"),
    glob("src/*"),
    glob("src/**"),
    glob("*.log"),
    glob(".*"),
    glob("nothing"),
    glob("*.py", path="src"),
    glob("*", path="nowhere"),
    glob("*", path="keep.log"),
    glob("deep/**", path="src"),
    *(Call("Read", {"file_path": name}) for name in FILES if name != "binary.bin"),
    Call("Read", {"file_path": "missing"}),
    Call("Read", {"file_path": "src"}),
    Call("Read", {"file_path": "src/deep/er/tea.ts", "offset": 2, "limit": 3}),
    Call("Read", {"file_path": "src/app.py", "offset": 99}),
    Call("TodoWrite", {"todos": [{"content": "tea", "status": "pending", "activeForm": "brewing"}]}),
]
DENIED = [
    grep("quokkas"),
    content("."),
    content(".", path="."),
    content(".", glob="**/plans.txt"),
    content(".", path="shortcut.txt"),
    grep("quokkas", output_mode="count"),
    glob("**/plans*"),
    glob("*.txt"),
]


@dataclass(frozen=True, slots=True)
class Session:
    """One session, and what the model was asked in it."""

    place: Place
    finished: Finished
    requests: Sequence[Request]

    def rows(self) -> dict[object, Row]:
        """Return the row of each call."""
        return {row.fields["call_id"]: row for row in self.place.rows() if row.kind == "tool_call"}

    def result(self, call: Call) -> Document:
        """Return what the model got for a call."""
        return self.requests[-1].results[call.id]


def numbered(calls: Sequence[Call], kind: str) -> list[Call]:
    return [Call(call.name, call.input, id=f"toolu_{kind}_{number}") for number, call in enumerate(calls)]


SAME, KEPT_OUT = numbered(CALLS, "same"), numbered(DENIED, "denied")


def grown(work: Path) -> None:
    """Make the project's files, each a second after the other."""
    for name, text in FILES.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_bytes(text.encode())
    for age, name in enumerate([*FILES, "notes.txt", "other.txt", "third.txt"]):
        os.utime(work / name, (1_700_000_000 + age, 1_700_000_000 + age))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """What Claude Code's own tools return, nothing between it and the model."""
    agent = require_claude_code()
    place = prepared(tmp_path_factory.mktemp("alone"), agent)
    grown(place.work)
    (place.work / "shortcut.txt").unlink()
    (place.work / "private" / "plans.txt").unlink()
    turns = [*(Turn(calls=[call]) for call in SAME), Turn(text="done")]
    with ScriptedModel(turns) as model:
        run(
            headless(agent, "go", *TOOLS),
            environment=clean_environment(place.home, model.url) | TASKS,
            directory=place.work,
        )
        results = model.conversation[-1].results
    return {
        call.id: {**results[call.id], "content": results[call.id]["content"].replace(str(place.work), "WORK")}
        for call in SAME
    }


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The same with Occasio, which does it all itself."""
    place = prepared(tmp_path_factory.mktemp("here"), require_claude_code())
    (place.occasio_home / "policy.yml").write_text(POLICY + LOCAL, encoding="utf-8")
    grown(place.work)
    turns = [*(Turn(calls=[call]) for call in [*SAME, *KEPT_OUT]), Turn(text="done")]
    with ScriptedModel(turns) as model:
        done = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "go", *TOOLS), **TASKS)
        return Session(place, done, model.conversation)


def test_the_agent_never_sees_a_call_and_the_session_goes_on(session: Session) -> None:
    assert (session.finished.returncode, session.finished.answer["result"]) == (0, "done")
    actions = {call: row.fields["action"] for call, row in session.rows().items()}
    denied = "toolu_denied_4"  # the link to the denied file is refused before anything is looked at
    assert actions == {call.id: "BLOCK" if call.id == denied else "LOCAL" for call in [*SAME, *KEPT_OUT]}
    assert leaks_below(["tea kept", "tea lost", "tea with a mark"], session.place.home) == []


@pytest.mark.parametrize("call", SAME, ids=lambda call: f"{call.name} {call.input}")
def test_the_model_gets_what_the_agents_own_tool_returns(
    session: Session, alone: dict[str, Document], call: Call
) -> None:
    ours, theirs = session.result(call), alone[call.id]
    told = [ours["content"].replace(str(session.place.work), "WORK"), theirs["content"]]
    if call.input.get("output_mode"):  # ripgrep tells files in the order in which its threads are done with them
        told = ["\n".join(sorted(text.split("\n"))) for text in told]
    assert told[0] == told[1]
    assert bool(ours.get("is_error")) == bool(theirs.get("is_error"))


@pytest.mark.parametrize("call", KEPT_OUT, ids=lambda call: f"{call.name} {call.input}")
def test_what_is_denied_is_in_no_answer(session: Session, call: Call) -> None:
    told = session.result(call)["content"]
    assert leaks(DENIED_WORDS, told.encode()) == []
    assert "plans" not in told or "Refused by policy" in told


def test_what_is_denied_is_in_no_request(session: Session) -> None:
    assert [
        leaks(DENIED_WORDS, request.body) for request in session.requests if leaks(DENIED_WORDS, request.body)
    ] == []


def test_without_a_word_on_it_a_search_that_would_come_to_something_denied_is_run_here(tmp_path: Path) -> None:
    place = prepared(tmp_path, require_claude_code())
    near, far = (
        Call("Grep", {"pattern": "tea"}, id="toolu_far"),
        Call("Glob", {"pattern": "*", "path": "src"}, id="toolu_near"),
    )
    words = Call("Grep", {"pattern": ".", "output_mode": "content"}, id="toolu_words")
    turns = [Turn(calls=[near, far, words]), Turn(text="done")]
    with ScriptedModel(turns) as model:
        done = place.occasio("run", "--upstream", model.url, "--", *headless("claude", "go", *TOOLS))
        results = model.conversation[-1].results
    rows = {row.fields["call_id"]: row.fields for row in place.rows() if row.kind == "tool_call"}
    assert done.returncode == 0
    assert {call: row["action"] for call, row in rows.items()} == {
        "toolu_far": "LOCAL",
        "toolu_near": "PASS",
        "toolu_words": "LOCAL",
    }
    assert rows["toolu_far"]["reason"] == "path-left-out"
    outcomes = {row.fields["call_id"]: row.fields for row in place.rows() if row.kind == "tool_result"}
    assert (outcomes["toolu_far"]["left_out"], "left_out" in outcomes["toolu_near"]) == (1, False)
    assert results["toolu_far"]["content"] == "Found 1 file\nnotes.txt"
    assert leaks(DENIED_WORDS, results["toolu_words"]["content"].encode()) == []
    assert "notes.txt:1:tea at four" in results["toolu_words"]["content"]
