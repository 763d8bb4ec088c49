"""Logs of the Node implementation are read as far as their own chain holds, in the words of our rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from occasio_core.detection.node_rows import NodeChain, is_node
from occasio_core.detection.recorded import Recording


def node_log(*rows: dict[str, Any], last: str = "0" * 64) -> list[bytes]:
    """Return the lines of such a log, as a default stringify of JavaScript writes them: in order of insertion."""
    lines = []
    for number, row in enumerate(rows):
        common = {"audit_schema": 1, "ts": f"2026-05-01T00:00:{number:02}.000Z", "event_id": f"e{number}"}
        text = json.dumps({**common, **row, "prev_hash": last}, separators=(",", ":"), ensure_ascii=False)
        last = hashlib.sha256(text.encode()).hexdigest()
        lines.append(f'{text[:-1]},"hash":"{last}"}}'.encode())
    return lines


CALL = {"kind": "tool_call", "agent": "claude-code", "direction": "inbound", "tool_name": "read_file", "action": "PASS"}
READ = {**CALL, "tool_inputs": {"path": "/p/a é"}}
BASH = {**CALL, "tool_name": "shell_bash", "action": "BLOCK"}
RESULT = {"kind": "tool_call", "direction": "outbound", "agent": "claude-code", "secrets_redacted": 2}


def read(tmp_path: Path, lines: list[bytes]) -> tuple[list[Any], Recording]:
    path = tmp_path / "chain.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    recording = Recording(path)
    return list(recording.read()), recording


def test_its_calls_have_effects_and_its_results_their_secrets(tmp_path: Path) -> None:
    (call, refused, result, request), recording = read(tmp_path, node_log(READ, BASH, RESULT, {"kind": "request"}))
    assert (call["effects"], call["input_names"]) == (["read /p/a é"], ["path"])
    assert (refused["action"], refused["effects"], refused["tool_inputs"]) == ("BLOCK", [], {})
    assert (result["kind"], result["secrets_redacted"]) == ("tool_result", 2)
    assert request["kind"] == "request"
    assert recording.damage is None


def test_rows_from_before_the_chain_are_passed_over_and_not_behind_it(tmp_path: Path) -> None:
    old = b'{"ts":"2026-01-01T00:00:00.000Z","kind":"tool_call"}'
    rows, recording = read(tmp_path, [old, *node_log(READ)])
    assert (len(rows), recording.damage) == (1, None)
    rows, recording = read(tmp_path, [*node_log(READ), old])
    assert len(rows) == 1
    assert recording.damage is not None
    assert recording.damage.line == 2


def test_a_changed_row_ends_the_reading(tmp_path: Path) -> None:
    lines = node_log(READ, BASH)
    rows, recording = read(tmp_path, [lines[0], lines[1].replace(b"BLOCK", b"ALLOW")])
    assert len(rows) == 1
    assert recording.damage is not None
    assert "row-hash" in recording.damage.what


def test_a_row_that_does_not_follow_ends_the_reading(tmp_path: Path) -> None:
    rows, recording = read(tmp_path, [node_log(READ)[0], *node_log(BASH, last="1" * 64)])
    assert len(rows) == 1
    assert recording.damage is not None
    assert "log-link" in recording.damage.what


def test_a_row_without_a_time_or_a_kind_ends_the_reading() -> None:
    for odd in ({"ts": "soon", "kind": "x"}, {"kind": 7}):
        assert NodeChain().follow(node_log(odd)[0])[1] == "the row has no time or no kind (row-field)"


def test_ours_are_not_taken_for_its() -> None:
    assert is_node(node_log(READ)[0])
    assert not is_node(b'{"audit_schema":2,"seq":0}')
    assert not is_node(b"hello")


def test_tools_may_go_by_the_agents_own_names(tmp_path: Path) -> None:
    own = {**CALL, "tool_name": "Read", "tool_inputs": {"file_path": "/p/b"}}
    ((call,), _) = read(tmp_path, node_log(own))
    assert call["effects"] == ["read /p/b"]
