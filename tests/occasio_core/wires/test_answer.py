"""An answer that nobody has to read is passed on."""

from __future__ import annotations

from occasio_core.wires.answer import UnreadAnswer


def test_every_byte_of_an_unread_answer_passes_at_once() -> None:
    answer = UnreadAnswer()
    assert [*answer.receive(b"a"), *answer.receive(b"\xff{"), *answer.finish()] == [b"a", b"\xff{"]


def test_an_unread_answer_is_complete_and_says_nothing_meanwhile() -> None:
    assert (UnreadAnswer().tally.complete, UnreadAnswer().patience) == (True, b"")
