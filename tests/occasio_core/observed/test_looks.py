"""Every look adds to what was seen: connections, who listens, what cannot be looked into, what ended unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core.observed.looks import Link, Looks
from tests.occasio_core.observed.fake_proc import FakeProc

GATE, AGENT = 7, 8
LOCAL = ("127.0.0.1", 40000)
FAR = ("192.0.2.1", 443)


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    made = FakeProc(tmp_path)
    made.process(GATE, 1, "occasio")
    made.process(AGENT, GATE, "claude")
    return made


@pytest.fixture
def looks(proc: FakeProc) -> Looks:
    return Looks(GATE, governing=lambda: (GATE, 999), proc=proc.root)


def test_a_connection_is_counted_once_a_look_and_process(proc: FakeProc, looks: Looks) -> None:
    proc.socket([AGENT, GATE], LOCAL, FAR, "open")
    assert looks.look() and looks.look()
    assert looks.links == {Link(AGENT, "claude", "tcp", *FAR): 2, Link(GATE, "occasio", "tcp", *FAR): 2}


def test_the_gate_is_known_by_who_governs(looks: Looks) -> None:
    looks.look()
    assert looks.gates == {GATE}


def test_who_listens_is_the_gate_or_one_of_the_run(proc: FakeProc, looks: Looks) -> None:
    proc.socket([GATE], ("127.0.0.1", 1), ("0.0.0.0", 0), "listening")
    proc.socket([AGENT], ("127.0.0.1", 2), ("0.0.0.0", 0), "listening")
    looks.look()
    assert (looks.gate_ports, looks.own_ports) == ({1}, {2})


def test_who_comes_from_this_machine_is_not_a_connection_of_ours(proc: FakeProc, looks: Looks) -> None:
    proc.socket([AGENT], ("127.0.0.1", 2), ("0.0.0.0", 0), "listening")
    proc.socket([AGENT], ("127.0.0.1", 2), ("127.0.0.1", 5), "open")
    proc.socket([AGENT], ("127.0.0.1", 2), FAR, "open")
    looks.look()
    assert [link.address for link in looks.links] == [FAR[0]]


def test_a_datagram_socket_that_may_send_anywhere_is_told(proc: FakeProc, looks: Looks) -> None:
    proc.socket([AGENT], LOCAL, ("0.0.0.0", 0), "closed", table="udp")
    looks.look()
    assert looks.unconnected == {AGENT: "claude"}


def test_what_ended_between_two_looks_is_told_and_what_was_over_before_is_not(proc: FakeProc, looks: Looks) -> None:
    proc.socket([], ("127.0.0.1", 9), ("192.0.2.9", 80), "over")
    looks.look()
    proc.socket([], LOCAL, FAR, "over")
    looks.look()
    looks.look()
    assert looks.over == {("tcp", *FAR): 1}


def test_what_ended_after_it_was_seen_is_not_told_again(proc: FakeProc, looks: Looks) -> None:
    proc.socket([AGENT], LOCAL, FAR, "open")
    looks.look()
    proc.socket([], LOCAL, FAR, "over")
    looks.look()
    assert looks.over == {}


def test_a_process_that_nobody_may_look_into_is_told(
    proc: FakeProc, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(pid: int, place: Path) -> set[int]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("occasio_core.observed.looks.inodes", refused)
    looks.look()
    assert set(looks.closed_to_us) == {GATE, AGENT}


def test_a_tree_that_is_gone_is_no_look(tmp_path: Path) -> None:
    looks = Looks(5, proc=tmp_path)
    assert not looks.look()
    assert looks.count == 0
