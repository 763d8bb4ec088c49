"""A row is shown by what happened, to what, why, and what to do about it; the texts of agents stay texts, and short."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_dashboard.views import MOST, row_view
from tests.occasio_core.reading.logs import every_kind
from tests.samples import Log, call, start

PLACE = {"seq": 3, "run_id": "run-1", "ts": "2026-01-02T00:00:00.000Z", "agent": "claude-code"}


def of_call(**members: Any) -> dict[str, Any]:
    row = {
        "kind": "tool_call",
        "action": "PASS",
        "reason": "ok",
        "tool_name": "read_file",
        "effects": [],
        "tool_inputs": {},
    }
    return row_view({**PLACE, **row, **members})


def test_every_row_of_every_kind_can_be_shown() -> None:
    shown = [row_view(row) for row in every_kind().rows]
    assert {view["kind"] for view in shown} == {row["kind"] for row in every_kind().rows}
    for view in shown:
        assert {"seq", "run", "kind", "at", "agent", "what", "title", "text"} <= set(view)
        assert all(isinstance(view[name], str) for name in ("what", "title", "text"))
        assert view["what"] != "other"


def test_a_row_of_a_kind_of_later_times_is_shown_by_its_kind() -> None:
    assert row_view({**PLACE, "kind": "dream"}) == {
        "seq": 3,
        "run": "run-1",
        "kind": "dream",
        "at": PLACE["ts"],
        "agent": "claude-code",
        "what": "other",
        "title": "dream",
        "text": "",
    }


def test_a_refused_call_says_by_which_rule_and_how_to_unblock_it() -> None:
    view = of_call(
        action="BLOCK", reason="path-denied", rule="deny_paths: ~/.ssh", tool_inputs={"path": "/home/ada/.ssh/id"}
    )
    assert (view["what"], view["text"], view["rule"]) == ("BLOCK", "/home/ada/.ssh/id", "deny_paths: ~/.ssh")
    assert view["todo"] == 'add `- "!~/.ssh"` to `deny_paths` in policy.yml if agents may use it'


def test_a_call_that_passed_needs_nothing_done() -> None:
    assert of_call()["todo"] == ""


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"tool_inputs": {"path": "/a", "pattern": "x"}}, "/a"),
        ({"tool_inputs": {"command": "ls"}}, "ls"),
        ({"tool_inputs": {"query": "tea"}}, "tea"),
        ({"tool_inputs": {"path": 3}, "effects": ["read /b"]}, "read /b"),
        ({"tool_inputs": {"text": "words"}}, "words"),
        ({"tool_inputs": {}}, ""),
    ],
)
def test_a_call_is_shown_by_what_it_is_about(members: dict[str, Any], text: str) -> None:
    assert of_call(**members)["text"] == text


def test_a_long_text_is_cut_and_a_hostile_one_left_as_it_is() -> None:
    hostile = "<script>alert(1)</script>\u202e"
    assert of_call(tool_inputs={"command": hostile})["text"] == hostile
    long = of_call(tool_inputs={"command": "x" * 10_000}, tool_name="y" * 10_000, message="z" * 10_000)
    assert {len(long[name]) for name in ("text", "title", "message")} == {MOST}


def test_what_was_kept_from_the_model_is_said() -> None:
    log = Log()
    start(log)
    call(log, 1)
    of = {"call_id": "c", "content_digest": "0" * 64, "size": 1200}
    row = {
        **PLACE,
        "kind": "tool_result",
        **of,
        "result_kind": "withheld",
        "secret_labels": ["aws", "jwt"],
        "secrets_redacted": 2,
    }
    assert row_view(row)["text"] == "1,200 bytes; kept from the model: 2 secrets (aws, jwt)"
    row |= {"secret_labels": [], "secrets_redacted": 0}
    assert row_view(row)["text"] == "1,200 bytes; kept from the model: a secret"
    row |= {"result_kind": "pass", "secret_labels": [], "secrets_redacted": 0, "left_out": 3, "is_error": True}
    assert row_view(row)["text"] == "1,200 bytes; 3 left out; the tool failed"


@pytest.mark.parametrize(("status", "what"), [(200, "request"), (0, "request-failed"), (529, "request-failed")])
def test_a_request_shows_tokens_and_cost(status: int, what: str) -> None:
    tokens = {"input_tokens": 1, "cache_read_tokens": 2, "cache_write_tokens": 4, "output_tokens": 8}
    view = row_view({**PLACE, "kind": "request", "model": None, "status": status, **tokens})
    assert (view["what"], view["tokens_in"], view["tokens_out"], view["cost_micro_usd"]) == (what, 7, 8, None)
