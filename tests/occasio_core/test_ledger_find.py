"""A row is found by its position or its hash, and nothing is taken for it that is not."""

import json
from pathlib import Path

import pytest

from occasio_core.errors import UsageError
from occasio_core.ledger import Ledger, find_row, first_row
from tests.occasio_core import logs

RUN = logs.run_id()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("log") / "log.jsonl"
    with Ledger(made, clock=logs.clock()) as log:
        log.append(logs.started(RUN))
        for number in range(200):
            log.append(logs.noted(RUN, "x" * (number * 53 % 9000)))
    return made


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().split(b"\n")[:-1]


def test_every_row_is_found_by_its_position(path: Path) -> None:
    size = path.stat().st_size
    assert [find_row(path, str(seq), size) for seq in range(201)] == lines(path)


def test_a_row_is_found_by_its_hash(path: Path) -> None:
    for line in (lines(path)[0], lines(path)[77], lines(path)[-1]):
        assert find_row(path, json.loads(line)["hash"], path.stat().st_size) == line


def test_a_hash_in_another_place_is_no_row(tmp_path: Path) -> None:
    with Ledger(tmp_path / "log.jsonl") as log:
        log.append(logs.started(RUN))
        log.append(logs.noted(RUN, f'"hash":"{"0" * 64}"'))
    with pytest.raises(UsageError, match="has no row"):
        find_row(tmp_path / "log.jsonl", "0" * 64, (tmp_path / "log.jsonl").stat().st_size)


@pytest.mark.parametrize("name", ["201", "9" * 16, "f" * 64])
def test_a_row_that_is_not_there_is_told(path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="has no row"):
        find_row(path, name, path.stat().st_size)


@pytest.mark.parametrize("name", ["", "-1", "01", "seven", "F" * 64, "1.0"])
def test_what_names_no_row_is_wrong_use(path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no row"):
        find_row(path, name, path.stat().st_size)


def test_rows_behind_the_given_size_are_not_looked_at(path: Path) -> None:
    size = len(lines(path)[0]) + 1
    assert find_row(path, "0", size) == first_row(path)
    with pytest.raises(UsageError):
        find_row(path, "1", size)


def test_an_empty_log_has_no_row(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    assert first_row(tmp_path / "log") == b""
    for name in ("0", "f" * 64):
        with pytest.raises(UsageError):
            find_row(tmp_path / "log", name, 0)
