"""What reaches the agent in a governed session: the allowed calls as they are, of the denied ones nothing it could run."""

from __future__ import annotations

import json

import pytest

from occasio_harness.marker import leaks, leaks_below
from tests.end_to_end.place import DENIED_WORDS, REAL_KEY, variables
from tests.end_to_end.session import ALLOWED, DENIED, LAST_WORDS, TRACES_OF_DENIED, Session

pytestmark = pytest.mark.agents


def test_the_session_goes_on_to_its_end(session: Session) -> None:
    assert session.finished.returncode == 0, session.finished.stderr
    assert (session.finished.answer["result"], session.finished.answer["is_error"]) == (LAST_WORDS, False)
    assert len(session.requests) == len(session.turns)


def test_the_denied_content_is_in_nothing_that_the_agent_was_sent(session: Session) -> None:
    assert leaks(DENIED_WORDS, session.sent_to_agent) == []


def test_the_denied_content_is_in_nothing_that_the_agent_printed(session: Session) -> None:
    printed = session.finished.stdout + session.finished.stderr
    assert leaks(DENIED_WORDS, printed.encode()) == []


def test_the_denied_content_is_in_no_file_that_the_agent_or_occasio_kept(session: Session) -> None:
    for directory in (session.place.home, session.place.occasio_home, session.place.root / "hooks"):
        assert leaks_below(DENIED_WORDS, directory) == []


def test_an_allowed_call_reaches_the_agent_as_the_model_made_it(session: Session) -> None:
    for call in ALLOWED:
        block, made = session.blocks_at_agent[call], session.calls[call]
        assert (block["name"], json.loads(block["input"])) == (made.name, made.input)


def test_a_denied_call_reaches_the_agent_under_a_name_that_it_does_not_have_and_without_an_input(
    session: Session,
) -> None:
    shown = {call: (session.blocks_at_agent[call]["name"], session.blocks_at_agent[call]["input"]) for call in DENIED}
    assert {name for name, _ in shown.values()} == {"occasio_refused__Read", "occasio_refused__Bash"}
    assert {json.loads(given or "{}") == {} for _, given in shown.values()} == {True}


def test_no_path_of_a_denied_call_is_in_any_answer_that_the_agent_was_sent(session: Session) -> None:
    inputs = "".join(block["input"] for block in session.blocks_at_agent.values()).encode()
    assert [trace for trace in TRACES_OF_DENIED if trace in session.sent_to_agent + inputs] == []


def test_the_agent_ran_the_allowed_calls_and_no_other(session: Session) -> None:
    ran = sorted((hook["hook_event_name"], hook["tool_use_id"]) for hook in session.hooks)
    assert ran == sorted((event, call) for event in ("PreToolUse", "PostToolUse") for call in ALLOWED)


def test_the_transcript_shows_the_denied_calls_renamed_and_empty(session: Session) -> None:
    blocks = [
        block
        for line in session.transcripts
        if line["type"] == "assistant"
        for block in line["message"]["content"]
        if block["type"] == "tool_use"
    ]
    shown = {block["id"]: (block["name"].partition("__")[0], block["input"]) for block in blocks}
    assert {call: shown[call] for call in DENIED} == dict.fromkeys(DENIED, ("occasio_refused", {}))
    assert shown.keys() == set(ALLOWED) | set(DENIED)


def test_the_agent_finds_a_token_where_the_key_would_be(session: Session) -> None:
    found = variables(session.environment)
    assert found["ANTHROPIC_API_KEY"].startswith("occasio-local-")
    assert REAL_KEY not in session.environment.read_text(encoding="utf-8")


def test_the_agent_does_not_learn_where_occasio_keeps_its_things(session: Session) -> None:
    assert str(session.place.occasio_home) not in session.environment.read_text(encoding="utf-8")


def test_the_real_key_and_its_end_are_in_no_file_and_in_nothing_that_was_printed_or_sent(session: Session) -> None:
    parts = (REAL_KEY, REAL_KEY[-20:])  # Claude Code remembers keys by their last 20 characters
    for directory in (session.place.home, session.place.occasio_home):
        assert leaks_below(parts, directory) == []
    printed = session.finished.stdout + session.finished.stderr
    assert leaks(parts, printed.encode() + session.sent_to_agent) == []
