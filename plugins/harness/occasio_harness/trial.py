"""What a self-test looks at: governed runs of a scripted agent, and each of the other doors once, in a scratch home.

The agent runs whatever it is told; all else is real, and used by the commands that people use.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from occasio_core import Call, Json, OccasioError, Turn, parse_json
from occasio_harness.evidence import Row, of_call, rows_of_last_run
from occasio_harness.files_server import TOOL
from occasio_harness.process import Finished, run
from occasio_harness.provider import Sent, scripted
from occasio_harness.scenario import Script
from occasio_harness.scratch import CONTROL, DENIED, OCCASIO, POLICY, TOKENS, Scratch, prepared

REDACTING = f"{POLICY}redact_secrets_in_tool_results: true\ntools:\n  Read: {{action: LOCAL}}\n"
AGENT = [sys.executable, "-m", "occasio_core.demo.agent", "go"]
KEY = "sk-only-the-model-may-see-this-key"
AWS = "AKIA" + "Q7RZ2MNWV4XDT6HB"  # has the form of a key, and is none
MADE = "made.txt"
_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One governed run: its rows, everything that the model got, and the last result of each call."""

    finished: Finished
    rows: Sequence[Row]
    sent: Sequence[Sent]
    results: Mapping[str, bytes]

    def of(self, call: str, kind: str = "tool_call") -> Row:
        """Return the one row of that kind that names the call.  Raises `OccasioError`."""
        found = [row for row in of_call(self.rows, call) if row["kind"] == kind]
        if len(found) != 1:
            raise OccasioError(f"{len(found)} rows of kind {kind} name {call}: {self.finished.words}")
        return found[0]

    def result(self, call: str) -> str:
        """Return what the model got for the call, as JSON.  Raises `OccasioError`."""
        if call not in self.results:
            raise OccasioError(f"the model got no result of {call}")
        return self.results[call].decode()


