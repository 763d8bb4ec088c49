"""A program that came to be since the gate began is looked into when it is run; an older one is not."""

from __future__ import annotations

import math

import pytest

from occasio_core import EffectKind
from occasio_shell.notes import MAX_PROGRAM, MAX_PROGRAMS
from occasio_shell.shell import noted

READS = {"sh": "cat private/plans\n", "py": "print(open('private/plans').read())\n"}


def read(folder, command, since=0.0):
    """Return the files that a command reads, if programs changed after `since` are new."""
    return [
        effect.target for effect in noted([command], str(folder), since).effects() if effect.kind is EffectKind.READ
    ]


@pytest.fixture
def folder(tmp_path):
    for kind, text in READS.items():
        (tmp_path / f"a.{kind}").write_text(text, encoding="utf-8")
    (tmp_path / "b").write_text(f"#!/usr/bin/env python3\n{READS['py']}", encoding="utf-8")
    (tmp_path / "Makefile").write_text("all:\n\tcat private/plans\n", encoding="utf-8")
    (tmp_path / "package.json").write_text('{"scripts": {"test": "cat private/plans"}}', encoding="utf-8")
    (tmp_path / "a.js").write_text("require('fs').readFileSync('private/plans')\n", encoding="utf-8")
    return tmp_path


COMMANDS = (
    *(
        "sh a.sh",
        "bash ./a.sh",
        "source a.sh",
        ". ./a.sh",
        "./a.sh",
        "python3 a.py",
        "python a.py x",
        "./b",
        "node a.js",
    ),
    *("make", "npm test", "cd . && sh a.sh", "sh -x a.sh", "env sh a.sh", "sh -c 'sh a.sh'"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_new_program_is_looked_into(folder, command):
    assert "private/plans" in read(folder, command)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_old_one_is_not(folder, command):
    assert "private/plans" not in read(folder, command, since=math.inf)


def test_a_program_that_runs_another_is_followed_and_one_that_runs_itself_ends(folder):
    (folder / "c.sh").write_text("sh c.sh\nsh a.sh\n", encoding="utf-8")
    assert "private/plans" in read(folder, "sh c.sh")


def test_what_a_program_sets_holds_for_itself_alone(folder):
    (folder / "c.sh").write_text("f=notes; cd /tmp\n", encoding="utf-8")
    assert read(folder, "f=private/x; sh c.sh; cat $f")[-1] == "private/x"


def test_what_a_program_makes_up_is_left_out_and_on_the_command_line_it_is_not(folder):
    hides = "import base64\nopen(base64.b64decode(input()))\n"
    (folder / "c.py").write_text(hides, encoding="utf-8")
    assert not [effect for effect in noted(["python3 c.py"], str(folder), 0.0).effects() if effect.unknown]
    assert [effect for effect in noted([f"python3 -c '{hides}'"], str(folder), 0.0).effects() if effect.unknown]


def test_a_program_that_cannot_be_read_does_not_spoil_the_line(folder):
    (folder / "c.sh").write_text("if then (((\n", encoding="utf-8")
    assert not noted(["sh c.sh"], str(folder), 0.0).garbled


def test_a_binary_is_no_program_text_and_a_long_one_is_seen_as_far_as_that_goes(folder):
    (folder / "c.sh").write_bytes(b"\x7fELF\0cat private/plans\n")
    assert "private/plans" not in read(folder, "./c.sh")
    (folder / "c.sh").write_text("cat private/plans\n" + "#" * MAX_PROGRAM, encoding="utf-8")
    assert "private/plans" in read(folder, "sh c.sh")


def test_only_so_many_are_looked_into(folder):
    names = [f"p{number}.sh" for number in range(MAX_PROGRAMS + 1)]
    for name in names:
        (folder / name).write_text(f"cat of-{name}\n", encoding="utf-8")
    found = read(folder, "; ".join(f"sh {name}" for name in names))
    assert [name for name in names if f"of-{name}" in found] == names[:-1]
