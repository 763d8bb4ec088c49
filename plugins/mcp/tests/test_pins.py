"""What a server has said of a tool is kept, and what it says otherwise later waits for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from occasio_core import OccasioError, UsageError
from occasio_mcp.pins import Difference, Mode, Pins, digests_of, pinned_servers, pins_path

OLD = {"name": "read", "description": "reads", "inputSchema": {"type": "object"}}
NEW = {**OLD, "description": "reads, and more"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return pins_path(tmp_path, "fs")


def told(path: Path, mode: Mode = Mode.CHANGES, **tools: Any) -> list[Difference]:
    return Pins(path).compared(tools, mode)


def test_what_is_heard_first_is_pinned(path: Path) -> None:
    assert told(path, read=OLD) == [Difference("read", True, ("description", "inputSchema"), False)]
    assert told(path, read=OLD) == []
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(pinned_servers(path.parents[1])) == ["fs"]


@pytest.mark.parametrize(("mode", "waits"), [(Mode.CHANGES, True), (Mode.STRICT, True), (Mode.RECORD, False)])
def test_a_changed_tool_waits_unless_changes_are_only_recorded(path: Path, mode: Mode, waits: bool) -> None:
    told(path, read=OLD)
    assert told(path, mode, read=NEW) == [Difference("read", False, ("description",), waits)]
    assert ("read" in Pins(path).waiting) is waits


@pytest.mark.parametrize(("mode", "waits"), [(Mode.CHANGES, False), (Mode.STRICT, True), (Mode.RECORD, False)])
def test_a_new_tool_waits_only_where_everything_does(path: Path, mode: Mode, waits: bool) -> None:
    told(path, read=OLD)
    assert told(path, mode, read=OLD, more=NEW) == [Difference("more", True, ("description", "inputSchema"), waits)]


def test_a_change_within_the_first_session_waits_too(path: Path) -> None:
    pins = Pins(path)
    pins.compared({"read": OLD}, Mode.CHANGES)
    assert pins.compared({"read": NEW}, Mode.CHANGES)[0].waits


def test_what_is_accepted_is_pinned_and_other_processes_see_it(path: Path) -> None:
    told(path, read=OLD)
    pins = Pins(path)
    pins.compared({"read": NEW}, Mode.CHANGES)
    Pins(path).accept("read")
    assert "read" not in pins.waiting
    assert pins.compared({"read": NEW}, Mode.CHANGES) == []


def test_a_tool_that_is_again_as_it_was_waits_no_more(path: Path) -> None:
    told(path, read=OLD)
    told(path, read=NEW)
    assert told(path, read=OLD) == []
    assert "read" not in Pins(path).waiting


def test_only_what_waits_can_be_accepted(path: Path) -> None:
    told(path, read=OLD)
    with pytest.raises(UsageError):
        Pins(path).accept("read")


def test_what_is_not_for_the_model_is_not_compared() -> None:
    assert digests_of({**OLD, "_meta": {"serial": 1}}) == digests_of(OLD)
    assert set(digests_of({"name": "x", "inputSchema": {"maximum": 2**70}})) == {"inputSchema"}


@pytest.mark.parametrize("kept", [b"", b"[]", b"{", b'{"tools":1,"tools":2}'])
def test_pins_that_cannot_be_read_stop_the_start(path: Path, kept: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(kept)
    with pytest.raises(OccasioError):
        Pins(path)


def test_pins_that_cannot_be_written_are_an_error(path: Path) -> None:
    pins = Pins(path)
    path.parent.write_text("in the way", encoding="utf-8")
    with pytest.raises(OccasioError):
        pins.compared({"read": OLD}, Mode.CHANGES)
