"""Pins are listed and accepted by the person, and a wrong name is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from occasio_core import OccasioError, UsageError
from occasio_mcp import occasio_register_commands
from occasio_mcp.commands import port_of
from occasio_mcp.pins import Mode, Pins, pins_path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which one tool is as it was, one has changed, and one is new and waits."""
    first = Pins(pins_path(tmp_path, "fs"))
    first.compared({"read": {"title": "r"}, "write": {"title": "w"}}, Mode.CHANGES)
    then = Pins(pins_path(tmp_path, "fs"))
    then.compared({"write": {"title": "changed"}, "more": {"title": "m"}}, Mode.STRICT)
    return tmp_path


def mcp(home: Path, *words: str) -> Result:
    (group,) = occasio_register_commands(home)
    return CliRunner().invoke(group, words)


def test_pins_are_listed_with_their_state(home: Path) -> None:
    assert mcp(home, "pins", "list").stdout.splitlines() == [
        "fs  more  new, waits",
        "fs  read  pinned",
        "fs  write  changed, waits",
    ]
    listed = json.loads(mcp(home, "pins", "list", "--json").stdout)["pins"]
    assert [(pin["tool"], pin["waits"]) for pin in listed] == [("more", True), ("read", False), ("write", True)]


def test_one_is_accepted_or_all(home: Path) -> None:
    assert mcp(home, "pins", "accept", "fs", "write").exit_code == 0
    assert set(Pins(pins_path(home, "fs")).waiting) == {"more"}
    assert mcp(home, "pins", "accept", "fs").exit_code == 0
    assert set(Pins(pins_path(home, "fs")).waiting) == set()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fs", "read"], "nothing waits for the tool `read`"),
        (["other"], "nothing is pinned of a server `other`"),
        (["../x"], "no name for a server"),
    ],
)
def test_what_cannot_be_accepted_is_told(home: Path, words: list[str], told: str) -> None:
    done = mcp(home, "pins", "accept", *words)
    assert isinstance(done.exception, OccasioError)
    assert told in str(done.exception)


@pytest.mark.parametrize(
    "address", ["0.0.0.0:80", "127.0.0.1", ":80", "127.0.0.1:x", "example.com:80", "127.0.0.1:70000"]
)
def test_only_an_address_of_this_machine_can_be_listened_at(address: str) -> None:
    with pytest.raises(UsageError, match="no address of this machine alone"):
        port_of(address)


@pytest.mark.parametrize(("address", "port"), [("127.0.0.1:0", 0), ("localhost:8080", 8080)])
def test_an_address_has_a_port(address: str, port: int) -> None:
    assert port_of(address) == port


def test_what_happens_to_changed_tools_is_said_as_the_readme_has_it(home: Path) -> None:
    """Wrong use of the rest is told only once `--pins` was taken."""
    for mode in ("changes", "strict", "record"):
        done = mcp(home, "wrap", "--pins", mode)
        assert isinstance(done.exception, UsageError)
        assert "one server is needed" in str(done.exception)
    assert "Invalid value for '--pins'" in mcp(home, "wrap", "--pins", "STRICT").stderr


def test_a_servers_words_move_no_terminal(tmp_path: Path) -> None:
    Pins(pins_path(tmp_path, "fs")).compared({"\x1b[2Jread\x9b": {"title": "r"}}, Mode.CHANGES)
    assert mcp(tmp_path, "pins", "list").stdout == "fs  ?[2Jread?  pinned\n"
    assert mcp(tmp_path, "pins", "list", "--json").stdout.isascii()


def test_where_nothing_is_pinned_that_is_said(tmp_path: Path) -> None:
    done = mcp(tmp_path, "pins", "list")
    assert (done.stdout, done.stderr) == ("", "no tool is pinned yet: `occasio mcp wrap` does that\n")
