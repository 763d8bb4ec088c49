"""The two system calls say what the kernel says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from occasio_core.opening import OpenHow, file_system_type, open_by_system_call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")


def test_a_file_is_opened_as_open_does(tmp_path: Path) -> None:
    (tmp_path / "é").write_bytes(b"abc")
    handle = open_by_system_call(str(tmp_path / "é"), OpenHow(os.O_RDONLY | os.O_CLOEXEC))
    try:
        assert os.read(handle, 9) == b"abc"
        assert not os.get_inheritable(handle)
    finally:
        os.close(handle)


@pytest.mark.parametrize(("path", "error"), [("/nowhere", FileNotFoundError), ("/etc/passwd/x", NotADirectoryError)])
def test_a_failure_is_the_error_that_open_raises(path: str, error: type[OSError]) -> None:
    with pytest.raises(error):
        open_by_system_call(path, OpenHow(os.O_RDONLY))


@pytest.mark.parametrize(("path", "number"), [("/proc", 0x9FA0), ("/sys", 0x62656572)])
def test_a_file_system_is_told_by_its_number(path: str, number: int) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        assert file_system_type(handle) == number
    finally:
        os.close(handle)


def test_a_closed_descriptor_is_an_error() -> None:
    handle = os.open("/", os.O_RDONLY)
    os.close(handle)
    with pytest.raises(OSError, match="Bad file descriptor"):
        file_system_type(handle)
