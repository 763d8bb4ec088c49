"""The tree below a process: all that it started, and what those started, whatever their names hold."""

from __future__ import annotations

import os
from pathlib import Path

from occasio_core.observed.processes import below
from tests.occasio_core.observed.fake_proc import FakeProc


def test_a_tree_is_the_process_and_all_below_it(tmp_path: Path) -> None:
    proc = FakeProc(tmp_path)
    for pid, parent, name in [(1, 0, "init"), (7, 1, "gate"), (9, 7, "a) S 1 ("), (8, 9, "curl"), (10, 1, "other")]:
        proc.process(pid, parent, name)
    assert [(one.pid, one.name) for one in below(7, tmp_path)] == [(7, "gate"), (8, "curl"), (9, "a) S 1 (")]


def test_what_has_ended_is_not_there(tmp_path: Path) -> None:
    proc = FakeProc(tmp_path)
    proc.process(7, 1, "gate")
    proc.process(8, 7, "gone", state="Z")
    assert [one.pid for one in below(7, tmp_path)] == [7]
    assert below(8, tmp_path) == []


def test_what_ends_while_it_is_looked_at_is_left_out(tmp_path: Path) -> None:
    FakeProc(tmp_path).process(7, 1, "gate")
    (tmp_path / "8").mkdir()
    (tmp_path / "version").write_text("Linux", encoding="utf-8")
    assert [one.pid for one in below(7, tmp_path)] == [7]


def test_the_real_proc_has_this_process() -> None:
    assert os.getpid() in [one.pid for one in below(os.getppid())]
