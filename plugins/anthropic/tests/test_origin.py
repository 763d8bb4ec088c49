"""Whose request it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_anthropic.origin import origin_of
from occasio_core import RunId

RUN = RunId("run-1")


def claude(session: Any) -> dict[str, Any]:
    return {"metadata": {"user_id": json.dumps({"device_id": "d", "session_id": session})}}


def session(headers: dict[str, str], document: Any, run: RunId) -> str:
    return origin_of(headers, document, run, "/work").session


def test_the_header_names_the_session() -> None:
    assert session({"x-claude-code-session-id": "s-1"}, claude("s-2"), RUN) == "s-1"


def test_the_metadata_names_the_session_where_there_is_no_header() -> None:
    assert session({}, claude("s-2"), RUN) == "s-2"


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
    assert session({"x-claude-code-session-id": "a\nb"}, document, RUN) == "run-1"


def test_claude_code_goes_by_its_own_name() -> None:
    origin = origin_of({"user-agent": "claude-cli/2.1.197 (external, cli)"}, {}, RUN, "/work")
    assert (origin.agent, origin.protocol, origin.cwd) == ("claude-code", "anthropic-http", "/work")
