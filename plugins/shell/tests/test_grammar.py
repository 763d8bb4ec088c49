"""The grammar is there when it is needed, and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from occasio_shell.grammar import MAX_SOURCE, parsed
from occasio_shell.values import TooMuchError


def test_a_command_has_a_tree():
    assert parsed(b"ls -l").children[0].type == "command"


@pytest.mark.parametrize(
    ("command", "expected"),
    [("'c'\\at a", "'c''a't a"), ("a 'b'\\c", "a 'b''c'"), ('a $x\\b"c"\\d', "a $x'b'\"c\"'d'"), ("a b\\c", "a b\\c")],
)
def test_an_escape_behind_a_quote_does_not_tear_a_word(command, expected):
    assert (parsed(command.encode()).text or b"").decode() == expected


def test_a_command_that_is_too_long_is_not_parsed():
    with pytest.raises(TooMuchError):
        parsed(b"x" * (MAX_SOURCE + 1))


def test_the_plugin_loads_no_grammar_until_a_command_is_read():
    program = "import sys, occasio_shell; print('tree_sitter' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "False"
