"""A program ends in its time, or is ended with everything that it started."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from occasio_harness.process import Finished, run


def python(program: str, directory: Path, seconds: float = 60) -> Finished:
    command = [sys.executable, "-c", program]
    return run(command, environment=dict(os.environ), directory=directory, seconds=seconds)


def test_what_a_program_said_and_how_it_ended_are_told(tmp_path: Path) -> None:
    done = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", tmp_path)
    assert (done.exit_code, done.stdout, done.stderr, done.in_time) == (3, "out\n", "err\n", True)
    assert done.words == "err"


def test_a_program_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    child = "import time; open('child', 'w').close(); time.sleep(600)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    done = python(program, tmp_path, seconds=2)
    assert not done.in_time


def test_standard_input_is_empty(tmp_path: Path) -> None:
    assert python("import sys; print(repr(sys.stdin.read()))", tmp_path).stdout == "''\n"


def test_a_program_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        run([str(tmp_path / "nothing")], environment={}, directory=tmp_path, seconds=1)
