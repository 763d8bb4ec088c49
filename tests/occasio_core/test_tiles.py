"""Tiles are those of the specification, in every size, and of no other log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core.checkpoints import Noted, write_checkpoint
from occasio_core.errors import LedgerError
from occasio_core.ledger import Ledger
from occasio_core.tiles import export_tiles, tile_path
from occasio_verify import Checkpoint, leaf_hash
from tests.occasio_core import logs
from tests.occasio_core.checkpointed import LOG_KEY, RUN, grown, log_of


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with log_of(tmp_path_factory.mktemp("tiles") / "home") as opened:
        grown(opened, 1)
        opened.append_many([logs.noted(RUN, f"row {number}") for number in range(600)])
        yield opened


@pytest.fixture(scope="module")
def noted(log: Ledger) -> Noted:
    return write_checkpoint(log.path.parent, log, LOG_KEY)


def tree_over(hashes: list[bytes]) -> bytes:
    """Return the root over leaf hashes, by the definition."""
    import hashlib

    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_over(hashes[:k]) + tree_over(hashes[k:])).digest()


def test_every_tile_holds_what_the_specification_says(log: Ledger, noted: Noted, tmp_path: Path) -> None:
    assert noted.tree.size == 601
    export_tiles(log.path, noted.tree, noted.note, tmp_path)
    leaves = [leaf_hash(line) for line in log.path.read_bytes().split(b"\n")[:601]]
    tiles = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert tiles.pop("checkpoint") == noted.note
    assert tiles["tile/0/000"] + tiles["tile/0/001"] + tiles["tile/0/002.p/89"] == b"".join(leaves)
    assert tiles["tile/1/000.p/2"] == tree_over(leaves[:256]) + tree_over(leaves[256:512])
    bundle = tiles["tile/entries/002.p/89"]
    lines = []
    while bundle:
        length = int.from_bytes(bundle[:2])
        lines.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert [leaf_hash(line) for line in lines] == leaves[512:]
    assert len(tiles) == 7


def test_to_export_again_writes_nothing_new(log: Ledger, noted: Noted, tmp_path: Path) -> None:
    assert export_tiles(log.path, noted.tree, noted.note, tmp_path) == 7
    assert export_tiles(log.path, noted.tree, noted.note, tmp_path) == 0


def test_rows_of_another_root_are_not_exported(log: Ledger, noted: Noted, tmp_path: Path) -> None:
    forged = Checkpoint(noted.tree.origin, noted.tree.size, bytes(32))
    with pytest.raises(LedgerError, match="not those of its checkpoint"):
        export_tiles(log.path, forged, noted.note, tmp_path)
    assert not (tmp_path / "checkpoint").exists()


def test_a_row_that_does_not_fit_is_told(tmp_path: Path) -> None:
    with log_of(tmp_path / "home") as log:
        grown(log, 1)
        log.append(logs.noted(RUN, "x" * 70_000))
        noted = write_checkpoint(log.path.parent, log, LOG_KEY)
        with pytest.raises(LedgerError, match="row 1 has") as refused:
            export_tiles(log.path, noted.tree, noted.note, tmp_path / "tiles")
        assert "--no-entries" in refused.value.hint
        assert export_tiles(log.path, noted.tree, noted.note, tmp_path / "tiles", entries=False) == 1


@pytest.mark.parametrize(
    ("number", "path"), [(0, "000"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067"), (67, "067.p/3")]
)
def test_a_tile_is_where_the_specification_has_it(number: int, path: str) -> None:
    assert tile_path("0", number, 3 if ".p" in path else 256) == f"tile/0/{path}"
