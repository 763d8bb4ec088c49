"""A reply is one JSON object, or exit code 2 with a reason."""

from __future__ import annotations

from occasio_hooks.replies import blocked, said


def test_an_object_is_one_line_of_json() -> None:
    reply = said({"decision": "deny", "reason": "ü\n"})
    assert (reply.exit_code, reply.stdout) == (0, b'{"decision": "deny", "reason": "\\u00fc\\n"}\n')


def test_a_block_has_a_reason_always() -> None:
    assert (blocked("why").exit_code, blocked("why").stderr) == (2, b"why\n")
    assert len(blocked("").stderr) > 1
    assert blocked("\ud800").stderr == b"\\ud800\n"
