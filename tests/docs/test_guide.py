"""What holds the guides to the truth can tell when they do not say it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.docs.guide import Command, File, carried_out, fits, steps

GUIDE = """
Save it:

<!-- file: sub/note.txt -->
```text
tea
```

```console
$ cat sub/note.txt
tea
$ false # exits with 1
$ echo one \\
    two
one two
```

<!-- not run: it would stay -->
```console
$ sleep 1000
```
"""


def test_files_and_commands_are_found_in_order() -> None:
    assert list(steps(GUIDE)) == [
        File("sub/note.txt", "tea\n"),
        Command("cat sub/note.txt", ("tea",)),
        Command("false", (), 1),
        Command("echo one \\\n    two", ("one two",)),
    ]


def test_a_guide_that_is_so_is_carried_out(tmp_path: Path) -> None:
    done = carried_out(list(steps(GUIDE)), tmp_path, os.environ)
    assert [one.differs for one in done] == ["", "", ""]


@pytest.mark.parametrize(
    ("said", "so"),
    [("```console\n$ false\n```\n", "exit 1, not 0"), ("```console\n$ echo a\nb\n```\n", "other output")],
    ids=["status", "output"],
)
def test_one_that_is_not_is_found(tmp_path: Path, said: str, so: str) -> None:
    (done,) = carried_out(list(steps(said)), tmp_path, os.environ)
    assert done.differs == so


def test_a_shell_that_ends_leaves_the_others_undone(tmp_path: Path) -> None:
    text = "```console\n$ echo a\na\n$ exit 0\n$ echo b\nb\n```\n"
    assert len(carried_out(list(steps(text)), tmp_path, os.environ)) < 3


@pytest.mark.parametrize(
    ("shown", "printed", "so"),
    [
        (["a"], ["a"], True),
        (["a"], ["a", "b"], False),
        (["a", "…"], ["a", "b", "c"], True),
        (["a", "…"], ["a"], True),
        (["…", "c"], ["a", "b", "c"], True),
        (["a", "…", "c"], ["a", "c"], True),
        (["a", "…", "c"], ["a", "b"], False),
        (["run …: 2 rows"], ["run 7f: 2 rows"], True),
        (["run …: 2 rows"], ["run 7f: 3 rows"], False),
        (["x (y) [z]"], ["x (y) [z]"], True),
    ],
)
def test_dots_stand_for_what_is_left_out_and_for_nothing_else(shown: list[str], printed: list[str], so: bool) -> None:
    assert fits(shown, printed) is so
