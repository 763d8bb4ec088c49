"""The file of hashes is a cache: whatever became of it, what it answers is about the log."""

from pathlib import Path

import pytest

from occasio_core.errors import LedgerError
from occasio_core.ledger import HashFile, Ledger
from occasio_verify import leaf_hash, verify_consistency, verify_inclusion, verify_multiproof
from tests.occasio_core import logs

RUN = logs.run_id()


def written(path: Path, rows: int) -> None:
    with Ledger(path, clock=logs.clock()) as log:
        if not path.stat().st_size:
            log.append(logs.started(RUN))
            rows -= 1
        for number in range(rows):
            log.append(logs.noted(RUN, f"row {number}"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written(tmp_path / "log.jsonl", 37)
    return tmp_path / "log.jsonl"


def proofs_hold(path: Path) -> None:
    lines = path.read_bytes().split(b"\n")[:-1]
    leaves = [leaf_hash(line) for line in lines]
    with Ledger(path) as log:
        head = log.head()
    with HashFile(path) as hashes:
        hashes.reach(head.rows, head.size, head.root)
        for index in range(head.rows):
            verify_inclusion(index, head.rows, leaves[index], hashes.inclusion(index), head.root)
        for old in range(1, head.rows):
            verify_consistency(old, head.rows, hashes.consistency(old), hashes.root(old), head.root)
        shown = [3, 4, 17, head.rows - 1]
        verify_multiproof(shown, [leaves[one] for one in shown], head.rows, hashes.several(shown), head.root)


def cache(path: Path) -> Path:
    return path.with_name("log.jsonl.hashes")


def test_proofs_of_every_row_hold(path: Path) -> None:
    proofs_hold(path)


def test_a_log_that_goes_on_is_caught_up_with(path: Path) -> None:
    proofs_hold(path)
    known = cache(path).stat().st_size
    written(path, 20)
    proofs_hold(path)
    assert cache(path).stat().st_size > known


def test_no_append_touches_it(path: Path) -> None:
    proofs_hold(path)
    before = cache(path).read_bytes()
    written(path, 20)
    assert cache(path).read_bytes() == before


@pytest.mark.parametrize("harm", [lambda data: b"", lambda data: data[:100], lambda data: bytes(len(data)), lambda data: data[:64] + bytes(len(data) - 64), lambda data: data[::-1], lambda data: data + b"more"], ids=range(6))  # fmt: skip
def test_a_damaged_file_is_made_again(path: Path, harm) -> None:
    proofs_hold(path)
    cache(path).write_bytes(harm(cache(path).read_bytes()))
    proofs_hold(path)


def test_a_file_of_another_log_is_made_again(path: Path, tmp_path: Path) -> None:
    proofs_hold(path)
    path.unlink()
    cache(path).with_name("log.jsonl.head").unlink()
    with Ledger(path) as log:
        log.append(logs.started(logs.run_id(9)))
        for number in range(60):
            log.append(logs.noted(logs.run_id(9), f"other {number}"))
    proofs_hold(path)


def test_a_log_that_is_not_what_its_head_says_is_refused(path: Path) -> None:
    with Ledger(path) as log:
        head = log.head()
    data = path.read_bytes()
    path.write_bytes(data.replace(b"row 7", b"row 8"))
    with HashFile(path) as hashes, pytest.raises(LedgerError, match="not what its head file says"):
        hashes.reach(head.rows, head.size, head.root)


def test_it_is_its_owners_alone(path: Path) -> None:
    proofs_hold(path)
    assert cache(path).stat().st_mode & 0o077 == 0
