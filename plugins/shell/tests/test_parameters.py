"""`${name…}` is what Bash makes of it."""

from __future__ import annotations

import pytest

from occasio_shell.shell import Shell
from occasio_shell.values import text_of


@pytest.mark.parametrize(
    ("expansion", "expected"),
    [
        ("${v}", "abcabc"),
        ("${v:-x}", "abcabc"),
        ("${u:-x}", "x"),
        ("${u-x}", "x"),
        ("${u:=x}", "x"),
        ("${v:+x}", "x"),
        ("${v#a}", "bcabc"),
        ("${v#*b}", "cabc"),
        ("${v##*b}", "c"),
        ("${v%c}", "abcab"),
        ("${v%b*}", "abca"),
        ("${v%%b*}", "a"),
        ("${v/b/x}", "axcabc"),
        ("${v//b/x}", "axcaxc"),
        ("${v:2}", "cabc"),
        ("${v:1:2}", "bc"),
        ("${v^^}", "ABCABC"),
        ("${w,,}", "xy"),
        ("${!n}", "abcabc"),
        ("${a[1]}", "two"),
        ("${u:-$v}", "abcabc"),
        ("${u:-$(echo x)}", "x"),
    ],
)
def test_an_expansion_is(expansion, expected):
    shell = Shell("/work")
    output = shell.evaluate(f"v=abcabc; w=XY; n=v; a=(one two); echo {expansion}")
    assert text_of(output).split("\n")[0] == expected


def test_all_of_an_array_is_every_element():
    output = Shell("/work").evaluate('a=(one two); printf "%s\\n" "${a[@]}"')
    assert text_of(output).split() == ["one", "two"]


def test_what_is_set_by_default_stays_set():
    assert text_of(Shell("/work").evaluate("echo ${u:=x}; echo $u")) == "x\nx"
