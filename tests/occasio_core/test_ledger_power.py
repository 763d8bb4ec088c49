"""What a log is taken for after a power loss.  `tests/faults/test_power_loss.py` has the states that a disk may leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core.errors import LedgerError
from occasio_core.ledger import Durability, Ledger
from occasio_core.ledger.head import TABLE_OFFSET
from tests.occasio_core.logs import checked, clock, noted, run_id, started

SECTOR = 512
ROWS = 12


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log whose first rows are known to be durable; the rest is written, and its head with it."""
    path = tmp_path / "log.jsonl"
    with Ledger(path, clock=clock()) as ledger:
        ledger.append(started(run_id(2)))
        ledger.append(started(run_id(1)))
    with Ledger(path, clock=clock(), durability=Durability.NONE) as hasty:
        for _ in range(ROWS - 2):
            hasty.append(noted(run_id(1), "late"))
    return path


@pytest.fixture
def restarted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine has started again since the log was written."""
    monkeypatch.setattr("occasio_core.ledger.durability.boot_id", lambda: b"another start..!")


def zeros(path: Path, start: int, stop: int) -> bytes:
    """Make a hole in the file; return what is in it from the row on that the hole is in."""
    data = bytearray(path.read_bytes())
    assert stop < len(data), "rows stand behind the hole"
    data[start:stop] = bytes(stop - start)
    path.write_bytes(data)
    return bytes(data[data.rfind(b"\n", 0, start) + 1 :])


def written_on(path: Path) -> list[str]:
    """Return the kinds of rows, after one more was appended and the log was found whole."""
    with Ledger(path, clock=clock()) as ledger:
        ledger.append(noted(run_id(1), "after"))
    return checked(path).kinds()


@pytest.mark.usefixtures("restarted")
@pytest.mark.parametrize("head", ["is of the same moment", "is lost"])
def test_from_a_hole_on_the_log_is_a_torn_tail(path: Path, head: str) -> None:
    torn = zeros(path, 4 * SECTOR, 5 * SECTOR)
    if head == "is lost":
        path.with_name("log.jsonl.head").unlink()
    kinds = written_on(path)
    row = checked(path).rows[kinds.index("recovered")]
    assert (row["reason"], row["bytes"]) == ("torn-tail", len(torn))
    assert path.with_name(row["kept_in"]).read_bytes() == torn
    assert kinds[-1] == "note"


@pytest.mark.usefixtures("restarted")
def test_a_hole_may_begin_where_the_durable_rows_end(path: Path) -> None:
    size = len(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    zeros(path, size, 6 * SECTOR)
    assert written_on(path) == ["run_started", "run_started", "recovered", "note"]


def test_a_hole_is_none_while_the_machine_runs(path: Path) -> None:
    zeros(path, 4 * SECTOR, 5 * SECTOR)
    path.with_name("log.jsonl.head").unlink()
    with pytest.raises(LedgerError, match="nothing is written after it"):
        written_on(path)


@pytest.mark.usefixtures("restarted")
@pytest.mark.parametrize(
    ("start", "stop"),
    [
        pytest.param(4 * SECTOR, 4 * SECTOR + 100, id="that ends within a sector"),
        pytest.param(SECTOR - 100, SECTOR, id="where the log was durable"),
    ],
)
def test_no_power_loss_leaves_a_hole(path: Path, start: int, stop: int) -> None:
    zeros(path, start, stop)
    head = path.with_name("log.jsonl.head")
    head.write_bytes(head.read_bytes()[:TABLE_OFFSET])  # so that the log is read from its beginning
    with pytest.raises(LedgerError, match="nothing is written after it"):
        written_on(path)


@pytest.mark.usefixtures("restarted")
def test_a_changed_row_is_no_hole(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"late"', b'"last"', 3))
    with pytest.raises(LedgerError, match="nothing is written after it"):
        written_on(path)


@pytest.mark.usefixtures("restarted")
def test_a_log_that_lost_nothing_is_left_alone(path: Path) -> None:
    assert written_on(path) == ["run_started", "run_started", *["note"] * (ROWS - 1)]


@pytest.mark.usefixtures("restarted")
def test_a_start_of_the_machine_is_looked_into_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    monkeypatch.setattr("occasio_core.ledger.ledger.holds_from", lambda *_: looked.append(1) or True)
    for _ in range(3):
        with Ledger(path, durability=Durability.NONE) as ledger:
            ledger.head()
    assert looked == [1]
