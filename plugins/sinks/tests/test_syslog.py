"""A finding is a message of RFC 5424, on whatever way it goes."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from occasio_core import PluginError
from occasio_sinks.syslog import Syslog, message

ROW = {
    "severity": "high",
    "detector": "p.d",
    "message": "calls were refused",
    "run_id": "r",
    "hash": "b" * 64,
    "ts": "2026-01-01T00:00:00.000Z",
}
# RFC 5424 section 6: PRI, VERSION, TIMESTAMP, HOSTNAME, APP-NAME, PROCID, MSGID, STRUCTURED-DATA, MSG
_FORM = re.compile(
    rb'<(\d{1,3})>1 (\S+) ([!-~]{1,255}) occasio (\d+) finding (\[occasio@32473(?: [a-z]+="(?:[^"\\\]]|\\["\\\]])*")+\]) (.+)'
)


def assert_is_the_message(data: bytes) -> None:
    found = _FORM.fullmatch(data)
    assert found is not None, data
    assert (found[1], found[2]) == (b"106", b"2026-01-01T00:00:00.000Z")
    assert found[6] == b"HIGH p.d: calls were refused"
    assert b'detector="p.d"' in found[5]


def test_severities_are_those_of_syslog() -> None:
    for severity, priority in (("info", 110), ("low", 109), ("medium", 108), ("high", 106)):
        assert message({**ROW, "severity": severity}, "h", 1).startswith(f"<{priority}>1 ".encode())


def test_what_would_end_a_value_is_escaped() -> None:
    data = message({**ROW, "detector": 'a"]\\b'}, "a host", 1)
    assert b'detector="a\\"\\]\\\\b"' in data
    assert b" ahost occasio " in data
    assert _FORM.fullmatch(data)


def test_a_message_is_no_longer_than_every_receiver_takes() -> None:
    data = message({**ROW, "message": "é" * 3000}, "h", 1)
    assert 2040 < len(data) <= 2048
    data.decode("utf-8")


def test_the_socket_of_the_machine_gets_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(tmp_path / "log"))
        Syslog({"address": str(tmp_path / "log")}).write(ROW)
        assert_is_the_message(log.recv(4096))


def test_udp_gets_it() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        Syslog({"address": f"udp://127.0.0.1:{log.getsockname()[1]}"}).write(ROW)
        assert_is_the_message(log.recv(4096))


def test_tcp_gets_it_with_its_length_before_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as log:
        Syslog({"address": f"tcp://127.0.0.1:{log.getsockname()[1]}"}).write(ROW)
        accepted, _ = log.accept()
        with accepted, accepted.makefile("rb") as stream:
            length, _, data = stream.read().partition(b" ")
    assert int(length) == len(data)
    assert_is_the_message(data)


def test_where_nobody_listens_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Syslog({"address": str(tmp_path / "none")}).write(ROW)


def test_what_matters_less_is_not_sent(tmp_path: Path) -> None:
    Syslog({"address": str(tmp_path / "none"), "at_least": "high"}).write({**ROW, "severity": "low"})


@pytest.mark.parametrize("address", ["log", "udp://h", "tcp://:9", "udp://h:99999", "http://h:1"])
def test_an_address_that_is_none_stops_the_start_up(address: str) -> None:
    with pytest.raises(PluginError, match="no address of a syslog"):
        Syslog({"address": address})
