"""The real Codex with a real MCP server behind `occasio mcp wrap`: it hands no variable on, and is one run all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core.scripted.model import ScriptedModel
from occasio_core.scripted.turn import Document, Turn
from tests.end_to_end.hooked import REDACTING, TOKEN, of_call
from tests.end_to_end.place import DENIED_WORDS, Place, occasio, prepared
from tests.end_to_end.test_mcp import of_runs
from tests.real_agents import CODEX, MCP_FILES, codex_headless

pytestmark = pytest.mark.agents

CALLS = {"call_allowed": "notes.txt", "call_denied": "private/plans.txt", "call_redacted": "leak.txt"}


def settings(place: Place) -> list[str]:
    """Return the arguments that have Codex use the wrapped server."""
    words = occasio("mcp", "wrap", "--name", "fs", "--", MCP_FILES.required(), place.work)
    server = {"command": words[0], "args": list(words[1:]), "required": True, "startup_timeout_sec": 60}
    told = [f"mcp_servers.fs.{name}={json.dumps(value)}" for name, value in server.items()]
    home = f"mcp_servers.fs.env={{OCCASIO_HOME={json.dumps(str(place.occasio_home))}}}"
    return [word for one in (*told, home) for word in ("-c", one)]


def asked(place: Place, call: str, file: str) -> Document:
    """Return a call of the server's tool as Codex takes it: its name, in the namespace of the server."""
    arguments = json.dumps({"path": str(place.work / file)})
    own = {"type": "function_call", "id": f"fc_{call}", "call_id": call, "status": "completed"}
    return {**own, "name": "read_text_file", "namespace": "mcp__fs", "arguments": arguments}


def test_codex_proxy_and_gateway_are_one_run(tmp_path: Path) -> None:
    place = prepared(tmp_path, CODEX.required())
    (place.work / "leak.txt").write_text(f"token {TOKEN} end\n", encoding="utf-8")
    (place.occasio_home / "policy.yml").write_text(REDACTING, encoding="utf-8")
    turns = [Turn(blocks=[asked(place, call, file)]) for call, file in CALLS.items()]
    with ScriptedModel(turns) as model:
        _, *command = codex_headless("codex", "do it", *settings(place))
        done = place.occasio("codex", "--upstream", f"{model.url}/v1", *command, OPENAI_API_KEY="sk-test")
    assert done.returncode == 0, done.stderr
    sent = b"".join(request.body for request in model.requests)
    rows = of_runs(place)
    assert {row.run_id for row in rows} == {rows[0].run_id}
    assert {call: [row["action"] for row in of_call(rows, call, "tool_call")] for call in CALLS} == {
        "call_allowed": ["PASS"],
        "call_denied": ["BLOCK"],
        "call_redacted": ["PASS"],
    }
    assert [row["protocol"] for row in of_call(rows, "call_redacted", "tool_result")] == ["mcp", "openai-responses"]
    assert b"tea at four" in sent
    assert not any(word.encode() in sent for word in (*DENIED_WORDS, TOKEN))
