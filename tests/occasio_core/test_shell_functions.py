"""Our lines go into a start-up file and out of it again, and everything else stays byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core.shell_functions import (
    BEGIN,
    END,
    Shell,
    StartupFileError,
    agents_in,
    registered,
    unregistered,
)

PROGRAM = "/opt/it's here/occasio"
AGENTS = st.sets(st.sampled_from(["claude", "codex", "gemini"]), min_size=1)
SHELLS = pytest.mark.parametrize("shell", list(Shell))


@SHELLS
@given(before=st.text(), agents=AGENTS)
def test_what_is_put_in_is_there_and_taken_out_again(shell: Shell, before: str, agents: set[str]) -> None:
    data = before.encode("utf-8", errors="replace")
    there = registered(data, shell, PROGRAM, agents)
    assert agents_in(there, shell) == tuple(sorted(agents))
    assert there.startswith(data)
    assert unregistered(there, shell, PROGRAM) == data


@SHELLS
def test_putting_in_twice_is_putting_in_once(shell: Shell) -> None:
    once = registered(b"a=1\n", shell, PROGRAM, ["claude"])
    assert registered(once, shell, PROGRAM, ["claude"]) == once


@SHELLS
def test_agents_come_and_go_one_by_one(shell: Shell) -> None:
    data = registered(b"a=1", shell, PROGRAM, ["codex"])
    data = registered(data, shell, PROGRAM, ["claude"])
    assert agents_in(data, shell) == ("claude", "codex")
    data = unregistered(data, shell, PROGRAM, ["codex", "gemini"])
    assert agents_in(data, shell) == ("claude",)
    assert unregistered(data, shell, PROGRAM, ["claude"]) == b"a=1"


@SHELLS
def test_what_stands_behind_our_lines_stays_there(shell: Shell) -> None:
    data = registered(b"a=1", shell, PROGRAM, ["claude"]) + b"b=2\n"
    moved = registered(data, shell, "/elsewhere/occasio", ["codex"])
    assert moved.endswith(b"b=2\n")
    assert PROGRAM.encode() not in moved
    assert unregistered(moved, shell, PROGRAM) == b"a=1\nb=2\n"


@SHELLS
def test_nothing_is_taken_out_where_nothing_was_put_in(shell: Shell) -> None:
    assert unregistered(b"a=1", shell, PROGRAM, ["claude"]) == unregistered(b"a=1", shell, PROGRAM) == b"a=1"


@SHELLS
@pytest.mark.parametrize(
    "text",
    [f"{BEGIN}\n", f"{END}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"],
)
def test_marks_that_do_not_stand_in_pairs_are_refused(shell: Shell, text: str) -> None:
    for change in (registered, unregistered):
        with pytest.raises(StartupFileError, match=r"line [0-9]+: the marks"):
            change(f"a=1\n{text}".encode(), shell, PROGRAM, ["claude"])


@SHELLS
def test_lines_of_others_between_our_marks_are_refused(shell: Shell) -> None:
    data = registered(b"", shell, PROGRAM, ["claude"]).replace(END.encode(), b"rm -rf /\n" + END.encode())
    with pytest.raises(StartupFileError, match="`rm -rf /` is not what Occasio wrote there"):
        unregistered(data, shell, PROGRAM)
