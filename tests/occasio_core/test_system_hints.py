from __future__ import annotations

import errno

import pytest

from occasio_core.errors import LedgerError
from occasio_core.system_hints import system_hint


@pytest.mark.parametrize(
    ("number", "hint"), [(errno.ENOSPC, "make room"), (errno.EMFILE, "ulimit -n"), (errno.EROFS, "OCCASIO_HOME")]
)
def test_what_the_system_refused_has_a_hint(number: int, hint: str) -> None:
    assert hint in system_hint(OSError(number, "no"))


def test_an_error_that_comes_from_a_refusal_has_its_hint() -> None:
    error = LedgerError("the log cannot be written")
    error.__cause__ = RuntimeError()
    error.__cause__.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert "make room" in system_hint(error)


@pytest.mark.parametrize("error", [None, ValueError("x"), OSError(errno.ENOENT, "no such file"), OSError("timed out")])
def test_nothing_is_made_up(error: BaseException | None) -> None:
    assert system_hint(error) == ""
