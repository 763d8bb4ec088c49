"""A result keeps its shape whatever takes the place of its contents; an input without one reading is a problem."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from occasio_core.errors import AgentProtocolError
from occasio_core.hooks.reading import (
    call_of,
    object_of,
    result_of_event,
    session_of_event,
    text_of,
    texts_in,
    with_notice,
    with_texts,
)
from occasio_core.model import SessionId
from occasio_verify import Json, canonical

BASH: Json = {"stdout": "out", "stderr": "err", "interrupted": False, "isImage": False}
READ: Json = {"type": "text", "file": {"filePath": "/w/a", "content": "words", "numLines": 1}}
MCP: Json = [{"type": "text", "text": "said"}, {"type": "image", "source": {"data": "AAAA", "media_type": "image/png"}}]

_values = some.recursive(
    some.none() | some.booleans() | some.integers(-9, 9) | some.text("abc", max_size=4),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.sampled_from(["content", "type", "file", "stdout", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("whole", ("whole",)),
        (BASH, ("out", "err")),
        (READ, ("words",)),
        (MCP, ("said",)),
        ({"filenames": ["a", "b"]}, ("a", "b")),
        (None, ()),
    ],
)
def test_the_contents_of_a_result_are_found_in_every_shape(content: Json, texts: tuple[str, ...]) -> None:
    assert texts_in(content) == texts


def test_what_is_no_content_stays_as_it_is() -> None:
    assert with_texts(READ, ["[REDACTED]"]) == {
        "type": "text",
        "file": {"filePath": "/w/a", "content": "[REDACTED]", "numLines": 1},
    }
    assert with_notice(BASH, "withheld") == {"stdout": "withheld", "stderr": "", "interrupted": False, "isImage": False}


@given(_values)
def test_the_same_texts_give_the_same_result(content: Json) -> None:
    assert canonical(with_texts(content, texts_in(content))) == canonical(content)


@given(_values)
def test_a_notice_leaves_nothing_of_the_contents(content: Json) -> None:
    left = [text for text in texts_in(with_notice(content, "withheld")) if text]
    assert left in ([], ["withheld"])


def test_a_result_says_what_its_digest_would_be_with_other_texts() -> None:
    result = result_of_event(agent="a", session=SessionId("s"), call="c", tool="Bash", given={}, content=BASH)
    assert result.digest == hashlib.sha256(canonical(BASH)).hexdigest()
    assert result.rewritten is not None
    changed = with_texts(BASH, ["x", "y"])
    assert result.rewritten(["x", "y"]) == canonical(changed)


@pytest.mark.parametrize(
    ("tool", "given", "problem"),
    [
        ("Read", ["no", "object"], "the input is no object"),
        ("", {}, "the call names no tool"),
        ("Read", {"file_path": "\ud800"}, "the input has no canonical form"),
    ],
)
def test_a_call_without_one_reading_has_a_problem(tool: str, given: Json, problem: str) -> None:
    call = call_of(agent="a", session=SessionId("s"), call="c", tool=tool, given=given, cwd="/w")
    assert (call.problem, dict(call.input)) == (problem, {})


def test_an_event_without_its_members_is_refused() -> None:
    for read in (
        lambda: text_of({}, "name"),
        lambda: text_of({"name": 1}, "name"),
        lambda: object_of({"input": []}, "input"),
        lambda: session_of_event({"session_id": ""}, "session_id"),
        lambda: session_of_event({"session_id": "x" * 257}, "session_id"),
    ):
        with pytest.raises(AgentProtocolError):
            read()
