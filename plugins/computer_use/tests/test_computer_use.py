"""The front page: what is recorded, and that nothing typed is."""

from __future__ import annotations

import subprocess
import sys

from occasio_computer_use import UsesComputers
from occasio_core import CallId, EffectKind, SessionId, ToolCall, frozen


def call(**given: object) -> ToolCall:
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool="computer",
        input=frozen(given),  # type: ignore[arg-type]
        input_digest="0" * 64,
        cwd="/work",
    )


def test_a_row_holds_kinds_places_and_lengths_and_nothing_typed() -> None:
    told = UsesComputers().normalised(call(action="type", text="swordfish"))
    assert told == {"actions": ["type"], "count": 1, "typed": 9}
    assert UsesComputers().normalised(call(action="left_click", coordinate=[3, 4])) == {
        "actions": ["click"],
        "count": 1,
        "points": [[3, 4]],
    }


def test_a_long_batch_is_counted_and_not_written_down_whole() -> None:
    told = UsesComputers().normalised(call(actions=[{"type": "click", "x": 1, "y": 2}] * 100))
    assert (told["count"], len(told["actions"])) == (100, 32)  # type: ignore[arg-type]


def test_a_typed_line_may_run_read_write_and_connect() -> None:
    effects = UsesComputers().effects(call(action="type", text="cp notes x.example/y\n"))
    assert {effect.kind for effect in effects} == set(EffectKind) - {EffectKind.DELETE}


def test_looking_and_clicking_touch_nothing() -> None:
    assert UsesComputers().effects(call(action="screenshot")) == []


def test_the_front_page_is_cheap_to_import() -> None:
    code = (
        "import sys, occasio_computer_use; sys.exit(any(name in sys.modules for name in ('click', 'yaml', 'aiohttp')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
