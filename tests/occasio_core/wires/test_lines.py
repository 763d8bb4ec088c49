"""Each line of a batch's answers waits for its own calls, and the same lines may be fetched again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from occasio_core.errors import UpstreamProtocolError
from occasio_core.wires.calls import CallReader, Held
from occasio_core.wires.lines import LinesAnswer
from occasio_core.wires.memory import CallMemory
from tests.occasio_core.wires import toy

CALLS = [{"call": "a", "tool": "t", "in": {"x": 1}}, {"call": "b", "tool": "t", "in": {"x": 2}}]


def line(*calls: Any, **members: Any) -> bytes:
    return json.dumps({"custom_id": "1", **members, "do": list(calls)}).encode() + b"\n"


def answer(memory: CallMemory | None = None, mark: str = "") -> LinesAnswer:
    return LinesAnswer(CallReader(toy.ORIGIN, memory or CallMemory(), ()), toy.calls_in, toy.shown, mark=mark)


def got(lines: LinesAnswer, *pieces: bytes, refuses: str = "") -> tuple[bytes, list[str]]:
    """Return the agent's bytes, and the ids of the calls."""
    said, calls = b"", []

    def take(items: Any) -> bytes:
        came = b""
        for item in list(items):
            if isinstance(item, Held):
                calls.append(item.call.call)
                came += lines.withdraw(item, "no__") if item.call.call == refuses else lines.release(item)
            else:
                came += item
        return came

    for piece in pieces:
        said += take(lines.receive(piece))
    return said + take(lines.finish()), [str(call) for call in calls]


def test_lines_whose_calls_are_released_are_the_bytes_that_came() -> None:
    body = line(*CALLS) + b"\n" + line() + line({"call": "c", "tool": "t", "in": {}}).rstrip(b"\n")
    assert got(answer(), body) == (body, ["a", "b", "c"])


@pytest.mark.parametrize("size", [1, 7, 64])
def test_pieces_change_nothing(size: int) -> None:
    body = line(*CALLS) + line({"call": "c", "tool": "t", "in": {}})
    assert got(answer(), *(body[at : at + size] for at in range(0, len(body), size))) == (body, ["a", "b", "c"])


def test_a_refused_call_is_all_that_changes() -> None:
    said, _ = got(answer(), line(*CALLS, n=1) + line(n=2), refuses="b")
    first, second = said.split(b"\n", 1)
    assert json.loads(first)["do"] == [CALLS[0], {**CALLS[1], "tool": "no__t", "in": {}}]
    assert second == line(n=2)


def test_nothing_of_a_line_passes_before_its_last_call_is_decided() -> None:
    lines = answer()
    first, second = lines.receive(line(*CALLS))
    assert isinstance(first, Held)
    assert isinstance(second, Held)
    assert (lines.release(first), lines.release(second)) == (b"", line(*CALLS))


def test_lines_that_are_fetched_again_have_the_same_calls() -> None:
    memory = CallMemory()
    for _ in range(2):
        lines = answer(memory)
        first, second = lines.receive(line(*CALLS))
        assert [held.call.problem for held in (first, second) if isinstance(held, Held)] == ["", ""]


@pytest.mark.parametrize("body", [b"[1]\n", b"7", b"{\n", b'{"do": [], "do": []}\n', b"\xff\n"])
def test_a_line_without_one_reading_is_the_providers_fault(body: bytes) -> None:
    with pytest.raises(UpstreamProtocolError):
        got(answer(), body)


def test_a_line_beyond_the_limit_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.wires.lines.DOCUMENT_LIMIT", 100)
    with pytest.raises(UpstreamProtocolError, match="more than 100 bytes"):
        got(answer(), b"x" * 101)


@pytest.mark.parametrize(
    "body", [b"", b"int main() {\n{\n", b"\x89PNG\r\n\x00\n{", b'{"a": 1}\n{"call": "a"}\n', b"[1]"]
)
def test_any_other_file_passes_where_a_batch_is_marked(body: bytes) -> None:
    for pieces in ([body], [body[at : at + 1] for at in range(len(body))]):
        assert got(answer(mark="custom_id"), *pieces) == (body, [])


def test_a_marked_file_is_read() -> None:
    body = line(*CALLS) + line({"call": "c", "tool": "t", "in": {}})
    assert got(answer(mark="custom_id"), body) == (body, ["a", "b", "c"])


@pytest.mark.parametrize("later", [b"[1]\n", b'{"do": [], "do": []}\n'])
def test_behind_a_marked_line_every_line_is_read(later: bytes) -> None:
    with pytest.raises(UpstreamProtocolError):
        got(answer(mark="custom_id"), line(*CALLS), later)


def test_a_first_line_that_only_some_could_read_is_refused() -> None:
    with pytest.raises(UpstreamProtocolError):
        got(answer(mark="custom_id"), b'{"custom_id": "1", "custom_id": "2", "do": []}\n')
