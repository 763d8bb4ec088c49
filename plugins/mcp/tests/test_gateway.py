"""What a server says of its tools is told once, with how grave it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_mcp.pins import Mode
from plugins.mcp.tests.keepers import Keeper, Talk

READ = {"name": "read", "description": "reads"}


def findings(talk: Talk) -> list[tuple[str, list[str]]]:
    return [(event["finding"]["severity"], event["finding"]["tags"]) for event in talk.keeper.of("finding")]


async def test_the_first_list_is_one_finding(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    await talk.gateway.learn([READ, {"name": "write"}, "odd", {"name": 7}], "a")
    assert findings(talk) == [("info", ["pinned", "fs"])]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.CHANGES, [("high", ["changed", "fs", "read", "waits"]), ("low", ["added", "fs", "more"])]),
        (Mode.STRICT, [("high", ["changed", "fs", "read", "waits"]), ("high", ["added", "fs", "more", "waits"])]),
        (Mode.RECORD, [("medium", ["changed", "fs", "read"]), ("low", ["added", "fs", "more"])]),
    ],
)
async def test_what_is_new_or_changed_is_a_finding_each(tmp_path: Path, mode: Mode, expected: object) -> None:
    await Talk(tmp_path).gateway.learn([READ], "a")
    talk = Talk(tmp_path, mode=mode)
    await talk.gateway.learn([{**READ, "description": "else"}, {"name": "more", "title": "m"}], "a")
    assert findings(talk) == expected


async def test_what_is_known_is_no_finding(tmp_path: Path) -> None:
    await Talk(tmp_path).gateway.learn([READ], "a")
    talk = Talk(tmp_path)
    await talk.gateway.learn([READ], "a")
    assert findings(talk) == []


async def test_two_tools_of_one_name_are_another_tool(tmp_path: Path) -> None:
    await Talk(tmp_path).gateway.learn([READ], "a")
    talk = Talk(tmp_path)
    assert await talk.gateway.learn([READ, READ], "a") == {"read"}
    assert talk.gateway.annotations("read") == {}


async def test_nobody_to_ask_is_a_refusal_with_its_reason(tmp_path: Path) -> None:
    talk = Talk(tmp_path, Keeper(fails="call"))
    passed = await talk.called()
    assert b"no space left" in passed.to_client
    assert any("no space left" in note for note in talk.notes)
