"""Whose request it is."""

from __future__ import annotations

import pytest

from occasio_core.model import RunId
from occasio_core.wires.origin import agent_of, session_of

RUN = RunId("run-1")


def test_the_first_name_that_can_be_one_is_the_session() -> None:
    assert session_of([None, "", "a b", "a\nb", 7, "s-1", "s-2"], RUN) == "s-1"


def test_the_run_is_the_session_where_nothing_names_one() -> None:
    assert session_of(["x" * 129], RUN) == "run-1"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("known-cli/2.1.197 (external, cli)", "known"),
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
    assert agent_of({"user-agent": header}, {"known-cli": "known"}) == name


def test_an_agent_that_says_nothing_is_unknown() -> None:
    assert agent_of({}, {}) == "unknown"
