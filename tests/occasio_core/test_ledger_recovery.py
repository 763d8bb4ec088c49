from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from occasio_core.errors import LedgerError
from occasio_core.ledger import Durability, Ledger
from tests.occasio_core.logs import checked, clock, ended, noted, run_id, started

ROWS = 6
NOTHING_CUT = hashlib.sha256(b"").hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of a few rows, one run of two still open, whose head is right."""
    path = tmp_path / "log.jsonl"
    with ledger_at(path) as ledger:
        ledger.append_many([started(run_id(1)), noted(run_id(1))])
        ledger.append_many([started(run_id(2)), noted(run_id(2)), ended(run_id(2))])
        ledger.append(noted(run_id(1)))
    return path


def ledger_at(path: Path) -> Ledger:
    return Ledger(path, clock=clock(), durability=Durability.NONE)


def head_of(path: Path) -> Path:
    return path.with_name(path.name + ".head")


def kept_beside(path: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in path.parent.iterdir() if ".torn-" in each.name}


def recovered(path: Path) -> list[dict[str, Any]]:
    """What the log's `recovered` rows say, after one more row was appended and the log was found whole."""
    with ledger_at(path) as ledger:
        ledger.append(noted(run_id(1), "after"))
    log = checked(path)
    assert log.rows[-1]["text"] == "after"
    told = ("reason", "bytes", "sha256", "kept_in", "former_size", "former_hash")
    return [{name: row[name] for name in told if name in row} for row in log.rows if row["kind"] == "recovered"]


def last_row(path: Path) -> bytes:
    return path.read_bytes().splitlines(keepends=True)[-1]


def restored(path: Path) -> Callable[[], None]:
    """Return what puts the directory back as it is now."""
    files = {each: each.read_bytes() for each in path.parent.iterdir()}

    def restore() -> None:
        for each in path.parent.iterdir():
            each.unlink()
        for each, data in files.items():
            each.write_bytes(data)

    return restore


def test_a_log_and_its_head_that_agree_are_left_alone(path: Path) -> None:
    assert recovered(path) == []


def test_a_row_torn_at_any_byte_is_kept_elsewhere_and_told_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.ledger.logfile.flush", lambda _: None)  # hundreds of rounds
    monkeypatch.setattr("occasio_core.ledger.logfile.flush_directory", lambda _: None)
    head, whole = head_of(path).read_bytes(), path.read_bytes()
    with ledger_at(path) as ledger:
        torn = ledger.append(noted(run_id(1), "never acknowledged")).line
    head_of(path).write_bytes(head)
    restore = restored(path)
    for end in range(1, len(torn) + 1):
        restore()
        path.write_bytes(whole + torn[:end])
        digest = hashlib.sha256(torn[:end]).hexdigest()
        name = f"{path.name}.torn-{ROWS}"
        assert recovered(path) == [{"reason": "torn-tail", "bytes": end, "sha256": digest, "kept_in": name}]
        assert kept_beside(path) == {name: torn[:end]}


def test_a_last_row_torn_behind_its_head_is_told_of(path: Path) -> None:
    size, last = path.stat().st_size, last_row(path)
    restore = restored(path)
    for cut in (1, 2, len(last) - 1):
        restore()
        os.truncate(path, size - cut)
        (row,) = recovered(path)
        assert (row["reason"], row["bytes"]) == ("log-shorter-than-head", len(last) - cut)
        assert row["former_size"] == size
        assert kept_beside(path) == {f"{path.name}.torn-{ROWS - 1}": last[:-cut]}


def test_rows_cut_off_as_a_whole_are_told_of(path: Path) -> None:
    size, former = path.stat().st_size, checked(path).last_hash
    os.truncate(path, size - len(last_row(path)))
    assert recovered(path) == [
        {
            "reason": "log-shorter-than-head",
            "bytes": 0,
            "sha256": NOTHING_CUT,
            "kept_in": None,
            "former_size": size,
            "former_hash": former,
        }
    ]


def test_a_log_that_was_removed_is_told_of(path: Path) -> None:
    path.unlink()
    with ledger_at(path) as ledger:
        ledger.append(started(run_id(1)))
    log = checked(path)
    assert log.kinds() == ["recovered", "run_started"]
    assert log.rows[0]["reason"] == "log-shorter-than-head"


def test_a_last_row_that_was_changed_is_told_of(path: Path) -> None:
    last = last_row(path)
    with path.open("r+b") as file:
        file.seek(-len(last), os.SEEK_END)
        file.write(last.replace(b'"agent":"agent"', b'"agent":"other"'))
    (row,) = recovered(path)
    assert (row["reason"], row["bytes"]) == ("head-mismatch", len(last))


