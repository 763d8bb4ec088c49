"""Occasio's home becomes read-only: nothing passes, each door says why, and what is written can still be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.place import Place, prepared
from tests.faults.limits import read_only, small_disk


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with small_disk(tmp_path / "occasio", "4m"):
        yield prepared(tmp_path)


@pytest.mark.parametrize("arguments", [["run", "--", "true"], ["daemon", "start"], ["audit", "repair"]])
def test_a_command_says_so_and_what_to_do(place: Place, arguments: list[str]) -> None:
    assert place.occasio("run", "--", "true").returncode == 0
    with read_only(place.occasio_home):
        done = place.occasio(*arguments)
        assert_told(done.stderr, "Read-only file system")
        assert done.returncode in (1, 2)
        assert place.occasio("audit", "verify", "--integrity-only").returncode == 0


def assert_told(said: str, why: str) -> None:
    first, *rest = said.splitlines()
    assert first.startswith("occasio: ")
    assert first.endswith(why)
    assert [line.partition(":")[0] for line in rest] == ["hint"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_its_owner_may_not_write_to_is_told_of(tmp_path: Path) -> None:
    """The same without root."""
    place = prepared(tmp_path)
    assert place.occasio("run", "--", "true").returncode == 0
    for each in [place.occasio_home, *place.occasio_home.rglob("*")]:
        each.chmod(0o500 if each.is_dir() else 0o400)
    assert_told(place.occasio("run", "--", "true").stderr, "Permission denied")
    place.occasio_home.chmod(0o700)
