"""Whose request it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_anthropic.origin import agent_of, session_of
from occasio_core import RunId

RUN = RunId("run-1")


def claude(session: Any) -> dict[str, Any]:
    return {"metadata": {"user_id": json.dumps({"device_id": "d", "session_id": session})}}


def test_the_header_names_the_session() -> None:
    assert session_of({"x-claude-code-session-id": "s-1"}, claude("s-2"), RUN) == "s-1"


def test_the_metadata_names_the_session_where_there_is_no_header() -> None:
    assert session_of({}, claude("s-2"), RUN) == "s-2"


NAMELESS: list[dict[str, Any]] = [
    {},
    {"metadata": None},
    {"metadata": []},
    {"metadata": {"user_id": "user_1"}},
    claude(7),
    claude(""),
    claude("a b"),
]


@pytest.mark.parametrize("document", NAMELESS)
def test_the_run_is_the_session_where_nothing_names_one(document: dict[str, Any]) -> None:
    assert session_of({"x-claude-code-session-id": "a\nb"}, document, RUN) == "run-1"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("claude-cli/2.1.197 (external, cli)", "claude-code"),
        ("opencode/1.0 ai-sdk/5", "opencode"),
        ("Anthropic/Python 0.50", "anthropic"),
        ("Mini SWE/1", "mini"),
        ("a\x1b[31m!b/1", "a-31m-b"),
        ("x" * 100, "x" * 64),
        ("é/1", "unknown"),
        ("", "unknown"),
        ("/", "unknown"),
    ],
)
def test_the_agent_is_named_after_its_first_product(header: str, name: str) -> None:
    assert agent_of({"user-agent": header}) == name


def test_an_agent_that_says_nothing_is_unknown() -> None:
    assert agent_of({}) == "unknown"
