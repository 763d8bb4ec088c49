"""What the agent may see of a call that it must not run."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from occasio_anthropic.calls import name_of, tool_of, withdrawn_block
from occasio_core import ANSWERED, REFUSED, CallMemory, CallReader, Held, Json, Origin, SessionId

ORIGIN = Origin(session=SessionId("session-1"), agent="claude-code", protocol="anthropic-http", cwd="/work")
BLOCK: dict[str, Json] = {
    "type": "tool_use",
    "id": "toolu_1",
    "name": "Read",
    "input": {},
    "caller": {"type": "direct"},
}


def read(earlier: Container[str] = (), **block: Any) -> Held:
    calls = CallReader(ORIGIN, CallMemory(), earlier)
    return calls.read({**BLOCK, **block}, "{}", "", 0, call="toolu_1", tool="Read")


def test_a_withdrawn_call_is_a_tool_that_no_agent_has() -> None:
    assert withdrawn_block(read(), REFUSED)["name"] == "occasio_refused__Read"


def test_nothing_of_the_input_is_in_a_withdrawn_call() -> None:
    held = read(input={"file_path": "/home/ada/.ssh/id_ed25519"})
    assert withdrawn_block(held, REFUSED)["input"] == {}


def test_a_withdrawn_call_goes_by_the_id_that_is_shown() -> None:
    held = read(earlier={"toolu_1"})
    assert withdrawn_block(held, REFUSED)["id"] == "toolu_1_2"


def test_members_of_a_withdrawn_call_that_are_not_understood_stay() -> None:
    assert withdrawn_block(read(), ANSWERED)["caller"] == {"type": "direct"}


KEY: dict[str, Json] = {"type": "tool_use", "id": "toolu_1", "toolset_name": "computer", "name": "key"}


def test_an_action_of_a_toolset_is_judged_by_both_names() -> None:
    assert (tool_of(KEY), tool_of(BLOCK)) == ("computer.key", "Read")


def test_a_withdrawn_action_belongs_to_no_toolset() -> None:
    held = read(toolset_name="computer", name="key")
    assert "toolset_name" not in withdrawn_block(held, REFUSED)


def test_the_true_name_of_an_action_is_its_toolset_and_its_own() -> None:
    assert name_of("computer.key") == {"name": "key", "toolset_name": "computer"}
    assert name_of("Read") == {"name": "Read"}
