from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.ledger.entry import RunTail
from occasio_core.ledger.head import NOTHING, SLOT_BYTES, TABLE_OFFSET, Head, HeadFile, Mark, decode_head, encode_head
from occasio_core.ledger.runs import RECORD_BYTES, Census
from occasio_core.ledger.tail import Tail
from tests.occasio_core.logs import run_id

HASHES = st.binary(min_size=32, max_size=32)
TAILS = st.integers(0, 2**53 - 1).flatmap(
    lambda rows: st.builds(
        Tail,
        st.integers(0, 2**63),
        st.just(rows),
        HASHES.map(bytes.hex),
        st.lists(HASHES, min_size=rows.bit_count(), max_size=rows.bit_count()).map(b"".join),
    )
)


def grown(rows: int) -> Tail:
    tail = Tail()
    for row in range(rows):
        tail.add(bytes([row]) * 99, "ab" * 32)
    return tail


def noted(path: Path, rows: int = 1, runs: int = 2) -> HeadFile:
    """A head of a log with this many rows and open runs."""
    head = HeadFile(path)
    head.replace(grown(rows), {run_id(number): RunTail(number, "cd" * 32) for number in range(runs)})
    return head


@settings(max_examples=50, deadline=None)
@given(tail=TAILS, generation=st.integers(0, 2**63), open_runs=st.integers(0, 65536))
def test_a_slot_says_what_was_put_into_it(tail: Tail, generation: int, open_runs: int) -> None:
    slot = encode_head(Head(generation, b"an epoch", tail, Census(open_runs, 7)))
    assert len(slot) <= SLOT_BYTES
    head = decode_head(slot.ljust(SLOT_BYTES, b"\0"))
    assert head is not None
    assert (head.generation, head.epoch, head.census) == (generation, b"an epoch", Census(open_runs, 7))
    assert head.tail == tail


def test_every_changed_byte_of_a_slot_is_noticed() -> None:
    slot = encode_head(Head(3, b"an epoch", grown(11), Census(1, 2)))
    for at in range(len(slot)):
        assert decode_head(slot[:at] + bytes([slot[at] ^ 1]) + slot[at + 1 :]) is None


def test_every_slot_that_is_cut_short_is_noticed() -> None:
    slot = encode_head(Head(3, b"an epoch", grown(11), Census(1, 2)))
    for end in range(len(slot)):
        assert decode_head(slot[:end]) is None
        assert decode_head(slot[:end].ljust(SLOT_BYTES, b"\0")) is None


def test_a_new_head_says_nothing(tmp_path: Path) -> None:
    head = HeadFile(tmp_path / "head")
    assert head.read() is None
    assert head.mark() == NOTHING
    head.close()


def test_a_head_is_what_any_process_wrote_last(tmp_path: Path) -> None:
    one, other = noted(tmp_path / "head"), HeadFile(tmp_path / "head")
    for rows, (writer, reader) in enumerate([(one, other), (other, one), (one, other), (one, other)], start=2):
        assert writer.read() is not None
        writer.write(grown(rows), None, None)
        assert reader.read() == grown(rows)
        assert reader.mark() == Mark(reader.epoch, rows * 100)
    one.close()
    other.close()


def test_a_slot_that_was_not_written_to_its_end_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "head"
    head = noted(path)
    head.read()
    before = path.read_bytes()
    head.write(grown(2), None, None)
    after = path.read_bytes()
    changed = [at for at in range(SLOT_BYTES) if before[at : at + 1] != after[at : at + 1]]
    for end in range(changed[0], changed[-1]):
        path.write_bytes(after[:end] + before[end:SLOT_BYTES].ljust(SLOT_BYTES - end, b"\0") + after[SLOT_BYTES:])
        other = HeadFile(path)
        assert other.read() == grown(1)
        other.close()
    head.close()


def test_a_change_of_the_table_that_was_not_made_is_made_by_the_next_reader(tmp_path: Path) -> None:
    path = tmp_path / "head"
    head = noted(path)
    head.read()
    table = path.read_bytes()[TABLE_OFFSET:]
    head.write(grown(2), head.seat(run_id(1)), RunTail(9, "ef" * 32))
    head.close()
    path.write_bytes(path.read_bytes()[:TABLE_OFFSET] + table)
    other = HeadFile(path)
    other.read()
    assert other.is_sound()
    assert other.seat(run_id(1)).tail == RunTail(9, "ef" * 32)
    other.close()


def test_a_head_whose_table_is_half_replaced_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(descriptor: int, data: bytes, offset: int) -> int:
        if offset > TABLE_OFFSET:
            raise OSError
        return os.pwrite(descriptor, data, offset)

    path = tmp_path / "head"
    head = noted(path)
    monkeypatch.setattr("occasio_core.ledger.runs.write_at", dies)
    with pytest.raises(OSError):
        head.replace(grown(5), {run_id(number): RunTail() for number in range(5)})
    assert head.read() is None
    head.close()


def test_every_changed_byte_of_the_table_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "head"
    head = noted(path, runs=2)
    whole = path.read_bytes()
    for at in range(TABLE_OFFSET, len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        assert head.read() is not None
        assert not head.is_sound()
    head.close()


def test_a_table_that_is_older_than_its_slot_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "head"
    head = noted(path)
    table = path.read_bytes()[TABLE_OFFSET:]
    for rows in (2, 3):
        head.read()
        head.write(grown(rows), head.seat(run_id(rows - 2)), RunTail(9, "ef" * 32))
    head.close()
    path.write_bytes(path.read_bytes()[:TABLE_OFFSET] + table)
    other = HeadFile(path)
    assert other.read() is not None
    assert not other.is_sound()
    other.close()


def test_places_of_ended_runs_are_used_again(tmp_path: Path) -> None:
    path = tmp_path / "head"
    head = noted(path, runs=3)
    for rows, (run, tail) in enumerate([(0, None), (1, None), (7, RunTail()), (8, RunTail())], start=2):
        head.read()
        head.write(grown(rows), head.seat(run_id(run)), tail)
    assert path.stat().st_size == TABLE_OFFSET + 3 * RECORD_BYTES
    assert head.runs().keys() == {run_id(2), run_id(7), run_id(8)}
    head.close()


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.none() | st.integers(0, 2**40)), max_size=40))
def test_the_table_of_open_runs_is_a_mapping_that_processes_share(
    steps: list[tuple[int, int, int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("head") / "head"
    heads = [noted(path, runs=0), HeadFile(path)]
    expected: dict[str, RunTail] = {}
    for rows, (who, run, seq) in enumerate(steps, start=2):
        heads[who].read()
        seat = heads[who].seat(run_id(run))
        assert seat.tail == expected.get(run_id(run))
        tail = None if seq is None else RunTail(seq, "ab" * 32)
        heads[who].write(grown(rows % 200), seat, tail)
        expected.pop(run_id(run), None)
        if tail is not None:
            expected[run_id(run)] = tail
    for head in heads:
        head.read()
        assert head.is_sound()
        assert head.runs() == expected
        assert head.open_runs == len(expected)
        head.close()


def test_a_head_that_was_removed_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "head"
    head = noted(path)
    path.unlink()
    head.reopen()
    assert head.read() is None
    head.replace(grown(2), {})
    other = HeadFile(path)
    assert other.read() == grown(2)
    other.close()
    head.close()
