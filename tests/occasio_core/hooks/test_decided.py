"""What was decided on a call is known by its id, with the door and whether it has ended."""

from __future__ import annotations

from occasio_core.commands import Record
from occasio_core.hooks.decided import Decided, Known
from occasio_verify import Json


def record(kind: str, protocol: str = "anthropic-http", **members: Json) -> Record:
    return Record(kind=kind, agent="a", protocol=protocol, session="s", members=members)


def test_a_decision_is_known_once_its_row_is_written() -> None:
    decided = Decided()
    assert decided.find("c1") is None
    decided.note(
        record(
            "tool_call", call_id="c1", action="PASS", input_digest="0" * 64, tool_name="read_file", effects=["read /a"]
        )
    )
    assert decided.find("c1") == Known("PASS", "anthropic-http", "0" * 64, "read_file", ("read /a",))


def test_a_call_that_has_a_result_has_ended() -> None:
    decided = Decided()
    decided.note(
        record(
            "tool_call", call_id="c1", action="PASS", input_digest="0" * 64, tool_name="read_file", effects=["read /a"]
        )
    )
    decided.note(record("tool_result", call_id="c1"))
    known = decided.find("c1")
    assert known is not None
    assert known.has_result


def test_other_rows_say_nothing_of_calls() -> None:
    decided = Decided()
    decided.note(record("request", status=200))
    decided.note(record("tool_result", call_id="c9"))
    assert decided.find("c9") is None
