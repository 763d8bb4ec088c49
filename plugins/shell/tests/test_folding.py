"""Constant expressions of Python come to the value that Python gives them, and nothing runs."""

from __future__ import annotations

import ast

import pytest

from occasio_shell.folding import folded, hides, is_sink


def expression(text):
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    "text",
    [
        "'a' + 'b'",
        "'%s/%s' % ('a', 'b')",
        "'a%s' % 'b'",
        "'{}{}'.format('a', 'b')",
        "f\"a{'b'}\"",
        "''.join(['a', 'b'])",
        "''.join(map(chr, [46, 101]))",
        "''.join(chr(i) for i in [46, 101])",
        "''.join(chr(i ^ 1) for i in [46, 101])",
        "chr(40 + 6)",
        "'vne.'[::-1]",
        "'xab'[1:]",
        "'abc'[-1]",
        "bytes.fromhex('2e65').decode()",
        "bytes([46, 101]).decode()",
        "b'a'.decode()",
        "'aXb'.replace('X', '')",
        "'AB'.lower()",
        "'a,b'.split(',')[1]",
        "''.join(reversed('ab'))",
        "['a'] + ['b']",
    ],
)
def test_an_expression_comes_to_what_python_says(text):
    assert folded(expression(text), {}) == eval(text)


def test_names_have_what_they_were_given():
    assert folded(expression("a + b"), {"a": expression("'x'"), "b": expression("'y'")}) == "xy"


def test_a_name_that_stands_for_itself_is_not_followed_for_ever():
    assert folded(expression("a"), {"a": expression("a + a")}) is None


@pytest.mark.parametrize(
    "text", ["open('a')", "x", "'a' * 10**9", "1 / 0", "'a'[9]", "bytes.fromhex('zz')", "'a'['b']"]
)
def test_everything_else_is_not_known(text):
    assert folded(expression(text), {}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("open(b64decode(x))", True),
        ("open(x[::-1])", True),
        ("open(chr(46) + 'env')", False),
        ("open(name)", False),
        ("open(getattr(a, b)())", True),
    ],
)
def test_an_argument_may_hide_what_it_is(text, expected):
    assert hides(expression(text), {}) is expected


def test_what_opens_and_runs_is_a_sink():
    assert is_sink(expression("open(x)"))
    assert is_sink(expression("os.system(x)"))
    assert not is_sink(expression("print(x)"))
