"""What a run remembers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core.wires.memory import CallMemory, Withdrawn, form_of, true_name
from occasio_verify import Json, MalformedError


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


SAME_BUT_FOR_TYPES: list[Json] = [1, 1.0, True, "1", [1], ["1"], {"a": 1}, {"a": "1"}, None, "", [], {}, -0.0, 0.0, 0]


@given(st.lists(st.sampled_from(SAME_BUT_FOR_TYPES) | st.text(max_size=3), max_size=12))
def test_the_form_of_a_result_is_its_own_whatever_came_before(contents: list[Json]) -> None:
    memory = CallMemory()
    for content in contents:
        assert memory.form("call", content) == form_of(content)


def test_the_form_of_a_result_that_came_before_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = CallMemory()
    first = memory.form("call", [{"type": "text", "text": "read"}])
    monkeypatch.setattr("occasio_core.wires.memory.canonical", None)
    assert memory.form("call", [{"type": "text", "text": "read"}]) == first


def test_a_result_without_a_form_has_none_the_second_time_either() -> None:
    memory = CallMemory()
    for _ in range(2):
        with pytest.raises(MalformedError):
            memory.form("call", 2**60)
