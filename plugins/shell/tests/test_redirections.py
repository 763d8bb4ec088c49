"""Redirections read and write files, and change what a command reads and what is left of its output."""

from __future__ import annotations

import pytest

from occasio_shell.shell import Shell, effects_of
from occasio_shell.values import text_of


def touched(command):
    effects, _ = effects_of([command], "/work")
    return [f"{effect.kind} {effect.target}" for effect in effects if effect.kind != "execute"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("x < a", ["read a"]),
        ("x <a >b", ["read a", "write b"]),
        ("x > a", ["write a"]),
        ("x >> a", ["write a"]),
        ("x >| a", ["write a"]),
        ("x &> a", ["write a"]),
        ("x 2> a", ["write a"]),
        ("x > a 2>&1", ["write a"]),
        ("x >& a", ["write a"]),
        ("x >&2", []),
        ("x 2>/dev/null", []),
        ("> a", ["write a"]),
        ("{ x; y; } > a", ["write a"]),
        ("for i in 1; do x; done < a", ["read a"]),
        ("x > /dev/tcp/h/1", ["connect h"]),
        ("x > $(echo a)", ["write a"]),
    ],
)
def test_a_redirection_touches(command, expected):
    assert touched(command) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat <<< hi", "hi"),
        ("cat <<E\nhi $v\nE", "hi 1\n"),
        ("cat <<'E'\nhi $v\nE", "hi $v\n"),
        ("cat <<E | rev\nabc\nE", "cba\n"),
        ("echo a > f", ""),
        ("echo a 2> f", "a"),
        ("echo a >&2", "a"),
        ("echo a | cat", "a"),
        ("cat <<-E\n\tx\n\tE\n", "x\n"),
    ],
)
def test_what_is_printed(command, expected):
    assert text_of(Shell("/work").evaluate(f"v=1; {command}")).rstrip("\t") == expected


def test_what_follows_a_document_runs_too():
    assert touched("cat <<E && rm a\nx\nE") == ["delete a"]
