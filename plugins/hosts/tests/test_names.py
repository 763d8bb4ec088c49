"""A host is the same host however it is spelled."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_hosts.names import Host, readings


def only(target: str) -> Host:
    (host,) = readings(target)
    return host


@pytest.mark.parametrize(
    "target",
    [
        "example.com",
        "EXAMPLE.com",
        "example.com.",
        " example.com ",
        "example。com",
        "example．com",
        "user:pw@example.com",
    ],
)
def test_spellings_of_a_name(target: str) -> None:
    assert {host.name for host in readings(target)} == {"example.com"}


def test_a_name_of_other_letters_is_its_ascii_form() -> None:
    assert only("bücher.example") == only("xn--bcher-kva.example") == Host("xn--bcher-kva.example")


@pytest.mark.parametrize(
    "target",
    ["169.254.169.254", "2852039166", "0xA9FEA9FE", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376", "169.254.43518",
     "169.16689662", "::ffff:169.254.169.254", "[::ffff:a9fe:a9fe]", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "169.254.169.254."],
)  # fmt: skip
def test_spellings_of_an_address(target: str) -> None:
    assert only(target) == Host("", ipaddress.ip_address("169.254.169.254"))


@pytest.mark.parametrize(
    "target",
    ["localhost", "LOCALHOST.", "app.localhost", "127.0.0.1", "127.1", "0", "0.0.0.0", "::1", "[::]", "0x7f000001"],
)
def test_spellings_of_this_machine(target: str) -> None:
    assert only(target).address == ipaddress.ip_address("127.0.0.1")


@pytest.mark.parametrize(
    ("target", "host"),
    [("example.com:8443", Host("example.com", None, 8443)), ("[2001:db8::1]:22", Host("", ipaddress.ip_address("2001:db8::1"), 22)),
     ("2001:db8::1", Host("", ipaddress.ip_address("2001:db8::1"))), ("example.com:", Host("example.com"))],
)  # fmt: skip
def test_a_port_is_told_apart(target: str, host: Host) -> None:
    assert only(target) == host


@pytest.mark.parametrize(
    "target", ["good.example@evil.example", "good.example\\@evil.example", "evil.example\\@good.example"]
)
def test_where_programs_differ_each_reading_is_one(target: str) -> None:
    assert "evil.example" in {host.name for host in readings(target)}


def test_two_users_make_several_readings() -> None:
    assert {host.name for host in readings("a@b@evil.example")} == {"evil.example"}


@pytest.mark.parametrize("target", ["", " ", ".", "@", "[]"])
def test_nothing_is_no_host(target: str) -> None:
    assert readings(target) == ()


@pytest.mark.parametrize("target", ["1.2.3.4.5", "256.1.1.1", "1.2.3.999999", "0x", "08.1.1.1", "a.1"])
def test_what_is_no_address_is_not_taken_for_another(target: str) -> None:
    assert all(host.address is None or str(host.address) == "127.0.0.1" for host in readings(target))


@given(st.integers(0, 2**32 - 1))
def test_all_spellings_of_an_address_are_one(value: int) -> None:
    address = ipaddress.IPv4Address(value)
    a, b, c, d = address.packed
    spellings = [str(address), str(value), hex(value), f"0{value:o}", f"{a}.{value & 0xFFFFFF}", f"{a}.{b}.{c * 256 + d}",
                 f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"::ffff:{address}"]  # fmt: skip
    assert len({only(spelling) for spelling in spellings}) == 1


@given(st.text())
def test_no_text_is_too_odd(target: str) -> None:
    assert all(isinstance(host, Host) for host in readings(target))


@pytest.mark.parametrize(
    "target",
    [
        "169.254.169.254.nip.io",
        "169-254-169-254.sslip.io",
        "app-169-254-169-254.nip.io",
        "www.app.169.254.169.254.nip.io:8080",
        "a9fea9fe.nip.io",
        "x.A9FEA9FE.NIP.IO",
    ],
)
def test_a_name_that_is_answered_with_the_address_in_it_has_that_address(target: str) -> None:
    assert only(target).address == ipaddress.ip_address("169.254.169.254")
    assert only(target).name.endswith((".nip.io", ".sslip.io"))


@pytest.mark.parametrize("target", ["nip.io", "www.nip.io", "999.254.169.254.nip.io", "169.254.169.254.example.com"])
def test_other_names_have_no_address(target: str) -> None:
    assert only(target).address is None
