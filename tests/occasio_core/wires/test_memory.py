"""What a run remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core.wires.memory import LOST, CallMemory, Withdrawn, form_of, true_name
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


@dataclass
class Kept:
    """An archive in memory that counts how often it is asked."""

    calls: dict[str, Withdrawn] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def keep(self, call: str, withdrawn: Withdrawn, /) -> None:
        self.calls[call] = withdrawn

    def find(self, call: str, /) -> Withdrawn | None:
        self.asked.append(call)
        return self.calls.get(call)


TRUTH = Withdrawn(tool="Read", input="{}", result="no", is_error=True)
LONG = "toolu_01A09q90qw90lq917835lq9"


def test_a_later_run_knows_what_an_earlier_one_withdrew() -> None:
    archive = Kept()
    CallMemory(archive).withdraw(LONG, TRUTH)
    assert CallMemory(archive).withdrawn(LONG, "occasio_refused__Read") is TRUTH


def test_the_archive_is_asked_once_for_a_call_and_never_for_one_of_this_run() -> None:
    archive = Kept()
    memory = CallMemory(archive)
    memory.use(LONG)
    for _ in range(3):
        memory.withdrawn(LONG, "Read")
        memory.withdrawn(LONG + "x", "Read")
    assert archive.asked == [LONG + "x"]


def test_an_id_that_may_come_again_elsewhere_is_not_joined_across_runs() -> None:
    archive = Kept()
    CallMemory(archive).withdraw("call_1", TRUTH)
    lost = CallMemory(archive).withdrawn("call_1", "occasio_refused__Read")
    assert lost is not None
    assert lost.result == LOST
    assert archive.asked == []
