"""A reader says whether the log extends the checkpoint that its home keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.checkpoints import write_checkpoint
from occasio_core.reading import extends, open_reader
from tests.occasio_core.checkpointed import LOG_KEY, grown, log_of


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A home with a log of 8 rows, a checkpoint over the first 5 among them."""
    with log_of(tmp_path) as log:
        grown(log, 5)
        write_checkpoint(tmp_path, log, LOG_KEY)
        grown(log, 2)
    return tmp_path


def code(place: Path) -> str:
    with open_reader(place) as reader:
        assert reader.health.is_sound == (reader.health.compared in ("none", "extended", "not-compared"))
        return reader.health.compared


def test_a_log_that_goes_on_from_its_checkpoint_says_so(place: Path) -> None:
    with open_reader(place) as reader:
        assert reader.health.compared == "extended"
        assert reader.health.checkpoint is not None
        assert reader.health.checkpoint.size == 5


def test_a_log_that_ends_with_its_checkpoint_says_so(place: Path) -> None:
    path = places.log_path(place)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:5]))
    assert code(place) == "extended"


def test_it_is_compared_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code(place) == "extended"
    monkeypatch.setattr(extends, "_root", lambda *_: pytest.fail("compared again"))
    assert code(place) == "extended"


def test_a_new_checkpoint_is_compared(place: Path) -> None:
    assert code(place) == "extended"
    with log_of(place) as log:
        write_checkpoint(place, log, LOG_KEY)
    with open_reader(place) as reader:
        assert reader.health.compared == "extended"
        assert reader.health.checkpoint is not None
        assert reader.health.checkpoint.size == 8


def test_without_a_checkpoint_there_is_nothing_to_compare(place: Path) -> None:
    places.checkpoint_path(place).unlink()
    assert code(place) == "none"


def test_a_log_that_was_cut_says_so(place: Path) -> None:
    path = places.log_path(place)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    assert code(place) == "log-truncated"


def test_a_log_that_was_written_anew_says_so(place: Path) -> None:
    with log_of(place / "other") as log:
        grown(log, 9)
    places.log_path(place / "other").rename(places.log_path(place))
    assert code(place) == "checkpoint-root"


def test_a_checkpoint_that_is_none_says_so(place: Path) -> None:
    places.checkpoint_path(place).write_bytes(b"?")
    assert code(place) == "unreadable"


def test_where_nothing_may_be_written_it_is_not_compared(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(extends, "HashFile", refused)
    assert code(place) == "not-compared"


def test_a_damaged_log_that_is_shorter_than_its_checkpoint_is_damaged_and_not_cut(place: Path) -> None:
    path = places.log_path(place)
    path.write_bytes(path.read_bytes().replace(b'"text":"row 1"', b'"text":"row 9"'))
    with open_reader(place) as reader:
        assert reader.health.damage is not None
        assert reader.health.compared == "not-compared"
