"""A word becomes the arguments that Bash would make of it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_shell.grammar import parsed
from occasio_shell.shell import Shell
from occasio_shell.values import State
from occasio_shell.words import expanded, unescaped, value_of


def arguments(command, **variables):
    shell = Shell("/work")
    for name, text in variables.items():
        shell.evaluate(f"{name}={text}")
    node = parsed(f"x {command}".encode()).children[0]
    return [word for child in node.children[1:] for word in expanded(child, shell)]


def texts(command, **variables):
    return [word.text for word in arguments(command, **variables)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("a b", ["a", "b"]),
        (r"a\ b", ["a b"]),
        ("'a b'", ["a b"]),
        ('"a b"', ["a b"]),
        (r'"a\"b\$c\d"', ['a"b$c\\d']),
        ("a'b'\"c\"d", ["abcd"]),
        (r"$'a\tb\x41\102é'", ["a\tbABé"]),
        ("{a,b}/c", ["a/c", "b/c"]),
        ("{1..3}", ["1", "2", "3"]),
        ("x{a..c}", ["xa", "xb", "xc"]),
        ("'{a,b}'", ["{a,b}"]),
        ("{a}", ["{a}"]),
        ("$(echo a b)", ["a", "b"]),
        ('"$(echo a b)"', ["a b"]),
        ("`echo a`", ["a"]),
        ("a$(echo b)c", ["abc"]),
        ("$((1+2))", ["0"]),
    ],
)
def test_a_word_becomes(command, expected):
    assert sorted(texts(command)) == expected


def test_a_variable_is_split_unless_it_is_quoted():
    assert texts('$v "$v"', v="'a b'") == ["a", "b", "a b"]


def test_a_variable_of_several_values_has_several_readings():
    shell = Shell("/work")
    shell.evaluate("if a; then v=1; else v=2; fi")
    node = parsed(b"x a${v}b").children[0]
    assert {word.text for word in expanded(node.children[1], shell)} == {"a1b", "a2b"}


def test_what_is_set_nowhere_is_empty_and_not_known():
    (word,) = arguments("a$NOWHERE_SET")
    assert (word.text, word.state) == ("a", State.LOCAL)


def test_a_wildcard_counts_unless_it_is_quoted():
    assert [word.wild for word in arguments("a* 'a*' a\\* [ab] \"?\"")] == [True, False, False, True, False]


def test_a_value_is_one_field():
    shell = Shell("/work")
    shell.evaluate("v='a b'")
    node = parsed(b"x=$v").children[0].child_by_field_name("value")
    assert [word.text for word in value_of(node, shell)] == ["a b"]


@pytest.mark.parametrize(
    ("text", "expected"), [(r"\n\x2e\056A\q", "\n..Aq"), (r"\U00110000\ud800", "??"), ("\\", "\\")]
)
def test_escapes_stand_for_letters(text, expected):
    assert unescaped(text) == expected


PIECES = st.lists(
    st.sampled_from(
        [
            "a",
            "=k",
            "%",
            "@",
            "#l",
            "]",
            "~",
            "'b c'",
            '"d e"',
            "\\f",
            "$'\\x67'",
            "{h,i}",
            '""',
            "${v}",
            '"$v"',
            "${v:-z}",
            "${u:-y}",
            "${v%w}",
        ]
    ),
    min_size=1,
    max_size=4,
).map("".join)


@pytest.mark.skipif(shutil.which("bash") is None, reason="compares with bash")
@settings(max_examples=150, deadline=None)
@given(PIECES)
def test_bash_makes_the_same_of_it(rest):
    word = f"w{rest}"
    script = f"v='v w'; unset u; for a in {word}; do printf '%s\\0' \"$a\"; done"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    expected = {text for text in done.stdout.split("\0") if text}
    assert {text for text in texts(word, v="'v w'") if text} == expected
