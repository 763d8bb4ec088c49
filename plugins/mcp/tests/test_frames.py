"""A message has one reading or is none, however the bytes come."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_mcp.frames import BadFrameError, Lines, Notification, Request, Response, failed, frame, ok


def test_a_message_is_a_request_a_notification_or_a_response() -> None:
    asks, tells = b'{"jsonrpc":"2.0","id":1,"method":"ping"}', b'{"jsonrpc":"2.0","method":"m","params":{"a":1}}'
    assert frame(asks) == Request(asks, 1, "ping", {})
    assert frame(tells) == Notification(tells, "m", {"a": 1})
    assert isinstance(said := frame(ok("x", {"a": 1})), Response)
    assert (said.id, said.member, said.value) == ("x", "result", {"a": 1})
    assert isinstance(said := frame(failed(3, -1, "no")), Response)
    assert (said.id, said.member) == (3, "error")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"7",
        b"null",
        b"hello",
        b"\xff\xfe",
        b'{"jsonrpc":"2.0","id":1,"method":"\xff"}',
        b'{"id":1,"method":"ping"}',
        b'{"jsonrpc":"1.0","id":1,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}',
        b'{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":1,"x":2}}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}}',
        b'{"jsonrpc":"2.0","id":null,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":true,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":[],"result":{}}',
        b'{"jsonrpc":"2.0","result":{}}',
        b'{"jsonrpc":"2.0","id":1}',
        b'{"jsonrpc":"2.0","id":1,"result":{},"error":{}}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","result":{}}',
        b'{"jsonrpc":"2.0","id":1,"method":7}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}',
        b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_anything_else_is_none(data: bytes) -> None:
    with pytest.raises(BadFrameError):
        frame(data)


def test_a_batch_is_told_as_one() -> None:
    with pytest.raises(BadFrameError, match="batch") as caught:
        frame(b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]')
    assert caught.value.code == -32600


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)), st.lists(st.integers(1, 9)))
def test_lines_are_the_same_however_they_are_cut(lines: list[bytes], cuts: list[int]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    cutter, found = Lines(), []
    for cut in cuts:
        found += cutter.receive(data[:cut])
        data = data[cut:]
    found += cutter.receive(data)
    assert found == [line for line in lines if line.strip()]
    assert not cutter.is_within


def test_a_line_that_is_too_long_is_left_out_and_the_next_is_not() -> None:
    cutter = Lines(longest=8)
    assert cutter.receive(b"123456789") == []
    assert cutter.receive(b"0\n{}\n") == [None, b"{}"]
    assert cutter.receive(b"half") == []
    assert cutter.is_within


def test_what_is_written_is_json_of_one_line() -> None:
    data = ok(1, {"text": "a\nb", "odd": "\ud800"})
    assert b"\n" not in data
    assert json.loads(data)["result"]["text"] == "a\nb"