@pytest.mark.parametrize("garbage", [b"{}\n", b"\n", b"\0\0\0\0", b"\0" * 200_000, b'{"a":1}\r\n', b"x" * (2**20 + 9)])
def test_a_last_line_that_is_no_row_is_a_torn_tail(path: Path, garbage: bytes) -> None:
    with path.open("ab") as file:
        file.write(garbage)
    (row,) = recovered(path)
    assert (row["reason"], row["bytes"]) == ("torn-tail", len(garbage))
    assert kept_beside(path) == {row["kept_in"]: garbage}


def test_a_log_that_is_nothing_but_a_torn_row_begins_with_that(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"action":')
    with ledger_at(path) as ledger:
        ledger.append(started(run_id(1)))
    assert checked(path).kinds() == ["recovered", "run_started"]


def test_what_was_kept_once_is_never_overwritten(path: Path) -> None:
    name = f"{path.name}.torn-{ROWS}"
    path.with_name(name).write_bytes(b"kept before")
    with path.open("ab") as file:
        file.write(b"torn")
    (row,) = recovered(path)
    assert kept_beside(path) == {name: b"kept before", row["kept_in"]: b"torn"}


def test_a_fragment_that_cannot_be_kept_is_told_of_all_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        if not os.path.samestat(os.fstat(descriptor), path.stat()):
            raise OSError(28, "no space")

    with path.open("ab") as file:
        file.write(b"torn")
    monkeypatch.setattr("occasio_core.ledger.logfile.flush", full)
    (row,) = recovered(path)
    assert (row["reason"], row["bytes"], row["kept_in"]) == ("torn-tail", 4, None)
    assert kept_beside(path) == {}


def changed(row: int) -> Callable[[bytes], bytes]:
    def change(log: bytes) -> bytes:
        lines = log.splitlines(keepends=True)
        lines[row] = lines[row].replace(b'"protocol":"internal"', b'"protocol":"external"')
        return b"".join(lines)

    return change


def swapped(log: bytes) -> bytes:
    lines = log.splitlines(keepends=True)
    return b"".join([*lines[:3], lines[4], lines[3], *lines[5:]])


def dropped(log: bytes) -> bytes:
    lines = log.splitlines(keepends=True)
    return b"".join(lines[:2] + lines[3:])


@pytest.mark.parametrize(
    ("change", "line"), [(changed(0), 1), (changed(3), 4), (swapped, 4), (dropped, 3)], ids=["1", "4", "swap", "drop"]
)
def test_nothing_is_written_behind_a_bad_row(path: Path, change: Callable[[bytes], bytes], line: int) -> None:
    path.write_bytes(change(path.read_bytes()) + b"torn")
    head_of(path).unlink()
    before = path.read_bytes()
    with ledger_at(path) as ledger, pytest.raises(LedgerError, match=f"^line {line} of the log .* is rejected"):
        ledger.append(noted(run_id(1)))
    assert path.read_bytes() == before
    assert kept_beside(path) == {}


def test_a_head_that_is_missing_is_made_again_in_silence(path: Path) -> None:
    head_of(path).unlink()
    assert recovered(path) == []


def test_a_head_with_any_byte_changed_is_mended_in_silence(path: Path) -> None:
    whole = head_of(path).read_bytes()
    restore = restored(path)
    for at in [at for at in range(len(whole)) if whole[at]]:
        restore()
        head_of(path).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert recovered(path) == []


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff" * 10_000, b"\0" * 4096, b"occhead1" + b"\xff" * 4096])
def test_a_head_that_is_garbage_is_made_again_in_silence(path: Path, data: bytes) -> None:
    head_of(path).write_bytes(data)
    assert recovered(path) == []


def test_a_head_that_is_behind_catches_up_in_silence(path: Path) -> None:
    older = head_of(path).read_bytes()
    with ledger_at(path) as ledger:
        ledger.append_many([noted(run_id(1)), ended(run_id(1))])
        ledger.append_many([started(run_id(3)), noted(run_id(3))])
        whole = ledger.head()
    head_of(path).write_bytes(older)
    with ledger_at(path) as ledger:
        assert ledger.head() == whole
        ledger.append(noted(run_id(3), "after"))
        assert ledger.head().rows == ROWS + 5


def test_a_head_that_is_ahead_is_told_of(path: Path) -> None:
    restore = restored(path)
    with ledger_at(path) as ledger:
        ledger.append(noted(run_id(1)))
    ahead = head_of(path).read_bytes()
    restore()
    head_of(path).write_bytes(ahead)
    (row,) = recovered(path)
    assert row["reason"] == "log-shorter-than-head"


def test_the_head_of_another_log_is_told_of(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    with Ledger(other, durability=Durability.NONE) as ledger:
        ledger.append_many([started(run_id(1)), noted(run_id(1))])
    former = checked(other)
    shutil.copy(head_of(other), head_of(path))
    (row,) = recovered(path)
    assert (row["reason"], row["former_hash"]) == ("head-mismatch", former.last_hash)


def test_a_head_that_is_removed_while_open_is_made_again(path: Path) -> None:
    with ledger_at(path) as one, ledger_at(path) as other:
        one.append(noted(run_id(1)))
        head_of(path).unlink()
        for _ in range(3):
            one.append(noted(run_id(1)))
            other.append(noted(run_id(1)))
    assert checked(path).kinds().count("recovered") == 0
    assert recovered(path) == []


def test_a_table_that_is_damaged_while_open_is_made_again(path: Path) -> None:
    with ledger_at(path) as ledger:
        ledger.append(noted(run_id(1)))
        head_of(path).write_bytes(head_of(path).read_bytes()[:4096])
        ledger.append(noted(run_id(1)))
    assert recovered(path) == []


def test_what_a_live_ledger_finds_torn_it_mends(path: Path) -> None:
    with ledger_at(path) as ledger:
        ledger.append(noted(run_id(1)))
        with path.open("ab") as file:
            file.write(b"torn")
        ledger.append(noted(run_id(1)))
    assert checked(path).kinds()[-3:] == ["note", "recovered", "note"]


def test_repair_says_what_it_did(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"torn")
    with ledger_at(path) as ledger:
        row = ledger.repair()
        assert row is not None
        assert row.fields["reason"] == "torn-tail"
        assert ledger.repair() is None
    checked(path)


def test_asking_for_the_head_puts_the_log_in_order(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"torn")
    with ledger_at(path) as ledger:
        head = ledger.head()
    log = checked(path)
    assert (head.rows, head.last_hash, head.root) == (len(log.rows), log.last_hash, log.root)


class KilledError(BaseException):
    """The process is no more."""


class Killer:
    """Lets `writes` positional writes happen, then does a part of the next and ends the process."""

    def __init__(self, writes: int, part: float) -> None:
        self._left = writes
        self._part = part

    def __call__(self, descriptor: int, data: bytes, offset: int) -> int:
        if self._left == 0:
            os.pwrite(descriptor, data[: int(len(data) * self._part)], offset)
        if self._left <= 0:
            raise KilledError
        self._left -= 1
        return os.pwrite(descriptor, data, offset)


@pytest.fixture
def kill_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, float], None]]:
    def at(writes: int, part: float) -> None:
        killer = Killer(writes, part)
        for module in ("head", "runs", "logfile", "durability"):
            monkeypatch.setattr(f"occasio_core.ledger.{module}.write_at", killer)

    yield at
    monkeypatch.undo()


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("torn", [False, True], ids=["whole", "torn"])
def test_a_process_may_die_at_any_write(
    path: Path, kill_at: Callable[[int, float], None], monkeypatch: pytest.MonkeyPatch, part: float, torn: bool
) -> None:
    """Whoever is alive and whoever comes later find every acknowledged row, and a chain that goes on."""
    restore = restored(path)
    for writes in range(14):
        restore()
        survivor = ledger_at(path)
        acknowledged = [survivor.append(noted(run_id(1))).hash]
        if torn:
            with path.open("ab") as file:
                file.write(b"torn")
        kill_at(writes, part)
        acknowledged += until_killed(path)
        monkeypatch.undo()
        acknowledged.append(survivor.append(noted(run_id(1))).hash)
        with ledger_at(path) as newcomer:
            acknowledged.append(newcomer.append(noted(run_id(1))).hash)
        survivor.close()
        log = checked(path)
        assert set(acknowledged) <= {row["hash"] for row in log.rows}
        assert not torn or "recovered" in log.kinds()


def until_killed(path: Path) -> list[str]:
    acknowledged = []
    victim = ledger_at(path)
    try:
        acknowledged.append(victim.append(started(run_id(5))).hash)
        acknowledged.append(victim.append(noted(run_id(1))).hash)
        acknowledged.append(victim.append(ended(run_id(5))).hash)
        acknowledged.append(victim.append(started(run_id(6))).hash)
    except KilledError:
        pass
    victim.close()
    return acknowledged
