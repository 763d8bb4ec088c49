"""Headers that say another call than the body are noticed, however they are spelled."""

from __future__ import annotations

import pytest

from occasio_mcp.calls import VERSION_OF
from occasio_mcp.frames import frame
from occasio_mcp.headers import header_value, mismatch
from plugins.mcp.tests.keepers import answers, asks, data, tells

META = {VERSION_OF: "2026-07-28"}
CALL = frame(data(asks(1, "tools/call", name="read", arguments={}, _meta=META)))
RIGHT = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "read"}


def test_headers_that_repeat_the_body_are_right() -> None:
    assert mismatch(CALL, RIGHT.items()) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("Mcp-Method", "tools/list"), ("Mcp-Name", "look"), ("MCP-Protocol-Version", "2025-11-25"), ("mcp-name", "READ")],
)
def test_a_header_that_says_something_else_is_noticed(name: str, value: str) -> None:
    given = {key: one for key, one in RIGHT.items() if key.lower() != name.lower()} | {name: value}
    assert name.lower() in mismatch(CALL, given.items())


@pytest.mark.parametrize("missing", RIGHT)
def test_since_2026_no_header_may_be_missing(missing: str) -> None:
    assert mismatch(CALL, [(name, value) for name, value in RIGHT.items() if name != missing])


def test_a_header_that_comes_twice_is_noticed() -> None:
    assert "twice" in mismatch(CALL, [*RIGHT.items(), ("mcp-NAME", "read")])


@pytest.mark.parametrize("name", ["é", " a", "=?base64?x?=", "a\nb"])
def test_a_name_that_no_header_can_hold_is_encoded(name: str) -> None:
    said = frame(data(asks(1, "tools/call", name=name, _meta=META)))
    assert mismatch(said, ({**RIGHT, "Mcp-Name": header_value(name)}).items()) == ""


@pytest.mark.parametrize("value", ["=?base64?cmVhZA==?=", "=?base64?cmVhZB==?=", "=?base64?!?=", "=?base64??="])
def test_another_spelling_of_a_name_is_noticed(value: str) -> None:
    assert mismatch(CALL, ({**RIGHT, "Mcp-Name": value}).items())


@pytest.mark.parametrize("message", [asks(1, "tools/list"), tells("notifications/initialized"), answers(1, {})])
def test_before_2026_none_is_needed(message: object) -> None:
    assert mismatch(frame(data(message)), [("MCP-Protocol-Version", "2025-06-18")]) == ""


def test_before_2026_one_that_is_there_has_to_be_right() -> None:
    said = frame(data(asks(1, "tools/call", name="read")))
    assert mismatch(said, [("Mcp-Name", "look")])
    assert mismatch(said, [("Mcp-Method", "tools/list")])
