"""What is told goes without its secrets, or not at all if it goes as a whole; then a row says so."""

from __future__ import annotations

from dataclasses import replace

from occasio_core.commands import Command, Record, RefuseRequest, Told
from occasio_core.model import SessionId
from tests.occasio_core.gates import POLICY, SECRET, session

FILE = Told(
    session=SessionId("s"), agent="a", protocol="p", groups=[("notes.txt",), (f"word {SECRET}",)], is_whole=True
)


def finding(command: Command) -> tuple[object, ...]:
    assert isinstance(command, Record)
    return command.kind, command.members["detector"], command.members["tags"]


def test_what_goes_as_a_whole_does_not_go_with_a_secret_in_it() -> None:
    row, refused = session().receive(FILE)
    assert finding(row) == ("finding", "occasio.uploads", ["not-sent", "word"])
    assert refused == RefuseRequest("what is sent as a whole holds secrets (word)")


def test_what_goes_as_a_whole_goes_without_a_word_if_nothing_is_in_it() -> None:
    assert session().receive(replace(FILE, groups=[("notes.txt",), ("tea at four",)])) == []


def test_where_results_may_hold_secrets_files_may() -> None:
    policy = replace(POLICY, block_secrets_in_tool_results=False)
    assert session(policy).receive(FILE) == []


def test_what_nobody_can_read_does_not_go() -> None:
    row, refused = session().receive(replace(FILE, groups=[], problem="it is no text"))
    assert (finding(row), refused) == (("finding", "occasio.uploads", ["not-sent"]), RefuseRequest("it is no text"))
