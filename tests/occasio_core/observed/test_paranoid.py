"""A connection is through the gate, within the run, on a recorded call, or around the gate; nothing is left unsaid."""

from __future__ import annotations

import pytest

from occasio_core.observed.looks import Link, Looks
from occasio_core.observed.paranoid import Way, shown_end, verdict
from occasio_core.observed.processes import Process

GATE, AGENT = 7, 8


def looks(*links: Link) -> Looks:
    return Looks(GATE, count=3, gates={GATE}, gate_ports={4000}, own_ports={5000}, links=dict.fromkeys(links, 2))


def link(address: str, port: int, pid: int = AGENT) -> Link:
    return Link(pid, "claude", "tcp", address, port)


@pytest.mark.parametrize(
    ("seen", "way"),
    [
        (link("127.0.0.1", 4000), Way.GATE),
        (link("::1", 4000), Way.GATE),
        (link("192.0.2.1", 4000), Way.AROUND),
        (link("127.0.0.1", 5000), Way.WITHIN),
        (link("192.0.2.1", 5000), Way.AROUND),
        (link("127.0.0.1", 6000), Way.AROUND),
        (link("198.51.100.7", 443), Way.NAMED),
        (link("203.0.113.1", 443), Way.AROUND),
        (link("203.0.113.1", 443, pid=GATE), Way.PROVIDER),
    ],
)
def test_every_connection_has_its_way(seen: Link, way: Way) -> None:
    (found,) = verdict(looks(seen), {"198.51.100.7": "example.com"}).seen
    assert (found.way, found.looks) == (way, 2)
    assert found.host == ("example.com" if way is Way.NAMED else "")


def test_what_went_around_comes_first() -> None:
    found = verdict(looks(link("127.0.0.1", 4000), link("203.0.113.1", 443), link("127.0.0.1", 5000)), {})
    assert [one.way for one in found.seen] == [Way.AROUND, Way.WITHIN, Way.GATE]
    assert [one.link.port for one in found.around] == [443]
    assert not found.is_blind


def test_nothing_can_be_said_of_a_tree_without_a_gate_or_without_a_look() -> None:
    assert verdict(Looks(GATE, count=1), {}).is_blind
    assert "no process of this tree governs a run" in verdict(Looks(GATE, count=1), {}).unseen[0]
    assert verdict(Looks(GATE), {}).unseen == ("the run had ended before the first look",)


def test_what_could_not_be_looked_at_is_told() -> None:
    seen = looks()
    seen.closed_to_us[9] = Process(pid=9, parent=AGENT, name="sudo")
    seen.unconnected[AGENT] = "claude"
    seen.over["tcp", "2001:db8::1", 443] = 2
    seen.over["tcp", "127.0.0.1", 5432] = 3
    seen.over["tcp", "::1", 5432] = 1
    found = verdict(seen, {})
    assert found.is_blind
    assert [text.partition(":")[0] for text in found.unseen] == [
        "sudo 9 cannot be looked into",
        "claude 8 has a socket without another end (UDP or raw)",
        "2 to [2001",
        "4 within this machine ended before anyone saw whose",
    ]


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    assert (shown_end("::1", 80), shown_end("127.0.0.1", 80)) == ("[::1]:80", "127.0.0.1:80")
