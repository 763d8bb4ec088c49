"""What runs begin with is told from three runs on, by how many of them it is in."""

from __future__ import annotations

from collections.abc import Sequence

from occasio_core.views.first_calls import FIRST, first_calls
from occasio_verify import Row
from tests.occasio_core.views.rows import Run


def reading(*paths: str) -> Sequence[Row]:
    run = Run()
    for number, path in enumerate(paths):
        run.call(str(number), effects=[f"read {path}"], inputs={"path": path})
    return [row for row in run.rows if row.kind == "tool_call"]


def test_two_runs_say_nothing() -> None:
    assert first_calls([reading("/a"), reading("/a")]) == []


def test_calls_are_told_by_how_many_runs_begin_with_them() -> None:
    found = first_calls([reading("/a", "/b"), reading("/b", "/a", "/a"), reading("/a", "/c")])
    assert [(one.target, one.runs, one.of, one.position, one.reads) for one in found] == [
        ("/a", 3, 3, 1, True),
        ("/b", 2, 3, 1.5, True),
    ]
    assert [one.as_json()["confidence"] for one in found] == [1.0, 0.667]


def test_only_the_first_calls_count() -> None:
    late = [f"/{number}" for number in range(FIRST)]
    found = first_calls([reading(*late, "/late")] * 3)
    assert [one.target for one in found] == late


def test_what_touches_more_than_its_file_is_no_reading() -> None:
    run = Run().call("a", tool="edit_file", effects=["read /a", "write /a"], inputs={"path": "/a"})
    rows = [row for row in run.rows if row.kind == "tool_call"]
    assert [one.reads for one in first_calls([rows] * 3)] == [False]