class Trial:
    """Everything that is looked at, each made when it is first asked for, below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def scratch(self) -> Scratch:
        """The scratch of the first run, whose policy reads here and takes secrets out."""
        scratch = prepared(self.root / "first", REDACTING)
        (scratch.work / "aws.txt").write_text(f"aws_access_key_id = {AWS}\n", encoding="utf-8")
        return scratch

    @cached_property
    def first(self) -> Run:
        """A run of everything that may and may not be, the last turn with both."""
        work = self.scratch.work
        calls = {
            "read": Call("Read", {"file_path": f"{work}/{DENIED}"}),
            "cat": Call("Bash", {"command": f"cat {DENIED}"}),
            "content": Call("PowerShell", {"command": f"Get-Content {DENIED}"}),
            "local": Call("Read", {"file_path": f"{work}/{CONTROL}"}),
            "passed": Call("Bash", {"command": f"cat {CONTROL} | tr a-z A-Z"}),
            "aws": Call("Bash", {"command": "cat aws.txt"}),
            "policy": Call("Bash", {"command": f"echo >> {self.scratch.policy}"}),
        }
        mixed = {
            "mixed_denied": Call("Bash", {"command": f"cp {DENIED} {MADE}"}),
            "mixed_passed": Call("Bash", {"command": f"echo x > {MADE}.txt"}),
        }
        turns = [[Call(call.name, call.input, name)] for name, call in calls.items()]
        turns.append([Call(call.name, call.input, name) for name, call in mixed.items()])
        return _governed(self.scratch, turns)

    @cached_property
    def strict(self) -> Scratch:
        """The scratch of the second run, whose policy is the built-in one and a denied folder."""
        return prepared(self.root / "second", POLICY)

    @cached_property
    def second(self) -> Run:
        """A run in which a result with a secret is held back."""
        return _governed(self.strict, [[Call("Bash", {"command": f"cat {TOKENS}"}, "token")]])

    @cached_property
    def bundle(self) -> Path:
        """The first run, sealed.  Raises `OccasioError`."""
        assert self.first.rows is not None
        path = self.root / "run.occasio.json"
        for words in (["bundle", "--out", str(path)], ["key", "export", "--out", str(self.key)]):
            done = self.scratch.occasio(*words)
            if done.exit_code:
                raise OccasioError(f"`occasio {words[0]}` failed: {done.words}")
        return path

    @property
    def key(self) -> Path:
        """The public key of whoever sealed it."""
        return self.root / "run.pub"

    def verified(self, bundle: Path) -> Finished:
        """Return how the verifier ended, a process of its own."""
        words = [sys.executable, "-m", "occasio_verify", str(bundle), "--key", str(self.key)]
        return run(words, environment=self.scratch.environment, directory=self.root, seconds=_SECONDS)

    def changed(self) -> Path:
        """Return a copy of the bundle in which one byte of a refused call is another."""
        data = self.bundle.read_bytes()
        at = data.index(b'"action":"BLOCK"', data.index(b'"chain_slice"'))
        at = data.index(b"plans.md", at)
        path = self.root / "changed.occasio.json"
        path.write_bytes(data[:at] + b"q" + data[at + 1 :])
        return path

    @cached_property
    def hook(self) -> tuple[Finished, Finished]:
        """What the installed hook of Claude Code says of a denied read: with the daemon, and when nobody answers."""
        scratch = prepared(self.root / "hook")
        command = _installed(scratch)
        event: dict[str, Json] = {
            "session_id": "s",
            "transcript_path": "",
            "cwd": str(scratch.work),
            "hook_event_name": "PreToolUse",
            "tool_name": "Read",
            "tool_input": {"file_path": f"{scratch.work}/{DENIED}"},
            "tool_use_id": "hook",
        }
        begun = scratch.occasio("daemon", "start")
        if begun.exit_code:
            raise OccasioError(f"the daemon did not start: {begun.words}")
        try:
            answered = _told(scratch, command, event)
        finally:
            scratch.occasio("daemon", "stop")
        return answered, _told(scratch, command, event)

    @cached_property
    def server(self) -> tuple[Json, Json]:
        """What a client of MCP gets behind the gateway: of a file that it may read, and of one that it may not."""
        scratch = prepared(self.root / "server")
        wanted = ((1, CONTROL), (2, DENIED))
        asked: list[dict[str, Json]] = [
            {"id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}}},
            {"method": "notifications/initialized"},
            *({"id": one, "method": "tools/call", "params": _calling(path)} for one, path in wanted),
        ]
        lines = "".join(json.dumps({"jsonrpc": "2.0", **one}) + "\n" for one in asked)
        server = [sys.executable, "-m", "occasio_harness.files_server", str(scratch.work)]
        command = [*OCCASIO, "mcp", "wrap", "--name", "files", "--", *server]
        done = run(command, environment=scratch.environment, directory=scratch.work, seconds=_SECONDS, given=lines)
        answers = {_member(answer, "id"): answer for answer in map(_parsed, done.stdout.splitlines())}
        if 1 not in answers or 2 not in answers:
            raise OccasioError(f"the gateway did not answer: {done.words}")
        return answers[1], answers[2]


def _governed(scratch: Scratch, turns: Sequence[Sequence[Call]]) -> Run:
    script = Script(turns=[*(Turn(calls=calls) for calls in turns), Turn(text="That was all.")])
    with scripted(script) as provider:
        more = {"ANTHROPIC_API_KEY": KEY}
        finished = scratch.occasio("run", "--upstream", provider.url, "--", *AGENT, more=more)
        sent, results = provider.sent(), provider.results()
    if finished.exit_code:
        raise OccasioError(f"the run ended with {finished.exit_code}: {finished.words}")
    return Run(finished=finished, rows=rows_of_last_run(scratch.log), sent=sent, results=results)


def _installed(scratch: Scratch) -> str:
    """Install the hook in the settings of the scratch, and return the command that it is."""
    done = scratch.occasio("hook", "install", "--agent", "claude-code")
    if done.exit_code:
        raise OccasioError(f"the hook was not installed: {done.words}")
    settings = json.loads((scratch.home / ".claude" / "settings.json").read_text(encoding="utf-8"))
    return str(settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"])


def _told(scratch: Scratch, command: str, event: Mapping[str, Json]) -> Finished:
    shell = shutil.which("sh") or "/bin/sh"
    return run(
        [shell, "-c", command],
        environment=scratch.environment,
        directory=scratch.work,
        seconds=_SECONDS,
        given=json.dumps(event),
    )


def _calling(path: str) -> Json:
    return {"name": TOOL, "arguments": {"path": path}}


def _parsed(line: str) -> Json:
    return parse_json(line.encode())


def _member(answer: Json, name: str) -> Json:
    return answer.get(name) if isinstance(answer, dict) else None
