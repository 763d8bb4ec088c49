"""A simple command is told by its words, less what it only says."""

from __future__ import annotations

import pytest

from occasio_shell.lines import LEFT_OUT, LONGEST, line_of


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["rm", "-rf", "a b"], "rm -rf a b"),
        (["echo", "rm", "x"], f"echo {LEFT_OUT} {LEFT_OUT}"),
        (["grep", "-rn", "sudo", "README"], f"grep -rn {LEFT_OUT} README"),
        (["grep", "-e", "sudo", "README"], f"grep -e {LEFT_OUT} README"),
        (["rg", "--regexp=x", "src"], f"rg {LEFT_OUT} src"),
        (["git", "commit", "-am", "fix ssh", "-q"], f"git commit -am {LEFT_OUT} -q"),
        (["git", "commit", "--message=x"], f"git commit {LEFT_OUT}"),
        (["git", "push", "-m", "x"], "git push -m x"),
        (["gh", "pr", "create", "--body", "x"], f"gh pr create --body {LEFT_OUT}"),
        (["ls"], "ls"),
    ],
)
def test_lines(words: list[str], line: str) -> None:
    assert line_of(words[0], words[1:]) == line


def test_a_line_is_not_endless() -> None:
    assert len(line_of("x", ["y" * 10_000])) == LONGEST
