"""Secrets are told by their places, in whatever pieces a text comes, in memory that does not grow with it."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import Secret
from occasio_core.findings import LONGEST, Finding, UnscannedError, findings


class FindsKeys:
    """Finds every `KEY`, and every `<` with what follows up to `>`."""

    name = "keys"

    def scan(self, text: str, /) -> Iterable[Secret]:
        for begin, finish in (("KEY", "KEY"), ("<", ">")):
            position = text.find(begin)
            while position >= 0 and (end := text.find(finish, position)) >= 0:
                yield Secret(label=begin, start=position, end=end + len(finish))
                position = text.find(begin, end + len(finish))


class Named:
    """Finds what stands behind `key=`."""

    name = "named"

    def scan(self, text: str, /) -> Iterable[Secret]:
        position = text.find("key=")
        while position >= 0:
            yield Secret(label="named", start=position + 4, end=position + 8)
            position = text.find("key=", position + 8)


def places(pieces: Iterable[bytes], scanner: object = None) -> list[tuple[str, int, int]]:
    found = findings(pieces, {"s": scanner or FindsKeys()})  # type: ignore[dict-item]
    return [(one.label, one.line, one.column) for one in found]


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def test_a_finding_is_a_kind_a_line_and_a_column() -> None:
    assert list(findings([b"a\nbc KEY\nKEY"], {"s": FindsKeys()})) == [
        Finding(label="KEY", line=2, column=4),
        Finding(label="KEY", line=3, column=1),
    ]


def test_columns_are_characters() -> None:
    assert places(["äö😀KEY".encode()]) == [("KEY", 1, 4)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_may_end_anywhere(size: int) -> None:
    data = "ä KEY\n😀 <x\ny> KEY\n".encode()
    assert places(cut(data, size)) == [("KEY", 1, 3), ("<", 2, 3), ("KEY", 3, 4)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3 * LONGEST), st.integers(1, LONGEST - 2), st.sampled_from([64 << 10, 100_003, 1 << 20]))
def test_a_secret_over_any_border_is_found_once(before: int, length: int, size: int) -> None:
    data = b"x" * (8 * LONGEST - before) + b"<" + b"y" * length + b">" + b"\nz" * LONGEST + b"KEY"
    lines = LONGEST + 1
    assert places(cut(data, size)) == [("<", 1, 8 * LONGEST - before + 1), ("KEY", lines, 2)]


def test_the_name_in_front_of_a_secret_may_be_in_the_piece_before() -> None:
    for shift in range(-12, 12):
        data = b"x" * (7 * LONGEST + shift) + b"key=abcd" + b" " * (2 * LONGEST)
        assert places(cut(data, 64 << 10), Named()) == [("named", 1, 7 * LONGEST + shift + 5)]


def test_findings_side_by_side_are_each_told_once() -> None:
    data = b"KEY" * (3 * LONGEST)
    assert places(cut(data, 1 << 16)) == [("KEY", 1, 3 * number + 1) for number in range(3 * LONGEST)]


def test_many_findings_are_each_told_once() -> None:
    chance = random.Random(3)
    data = b"".join(chance.choice([b"KEY ", b"\n", b"abc", b"<k>"]) for _ in range(400_000))
    whole = data.decode()
    told = places(cut(data, 50_021))
    assert len(told) == len({*told}) == len(list(FindsKeys().scan(whole)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mark_at_the_beginning_tells_how_characters_are_written(encoding: str) -> None:
    assert places(cut("ä KEY".encode(encoding), 1)) == [("KEY", 1, 3)]


def test_bytes_that_are_no_text_are_looked_at() -> None:
    assert places([b"\x00\xff\xfe\x80KEY\x00\xc3"]) == [("KEY", 1, 5)]


def test_nothing_holds_nothing() -> None:
    assert places([]) == places([b""]) == []


def test_a_scanner_that_fails_is_told() -> None:
    class Fails:
        name = "fails"

        def scan(self, text: str, /) -> Iterable[Secret]:
            raise RuntimeError(text)

    with pytest.raises(UnscannedError, match="a scanner failed"):
        places([b"a"], Fails())


def test_memory_does_not_grow_with_the_text() -> None:
    piece = b"some words and a KEY in them\n" * 4000

    def peak(pieces: int) -> int:
        tracemalloc.start()
        for _ in findings((piece for _ in range(pieces)), {"s": Named()}):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(200) < 1.2 * peak(40)
