"""The kernel's tables are read as they are: both families, every state, and who holds which socket."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from occasio_core.observed.sockets import Socket, inodes, namespace, sockets
from tests.occasio_core.observed.fake_proc import FakeProc


def mine() -> dict[int, Socket]:
    held = inodes(os.getpid())
    return {one.inode: one for one in sockets(os.getpid()) if one.inode in held}


def test_a_real_connection_is_seen_from_both_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        port = server.getsockname()[1]
        seen = list(mine().values())
        assert [one.state for one in seen if one.local == ("127.0.0.1", port)] == ["listening"]
        (connected,) = [one for one in seen if one.remote == ("127.0.0.1", port)]
        assert (connected.protocol, connected.state, connected.is_connected) == ("tcp", "open", True)
        assert connected.local == client.getsockname()


def test_an_address_of_ipv6_is_written_as_people_do() -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with server:
        assert ("::1", server.getsockname()[1]) in [one.local for one in mine().values()]


def test_an_ipv4_address_in_ipv6_is_that_of_ipv4(tmp_path: Path) -> None:
    FakeProc(tmp_path).process(7, 1, "a")
    words = "".join(
        f"{int.from_bytes(part, sys.byteorder):08X}"
        for part in (bytes(4), bytes(4), b"\0\0\xff\xff", bytes([192, 0, 2, 1]))
    )
    line = f" 0: {words}:0050 {'0' * 32}:0000 0A 0:0 0:0 0 0 0 5"
    (tmp_path / "7" / "net" / "tcp6").write_text(f"head\n{line}\n", encoding="ascii")
    (found,) = sockets(7, tmp_path)
    assert (found.protocol, found.local, found.state) == ("tcp", ("192.0.2.1", 80), "listening")


def test_a_datagram_socket_without_another_end_is_not_connected() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        (found,) = [one for one in mine().values() if one.local == sender.getsockname() and one.protocol == "udp"]
        assert not found.is_connected


def test_processes_of_one_network_name_the_same_one() -> None:
    assert namespace(os.getpid()) == namespace(os.getppid())
