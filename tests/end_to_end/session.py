"""One session of the real Claude Code under `occasio run`: what the model says, and everything that came of it.

The model reads what it may, then tries a denied file by every way that it knows, then makes turns with an allowed and
a denied call together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Document, Turn
from occasio_verify import Row
from tests.end_to_end.place import Place, through
from tests.end_to_end.relay import Passage, Relay
from tests.real_agents import Finished, headless

LAST_WORDS = "so be it"

# The calls by id, in the order in which the model makes them; those that the policy allows, and what they bring.
ALLOWED = {
    "toolu_allowed": "1\ttea at four\n2\t",
    "toolu_allowed_first": "1\tcake at five\n2\t",
    "toolu_allowed_last": "1\tbed at nine\n2\t",
}
DENIED = ("toolu_direct", "toolu_link", "toolu_dots", "toolu_denied_last", "toolu_denied_first", "toolu_cat")
TRACES_OF_DENIED = (b"plans.txt", b"shortcut.txt")  # in the input of every denied call, and of no other


def script(work: Path) -> list[Turn]:
    """Return what the model says, turn by turn."""

    def read(call: str, path: str) -> Call:
        return Call("Read", {"file_path": f"{work}/{path}"}, id=call)

    cat = Call("Bash", {"command": "cat private/plans.txt", "description": "Show the plans"}, id="toolu_cat")
    link = read("toolu_link", "shortcut.txt")
    dots = read("toolu_dots", "src/../private/plans.txt")
    denied_last = read("toolu_denied_last", "private/plans.txt")
    denied_first = read("toolu_denied_first", "private/plans.txt")
    return [
        Turn(thinking="notes first", text="I look.", calls=[read("toolu_allowed", "notes.txt")], chunk=5),
        Turn(thinking="now the plans", calls=[read("toolu_direct", "private/plans.txt")], chunk=5),
        Turn(thinking="a link?", signature="bGluaw==", text="By the link.", calls=[link]),
        Turn(calls=[dots], chunk=3),
        Turn(thinking="two at once", calls=[read("toolu_allowed_first", "other.txt"), denied_last], chunk=7),
        Turn(text="The other way round.", calls=[denied_first, read("toolu_allowed_last", "third.txt")]),
        Turn(thinking="the shell", calls=[cat], chunk=4),
        Turn(thinking="enough", text=LAST_WORDS),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is left of a session: how it ended, what passed on both sides of the proxy, and what the hooks saw."""

    place: Place
    turns: Sequence[Turn]
    finished: Finished
    requests: Sequence[Request]  # for a message, as the model got them
    all_requests: Sequence[Request]
    passages: Sequence[Passage]  # as the agent got them
    sent_to_agent: bytes
    hooks: Sequence[Document]  # what Claude Code told its hooks before and after each tool that it ran
    environment: Path  # of the agent, as `env` wrote it
    rows: Sequence[Row]

    @property
    def calls(self) -> Mapping[str, Call]:
        """Every call that the model made, by id."""
        return {call.id: call for turn in self.turns for call in turn.calls}

    @property
    def transcripts(self) -> list[Document]:
        """Every line of every transcript that the agent kept."""
        files = sorted((self.place.home / ".claude" / "projects").rglob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").split("\n") if line]

    @property
    def blocks_at_agent(self) -> dict[str, Document]:
        """The tool_use blocks that the agent was sent, put together from their deltas, by id."""
        blocks = (block for passage in self.passages for block in tool_blocks(passage.body))
        return {block["id"]: block for block in blocks}

    def rows_of(self, kind: str) -> list[Row]:
        """Return the rows of that kind, in order."""
        return [row for row in self.rows if row.kind == kind]


def governed(place: Place, claude_code: Path) -> Session:
    """Run the session and return what is left of it."""
    turns = script(place.work)
    with ScriptedModel(turns) as model, Relay(place.log) as relay:
        program = through(relay, claude_code, place.root / "bin")
        place.programs.insert(0, program.parent)
        command = headless("claude", "read what you can", "--settings", _hooks(place.root / "hooks"))
        finished = place.occasio("run", "--upstream", model.url, "--", *command)
    return Session(
        place=place,
        turns=turns,
        finished=finished,
        requests=model.conversation,
        all_requests=model.requests,
        passages=relay.passages,
        sent_to_agent=relay.sent,
        hooks=[json.loads(file.read_text(encoding="utf-8")) for file in sorted((place.root / "hooks").iterdir())],
        environment=program.parent / "environment",
        rows=place.rows(),
    )


def tool_blocks(stream: bytes) -> Iterator[Document]:
    """Yield the tool_use blocks of an event stream as a client puts them together; their input stays text."""
    open_blocks: dict[int, Document] = {}
    for line in stream.split(b"\n"):
        if not line.startswith(b"data:"):
            continue
        event = json.loads(line.removeprefix(b"data:"))
        if event["type"] == "content_block_start" and event["content_block"]["type"] == "tool_use":
            open_blocks[event["index"]] = event["content_block"] | {"input": ""}
        elif event["type"] == "content_block_delta" and event["index"] in open_blocks:
            open_blocks[event["index"]]["input"] += event["delta"]["partial_json"]
        elif event["type"] == "content_block_stop" and event["index"] in open_blocks:
            yield open_blocks.pop(event["index"])
    assert not open_blocks, "a block was never closed"


def _hooks(directory: Path) -> str:
    """Return settings by which Claude Code leaves one file in `directory` for each event of a tool that it runs."""
    directory.mkdir()
    leave = {"type": "command", "command": f'cat > "$(mktemp {directory}/XXXXXXXX)"'}
    return json.dumps({"hooks": {name: [{"matcher": "*", "hooks": [leave]}] for name in ("PreToolUse", "PostToolUse")}})
