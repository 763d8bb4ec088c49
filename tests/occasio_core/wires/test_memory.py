"""What a run remembers."""

from __future__ import annotations

import pytest

from occasio_core.wires.memory import CallMemory, Withdrawn, true_name


def test_an_id_is_new_once() -> None:
    memory = CallMemory()
    assert [memory.use("a"), memory.use("a")] == [True, False]


def test_an_unused_id_is_new_to_the_run_and_to_the_history() -> None:
    memory = CallMemory()
    memory.use("a_2")
    assert memory.unused("a", {"a_3"}) == "a_4"
    assert memory.unused("a", {"a_3"}) == "a_5"


def test_what_was_withdrawn_is_known_by_its_id() -> None:
    memory = CallMemory()
    truth = Withdrawn(tool="Read", input="{}", result="no", is_error=True)
    memory.withdraw("a", truth)
    assert memory.withdrawn("a", "anything") is truth
    assert memory.withdrawn("b", "Read") is None


@pytest.mark.parametrize("name", ["Read", "occasio_refused__Read", "occasio_answered__Read"])
def test_a_true_name_has_no_mark(name: str) -> None:
    assert true_name(name) == "Read"


def test_contents_are_not_in_the_representation() -> None:
    assert "ssh" not in repr(Withdrawn(tool="Read", input='{"a":"ssh"}', result="ssh", is_error=True))
