"""The rows of a governed session: one decision for each call, on disk before the agent gets a byte of the call."""

from __future__ import annotations

import hashlib

import pytest

from occasio_verify import Row, canonical
from tests.end_to_end.place import DENIED_WORDS, REAL_KEY, RULE
from tests.end_to_end.session import ALLOWED, DENIED, Session

pytestmark = pytest.mark.agents


def decision(row: Row) -> tuple[object, ...]:
    """Return what a tool_call row says of the decision."""
    return tuple(row.fields.get(name) for name in ("action", "reason", "rule", "tool_name"))


def test_every_call_has_one_decision_in_the_order_in_which_they_were_made(session: Session) -> None:
    made = [call.id for turn in session.turns for call in turn.calls]
    assert [row.fields["call_id"] for row in session.rows_of("tool_call")] == made


def test_the_decision_says_what_was_done_why_and_by_which_rule(session: Session) -> None:
    expected: dict[object, tuple[object, ...]] = dict.fromkeys(ALLOWED, ("PASS", "ok", None, "read_file"))
    expected |= dict.fromkeys(DENIED, ("BLOCK", "path-denied", RULE, "read_file"))
    expected["toolu_cat"] = ("BLOCK", "path-denied", RULE, "shell_bash")
    assert {row.fields["call_id"]: decision(row) for row in session.rows_of("tool_call")} == expected


def test_a_read_is_recorded_with_the_path_as_it_stands(session: Session) -> None:
    work = session.place.work
    inputs = {row.fields["call_id"]: row.fields["tool_inputs"] for row in session.rows_of("tool_call")}
    assert inputs["toolu_allowed"] == {"path": f"{work}/notes.txt"}
    assert inputs["toolu_link"] == {"path": f"{work}/shortcut.txt"}
    assert inputs["toolu_dots"] == {"path": f"{work}/private/plans.txt"}


def test_the_digest_of_an_input_is_of_what_the_model_said(session: Session) -> None:
    for row in session.rows_of("tool_call"):
        given = session.calls[str(row.fields["call_id"])].input
        assert row.fields["input_digest"] == hashlib.sha256(canonical(given)).hexdigest()


def test_a_call_that_ran_has_one_result_behind_its_decision_and_a_refused_one_has_none(session: Session) -> None:
    decided = {row.fields["call_id"]: row.seq for row in session.rows_of("tool_call")}
    results = {row.fields["call_id"]: row.seq for row in session.rows_of("tool_result")}
    assert list(results) == list(ALLOWED)
    assert len(session.rows_of("tool_result")) == len(ALLOWED)
    assert all(results[call] > decided[call] for call in results)


def test_the_digest_of_a_result_is_of_what_the_model_got(session: Session) -> None:
    for row in session.rows_of("tool_result"):
        form = canonical(ALLOWED[str(row.fields["call_id"])])
        assert (row.fields["content_digest"], row.fields["size"]) == (hashlib.sha256(form).hexdigest(), len(form))
        assert row.fields["result_kind"] == "pass"


def test_every_request_is_recorded_with_what_the_model_reported(session: Session) -> None:
    rows = session.rows_of("request")
    asked = [request.json["model"] for request in session.requests]
    assert [(row.fields["model"], row.fields["status"]) for row in rows] == [(model, 200) for model in asked]
    assert {(row.fields["input_tokens"], row.fields["output_tokens"]) for row in rows} == {(10, 5)}


def test_rows_of_the_agent_name_it_and_its_own_session(session: Session) -> None:
    rows = [row.fields for row in session.rows if row.fields["agent"] != "occasio"]
    assert {(row["agent"], row["session_id"]) for row in rows} == {
        ("claude-code", session.finished.answer["session_id"])
    }


def test_the_run_is_opened_and_closed_and_has_every_row_of_the_log(session: Session) -> None:
    kinds = [row.kind for row in session.rows]
    assert (kinds[:3], kinds[-2:]) == (["run_started", "policy_loaded", "git_state"], ["git_state", "run_ended"])
    assert [row.run_seq for row in session.rows] == list(range(len(session.rows)))
    assert (session.rows[-1].fields["exit_code"], session.rows[-1].fields["reason"]) == (0, "exit")


def test_the_decision_was_in_the_log_before_the_first_byte_of_the_call_went_to_the_agent(session: Session) -> None:
    log = session.place.log.read_bytes()
    for call in session.calls:
        name = f'"id":"{call}"'.encode()
        (passage,) = [passage for passage in session.passages if name in passage.body]
        recorded = log[: passage.log_size_at(name)]
        assert f'"call_id":"{call}"'.encode() in recorded
        assert recorded.endswith(b"\n")


def test_no_row_holds_the_denied_content_or_the_key_or_what_was_read(session: Session) -> None:
    contents = [text.split("\t")[1].removesuffix("\n2") for text in ALLOWED.values()]
    log = session.place.log.read_text(encoding="utf-8")
    assert [text for text in (*DENIED_WORDS, REAL_KEY, *contents) if text in log] == []


def test_the_summary_names_every_refused_call(session: Session) -> None:
    assert "9 tool calls: 3 passed, 6 blocked" in session.finished.stderr
    assert session.finished.stderr.count("  blocked  ") == len(DENIED)
