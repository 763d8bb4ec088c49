"""Sinks are handed findings in threads of their own, and none of them can hold anything up."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from occasio_core import Json
from occasio_core.detection.outlets import MOST_WAITING, Outlets

Captured = pytest.CaptureFixture[str]


class Keeps:
    """A sink that keeps what it is handed, once it may."""

    name = "keeps"

    def __init__(self) -> None:
        self.rows: list[Mapping[str, Json]] = []
        self.threads: set[str] = set()
        self.may = threading.Event()

    def write(self, row: Mapping[str, Json], /) -> None:
        self.may.wait()
        self.threads.add(threading.current_thread().name)
        self.rows.append(row)


class Fails:
    """A sink that cannot."""

    name = "fails"

    def write(self, row: Mapping[str, Json], /) -> None:
        raise OSError("no route")


def test_findings_come_in_order_in_another_thread() -> None:
    sink = Keeps()
    sink.may.set()
    outlets = Outlets({"keeps": sink})
    for number in range(5):
        outlets.hand_on({"seq": number})
    outlets.close(10)
    assert [row["seq"] for row in sink.rows] == list(range(5))
    assert sink.threads == {"occasio-sink-keeps"}


def test_a_sink_that_fails_is_told_of_once_and_the_others_go_on(capsys: Captured) -> None:
    sink = Keeps()
    sink.may.set()
    outlets = Outlets({"fails": Fails(), "keeps": sink})
    outlets.hand_on({"seq": 1})
    outlets.hand_on({"seq": 2})
    outlets.close(10)
    assert len(sink.rows) == 2
    assert capsys.readouterr().err == "occasio: the sink `fails` failed: no route\n"


def test_a_sink_that_hangs_holds_up_nobody_and_what_is_too_much_is_told(capsys: Captured) -> None:
    sink = Keeps()
    outlets = Outlets({"keeps": sink})
    for number in range(MOST_WAITING + 5):
        outlets.hand_on({"seq": number})
    outlets.close(0)
    assert capsys.readouterr().err == "occasio: the sink `keeps` is too slow; a finding was not handed on\n"
    sink.may.set()


def test_without_findings_no_thread_is_started() -> None:
    before = threading.active_count()
    outlets = Outlets({"keeps": Keeps()})
    outlets.close(10)
    assert threading.active_count() == before
