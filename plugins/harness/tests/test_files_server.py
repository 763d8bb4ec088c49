"""The server reads what it is told, and guards nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from occasio_harness.files_server import TOOL, answered


def test_it_answers_a_client_by_lines(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("tea", encoding="utf-8")
    asked = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": TOOL, "arguments": {"path": "a"}}},
    ]
    done = subprocess.run(
        [sys.executable, "-m", "occasio_harness.files_server", str(tmp_path)],
        input="\n".join(map(json.dumps, asked)),
        capture_output=True,
        text=True,
        check=True,
    )
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert first["result"]["protocolVersion"] == "2025-11-25"
    assert [tool["name"] for tool in second["result"]["tools"]] == [TOOL]
    assert third["result"] == {"content": [{"type": "text", "text": "tea"}], "isError": False}


def test_what_cannot_be_read_and_what_is_not_known_are_errors(tmp_path: Path) -> None:
    missing = answered(tmp_path, {"id": 1, "method": "tools/call", "params": {"arguments": {"path": "no"}}})
    unknown = answered(tmp_path, {"id": 2, "method": "no/such"})
    assert missing is not None and missing["result"]["isError"]
    assert unknown is not None and unknown["error"]["code"] == -32601


def test_a_ping_is_answered(tmp_path: Path) -> None:
    assert answered(tmp_path, {"id": 9, "method": "ping"}) == {"jsonrpc": "2.0", "id": 9, "result": {}}
