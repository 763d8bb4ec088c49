"""The real Claude Code searches the web: by a request of its own, in which the provider runs the search."""

from __future__ import annotations

import json

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import DONE, Call, Document, Turn
from tests.end_to_end.place import Place
from tests.real_agents import Finished, headless

pytestmark = pytest.mark.agents

QUERY = "when does tea open"
FOUND: list[Document] = [
    {"type": "server_tool_use", "id": "srvtoolu_01", "name": "web_search", "input": {"query": QUERY}},
    {
        "type": "web_search_tool_result",
        "tool_use_id": "srvtoolu_01",
        "content": [
            {
                "type": "web_search_result",
                "url": "https://tea.example.com/hours",
                "title": "Hours of tea",
                "encrypted_content": "RW5jcnlwdGVk",
                "page_age": None,
            }
        ],
    },
    {"type": "text", "text": "Tea opens at four."},
]


def searched(place: Place, policy: str = "") -> tuple[Finished, list[Request]]:
    """Return how the agent ended that searched, and what the model was asked."""
    file = place.root / "search.yml"
    file.write_text(f"version: 1\n{policy}", encoding="utf-8")
    turns = [Turn(calls=[Call("WebSearch", {"query": QUERY}, id="toolu_search")]), DONE]
    others = {QUERY: [Turn(blocks=FOUND)]}
    with ScriptedModel(turns, others=others) as model:
        agent = headless("claude", "find out", "--allowedTools", "WebSearch")
        finished = place.occasio("run", "--policy", str(file), "--upstream", model.url, "--", *agent)
        return finished, model.conversation


def calls(place: Place) -> list[tuple[object, ...]]:
    names = ("call_id", "tool_name", "action", "reason", "rule")
    return [tuple(row.fields.get(name) for name in names) for row in place.rows() if row.kind == "tool_call"]


def test_what_the_provider_searches_is_recorded_and_reaches_the_agent(place: Place) -> None:
    finished, requests = searched(place)
    assert finished.returncode == 0, finished.stderr
    assert calls(place) == [
        ("toolu_search", "web_search", "PASS", "ok", None),
        ("srvtoolu_01", "web_search", "PASS", "provider-ran", None),
    ]
    told = json.dumps(requests[-1].results["toolu_search"]["content"])
    assert "https://tea.example.com/hours" in told
    assert "Tea opens at four." in told
