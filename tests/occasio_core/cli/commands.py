"""What the tests of the command line share: how a command is run, what it may have found, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.cli import main
from tests.samples import Log, call, end, run_of, start

OTHER = "00000000-0000-4000-8000-00000000000b"
NO_RUN = "00000000-0000-4000-8000-0000000000ff"

Captured = pytest.CaptureFixture[str]


def occasio(*arguments: str | Path) -> int:
    """Run the command and return the code that its process would exit with."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def two_runs() -> Log:
    """Return a log of two runs; `OTHER` started last."""
    log = run_of(3)
    start(log, OTHER)
    call(log, 7, run=OTHER)
    end(log, OTHER)
    return log


def written(home: Path, log: Log) -> Log:
    """Make `log` the log of `home`."""
    log.write(places.log_path(home))
    return log


def assert_refused(captured: Captured, message: str, hint: str) -> None:
    """Assert that nothing is on stdout, and one line and a hint on stderr."""
    out, err = captured.readouterr()
    told, *hints = err.splitlines()
    assert out == ""
    assert told.startswith("occasio: ")
    assert message in told
    assert [line.partition(": ")[0] for line in hints] == ["hint"]
    assert hint in hints[0]
