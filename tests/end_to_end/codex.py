"""One session of the real Codex under `occasio codex`: what the model says, and everything that came of it.

The model reads and writes what it may, tries a denied file by the shell, by a patch, by a picture and by the keys of a
running shell, and prints a secret.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Document, Turn
from occasio_verify import Row
from tests.end_to_end.place import POLICY, Place
from tests.end_to_end.relay import Passage, Relay
from tests.real_agents import Finished, codex_headless

LAST_WORDS = "so be it"
OPENAI_KEY = "sk-proj-only-the-model-may-see-this-key"
SECRET = "AKIA" + "IOSFODNN7EXAMPLE"
ALLOWED = ("call_allowed", "call_patch", "call_allowed_first", "call_secret")
DENIED = ("call_cat", "call_denied_patch", "call_picture", "call_link", "call_keys")
TRACES_OF_DENIED = (b"plans.txt", b"shortcut.txt")  # in the input of every denied call, and of no other


def script() -> list[Turn]:
    """Return what the model says, turn by turn."""

    def shell(call: str, command: str) -> Call:
        return Call("exec_command", {"cmd": command}, call)

    patch = "*** Begin Patch\n*** Add File: new.txt\n+written\n*** End Patch"
    denied_patch = "*** Begin Patch\n*** Update File: private/plans.txt\n@@\n-a\n+b\n*** End Patch"
    return [
        Turn(thinking="notes first", text="I look.", calls=[shell("call_allowed", "cat notes.txt")], chunk=5),
        Turn(thinking="now the plans", calls=[shell("call_cat", "cat private/plans.txt")], chunk=5),
        Turn(calls=[Call("apply_patch", denied_patch, "call_denied_patch")], chunk=7),
        Turn(calls=[Call("view_image", {"path": "private/plans.txt"}, "call_picture")]),
        Turn(calls=[Call("apply_patch", patch, "call_patch")], chunk=3),
        Turn(text="Two.", calls=[shell("call_allowed_first", "cat other.txt"), shell("call_link", "cat shortcut.txt")]),
        Turn(calls=[Call("write_stdin", {"session_id": 1, "chars": "cat private/plans.txt\n"}, "call_keys")]),
        Turn(calls=[shell("call_secret", "cat token.txt")]),
        Turn(thinking="enough", text=LAST_WORDS),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodexSession:
    """What is left of a session: how it ended, what passed on both sides of the proxy, and the rows."""

    place: Place
    turns: Sequence[Turn]
    finished: Finished
    requests: Sequence[Request]  # as the model got them
    passages: Sequence[Passage]  # as the agent got them
    sent_to_agent: bytes
    environment: Path  # of the agent, as `env` wrote it
    rows: Sequence[Row]

    @property
    def calls(self) -> Mapping[str, Call]:
        """Every call that the model made, by id."""
        return {call.id: call for turn in self.turns for call in turn.calls}

    @property
    def items_at_agent(self) -> dict[str, Document]:
        """The calls that the agent was sent, as their last events have them, by id."""
        lines = [line for passage in self.passages for line in passage.body.split(b"\n") if line.startswith(b"data: {")]
        items = [event["item"] for event in map(_data, lines) if event["type"] == "response.output_item.done"]
        return {item["call_id"]: item for item in items if "call_id" in item}

    def rows_of(self, kind: str) -> list[Row]:
        """Return the rows of that kind, in order."""
        return [row for row in self.rows if row.kind == kind]


def governed(place: Place, codex: Path) -> CodexSession:
    """Run the session and return what is left of it."""
    (place.occasio_home / "policy.yml").write_text(POLICY + "redact_secrets_in_tool_results: true\n", encoding="utf-8")
    (place.work / "token.txt").write_text(f"key = {SECRET}\n", encoding="utf-8")
    turns = script()
    with ScriptedModel(turns) as model, Relay(place.log) as relay:
        program = through(relay, codex, place.root / "bin")
        place.programs.insert(0, program.parent)
        _, *command = codex_headless("codex", "read what you can")
        finished = place.occasio("codex", "--upstream", f"{model.url}/v1", *command, OPENAI_API_KEY=OPENAI_KEY)
    return CodexSession(
        place=place,
        turns=turns,
        finished=finished,
        requests=model.conversation,
        passages=relay.passages,
        sent_to_agent=relay.sent,
        environment=program.parent / "environment",
        rows=place.rows(),
    )


def through(relay: Relay, codex: Path, directory: Path) -> Path:
    """Return a program named `codex` that is Codex, led through the relay by the address in its arguments."""
    program = directory / "codex"
    directory.mkdir()
    lead = f's|base_url="http://|base_url="http://{relay.authority}/|'
    program.write_text(
        "#!/bin/sh\n"
        f"env > {shlex.quote(str(directory / 'environment'))}\n"
        "for argument do\n"
        f'  shift; set -- "$@" "$(printf \'%s\' "$argument" | sed \'{lead}\')"\n'
        "done\n"
        f'exec {shlex.quote(str(codex))} "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


def _data(line: bytes) -> Document:
    parsed: Document = json.loads(line.removeprefix(b"data: "))
    return parsed
