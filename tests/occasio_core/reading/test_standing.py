"""Where an index stands is told by the row that it knows last."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.reading import open_reader
from occasio_core.reading.standing import is_at, whole_lines
from occasio_core.reading.store import open_index
from tests.occasio_core.reading.logs import every_kind, written
from tests.samples import run_of


def test_an_index_stands_at_the_end_of_its_own_log_alone(tmp_path: Path) -> None:
    log = written(tmp_path, every_kind())
    open_reader(tmp_path).close()
    index = open_index(places.read_index_path(tmp_path))
    size = log.stat().st_size
    assert is_at(index, log, size)
    assert not is_at(index, log, size - 1)
    other = written(tmp_path / "other", run_of(50))
    assert not is_at(index, other, size)
    index.close()


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", (0, 0)), (b"a\nb\n", (4, 4)), (b"a\nb", (2, 3)), (b"a" * 70_000, (0, 70_000))]
)
def test_whole_lines_end_with_a_line_end(tmp_path: Path, data: bytes, expected: tuple[int, int]) -> None:
    (tmp_path / "log").write_bytes(data)
    assert whole_lines(tmp_path / "log") == expected
