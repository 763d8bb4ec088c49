"""Programs that came to be since the gate began, which the agent may have written: what they say is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from occasio_shell.programs.invocation import Evaluator
from occasio_shell.values import Word


@contextmanager
def new_program(shell: Evaluator, word: Word) -> Iterator[str]:
    """Yield what a program file says if it is new, and nothing if it is not.

    What is evaluated within is a process of its own: variables and directories stay as they were.
    """
    with shell.apart(), shell.notes.new_program(word) as text:
        yield text
