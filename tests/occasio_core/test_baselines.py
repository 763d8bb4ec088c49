"""The file of a baseline is private, read back as it was written, and nothing else is taken for one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from occasio_core.baselines import baseline_path, drop, drop_all, keep, kept
from occasio_core.errors import OccasioError
from occasio_core.views.habits import KINDS, Baseline

PROJECT = "/home/ada/project"
LEARNED = Baseline(
    project=PROJECT,
    learned_at="2026-01-02T00:00:00.000Z",
    calls={"a": 3, "b": 0},
    seen={kind: {"x": 1} for kind in KINDS},
)


def test_a_baseline_is_read_back_and_is_its_owners_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    path = keep(tmp_path, LEARNED)
    assert path == tmp_path / "baseline" / f"{hashlib.sha256(PROJECT.encode()).hexdigest()[:16]}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert kept(tmp_path, PROJECT) == LEARNED
    assert kept(tmp_path, "/another") is None


@pytest.mark.parametrize(
    "change",
    [
        (b"", b"{"),
        (b'"schema_version":1', b'"schema_version":2'),
        (b"/home/ada/project", b"/home/ada/another"),
        (b'"a":3', b'"a":-3'),
        (b'"a":3', b'"a":"3"'),
        (b'"runs"', b'"ruins"'),
        (b'"host":{"x":1}', b'"host":[]'),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    tmp_path.chmod(0o700)
    path = keep(tmp_path, LEARNED)
    path.write_bytes(path.read_bytes().replace(change[0], change[1], 1))
    with pytest.raises(OccasioError, match="is not a baseline of this project"):
        kept(tmp_path, PROJECT)


def test_one_is_dropped_or_all_and_nothing_beside_them(tmp_path: Path) -> None:
    assert not drop(tmp_path, PROJECT)
    assert drop_all(tmp_path) == []
    tmp_path.chmod(0o700)
    path = keep(tmp_path, LEARNED)
    (path.parent / "notes.json").touch()
    assert drop(tmp_path, PROJECT)
    assert not path.exists()
    assert drop_all(tmp_path) == []
    assert keep(tmp_path, LEARNED) == path
    assert drop_all(tmp_path) == [path]
    assert [left.name for left in path.parent.iterdir()] == ["notes.json"]
    assert baseline_path(tmp_path, PROJECT) == path
