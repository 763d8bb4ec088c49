"""A session's list is kept as it was written, apart from those of others, and there is an end to it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from occasio_core import SessionId
from occasio_files import todo
from occasio_files.todo import Lists


@pytest.fixture
def call(make_call):
    return lambda session, **arguments: replace(make_call("TodoWrite", arguments), session=SessionId(session))


def item(content="a", **members):
    return {"content": content, "status": "pending", "activeForm": "doing a", **members}


def test_a_list_is_returned_as_it_was_written(call):
    lists = Lists()
    assert lists.write(call("s", todos=[item()])).startswith("Todos have been modified successfully.")
    assert json.loads(lists.read(call("s"))) == [item()]


def test_each_session_has_its_own(call):
    lists = Lists()
    lists.write(call("s", todos=[item()]))
    assert lists.read(call("t")) == "[]"


def test_the_session_that_was_silent_longest_is_forgotten(call, monkeypatch):
    monkeypatch.setattr(todo, "MAX_SESSIONS", 2)
    lists = Lists()
    for session in "abac":
        lists.write(call(session, todos=[item(session)]))
    assert [lists.read(call(session)) != "[]" for session in "abc"] == [True, False, True]


@pytest.mark.parametrize(
    "todos",
    [
        None,
        "a",
        {},
        [1],
        ["a"],
        [{}],
        [{"content": "a"}],
        [item(status="later")],
        [item(status=["pending"])],
        [item(content=1)],
    ],
    ids=str,
)
def test_what_is_no_list_is_an_error(call, todos):
    with pytest.raises(ValueError, match="no list of items"):
        Lists().write(call("s", todos=todos))


@pytest.mark.parametrize(
    "todos", [[item()] * (todo.MAX_ITEMS + 1), [item("x" * todo.MAX_BYTES)]], ids=["items", "bytes"]
)
def test_a_list_that_is_too_long_is_an_error(call, todos):
    with pytest.raises(ValueError, match="at most"):
        Lists().write(call("s", todos=todos))
