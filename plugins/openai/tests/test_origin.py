"""Whose request it is."""

from __future__ import annotations

from typing import Any

import pytest

from occasio_core import RunId
from occasio_openai.origin import origin_of


def session(headers: dict[str, str], **document: Any) -> str:
    return origin_of(headers, document, RunId("run-1"), "/work", "openai-chat").session


@pytest.mark.parametrize(
    ("headers", "document", "name"),
    [
        ({"session-id": "s"}, {"prompt_cache_key": "k"}, "s"),
        ({"session_id": "s"}, {}, "s"),
        ({"x-session-id": "s"}, {}, "s"),
        ({}, {"prompt_cache_key": "k"}, "k"),
        ({"session-id": "no name"}, {}, "run-1"),
        ({}, {"prompt_cache_key": 7}, "run-1"),
    ],
)
def test_the_session_is_what_the_agent_calls_it_or_the_run(
    headers: dict[str, str], document: dict[str, Any], name: str
) -> None:
    assert session(headers, **document) == name


@pytest.mark.parametrize(
    ("product", "agent"),
    [("codex_exec/0.169.0 (x)", "codex"), ("codex_cli_rs/1", "codex"), ("opencode/1.18", "opencode")],
)
def test_agents_go_by_their_own_names(product: str, agent: str) -> None:
    origin = origin_of({"user-agent": product}, {}, RunId("run-1"), "/work", "openai-chat")
    assert (origin.agent, origin.protocol, origin.cwd) == (agent, "openai-chat", "/work")
