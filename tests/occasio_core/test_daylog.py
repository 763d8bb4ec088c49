"""What is said is written behind, a file a day, its owner's alone; it is dropped in time, and never in anybody's way."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from occasio_core.daylog import KEPT_DAYS, DayLog, files, forget, said_in
from occasio_verify import Json

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC).timestamp()
DAY = 24 * 3600


class Clock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def written(place: Path, *said: dict[str, Json], clock: Clock | None = None, most: int = 1 << 20) -> list[Path]:
    log = DayLog(place, "logs", clock or Clock(), most)
    for one in said:
        log.note(one)
    log.close()
    return files(place / "logs")


def test_each_thing_is_a_line_with_the_time(tmp_path: Path) -> None:
    (path,) = written(tmp_path, {"kind": "request", "ms": 3}, {"kind": "hook"})
    assert path.name == "2026-03-09.jsonl"
    assert [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] == [
        {"ts": "2026-03-09T12:00:00.000Z", "kind": "request", "ms": 3},
        {"ts": "2026-03-09T12:00:00.000Z", "kind": "hook"},
    ]


def test_only_its_owner_may_read_it_whatever_it_was_before(tmp_path: Path) -> None:
    (path,) = written(tmp_path, {"a": 1})
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    path.chmod(0o644)
    written(tmp_path, {"a": 2})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_said_goes_behind_what_is_there(tmp_path: Path) -> None:
    written(tmp_path, {"a": 1})
    (path,) = written(tmp_path, {"a": 2})
    assert [said["a"] for said in said_in(path)] == [1, 2]


def test_each_day_has_its_file_and_a_full_one_is_followed_by_another(tmp_path: Path) -> None:
    clock = Clock()
    written(tmp_path, {"a": 1}, clock=clock, most=10)
    written(tmp_path, {"a": 2}, clock=clock, most=10)
    clock.now += DAY
    paths = written(tmp_path, {"a": 3}, clock=clock, most=10)
    assert [path.name for path in paths] == ["2026-03-09.jsonl", "2026-03-09.1.jsonl", "2026-03-10.jsonl"]


def test_what_is_too_old_is_dropped_when_another_day_begins(tmp_path: Path) -> None:
    clock = Clock()
    written(tmp_path, {"a": 1}, clock=clock)
    log = DayLog(tmp_path, "logs", clock)  # of a process that lives for weeks
    for days in (KEPT_DAYS, KEPT_DAYS + 1):
        clock.now = NOON + days * DAY
        log.note({"a": days})
    log.close()
    assert [path.name for path in files(tmp_path / "logs")] == ["2026-04-08.jsonl", "2026-04-09.jsonl"]


def test_what_is_too_old_is_dropped_by_the_next_writer(tmp_path: Path) -> None:
    clock = Clock()
    written(tmp_path, {"a": 1}, clock=clock)
    clock.now += KEPT_DAYS * DAY
    assert len(written(tmp_path, {"a": 2}, clock=clock)) == 2
    clock.now += DAY
    assert [path.name for path in written(tmp_path, {"a": 3}, clock=clock)] == ["2026-04-08.jsonl", "2026-04-09.jsonl"]


def test_forgetting_touches_nothing_that_is_not_a_file_of_a_day(tmp_path: Path) -> None:
    written(tmp_path, {"a": 1})
    (tmp_path / "logs" / "mine.jsonl").write_text("kept", encoding="utf-8")
    assert [path.name for path in forget(tmp_path / "logs")] == ["2026-03-09.jsonl"]
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["mine.jsonl"]
    assert forget(tmp_path / "none") == []


@pytest.mark.parametrize(
    "said", [{"a": "\ud800"}, {"a": "x" * (5 << 20)}, {"a": 1.5}], ids=["no text", "long", "fraction"]
)
def test_what_cannot_be_written_is_left_out(tmp_path: Path, said: dict[str, Json]) -> None:
    (path,) = written(tmp_path, said, {"a": 1})
    assert [one["a"] for one in said_in(path) if one["a"] == 1] == [1]


def test_a_link_in_the_way_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "target").write_text("mine", encoding="utf-8")
    (tmp_path / "logs" / "2026-03-09.jsonl").symlink_to(tmp_path / "target")
    written(tmp_path, {"a": 1})
    assert (tmp_path / "target").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file", encoding="utf-8")
    assert written(tmp_path, {"a": 1}) == []


def test_lines_that_are_none_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "2026-03-09.jsonl"
    path.write_bytes(b'{"a":1}\n[1]\n{"a":\n{"a":2}\n')
    assert list(said_in(path)) == [{"a": 1}, {"a": 2}]


def test_two_processes_write_whole_lines(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from occasio_core.daylog import DayLog
log = DayLog(Path(sys.argv[1]), "logs", lambda: 1773057600.0)
for _ in range(200):
    log.note({"text": "x" * 3000})
log.close()
"""
    children = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0]
    assert len([said for path in files(tmp_path / "logs") for said in said_in(path)]) == 400
