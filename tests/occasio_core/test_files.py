"""Whoever looks at a file that is written whole finds the old one or the new one, and nothing beside it."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from occasio_core import files
from occasio_core.files import whole_file, write_whole

posix = pytest.mark.skipif(os.name != "posix", reason="links, devices and modes are POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.mark.parametrize("data", [b"", b"one\r\ntwo\n\x1a\0", bytes(range(256)) * 1000])
def test_the_file_holds_the_bytes_and_nothing_else(path: Path, data: bytes) -> None:
    write_whole(path, data)
    assert path.read_bytes() == data


def test_a_file_that_is_there_is_replaced(path: Path) -> None:
    path.write_bytes(b"a longer one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"


def test_nothing_is_left_beside_the_file(path: Path) -> None:
    write_whole(path, b"x")
    assert list(path.parent.iterdir()) == [path]


@posix
@pytest.mark.parametrize(
    ("umask", "mode", "expected"), [(0o022, 0o666, 0o644), (0o077, 0o644, 0o600), (0, 0o600, 0o600)]
)
def test_the_mode_is_the_one_asked_for_less_what_the_umask_takes(
    path: Path, umask: int, mode: int, expected: int
) -> None:
    before = os.umask(umask)
    try:
        write_whole(path, b"x", mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == expected


@posix
def test_what_others_could_read_is_the_owners_alone_once_it_is_written_so(path: Path) -> None:
    path.write_bytes(b"one")
    path.chmod(0o644)
    write_whole(path, b"two", 0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_bytes_are_on_disk_before_they_have_the_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[bool] = []
    monkeypatch.setattr(files, "flush", lambda descriptor: named.append(path.exists()))
    write_whole(path, b"x")
    assert named == [False]


def test_the_name_is_on_disk_when_the_call_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[bytes] = []
    monkeypatch.setattr(files, "flush_directory", lambda directory: found.append((directory / "out").read_bytes()))
    write_whole(path, b"x")
    assert found == [b"x"]


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_what_breaks_off_leaves_the_old_file_and_no_other(
    path: Path, failure: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(descriptor: int) -> None:
        raise failure

    path.write_bytes(b"old")
    monkeypatch.setattr(files, "flush", fails)
    with pytest.raises(type(failure)):
        write_whole(path, b"new")
    assert [(each, each.read_bytes()) for each in path.parent.iterdir()] == [(path, b"old")]


def test_an_error_names_the_file_that_was_asked_for(path: Path) -> None:
    missing = path.parent / "nowhere" / "out"
    with pytest.raises(FileNotFoundError) as refusal:
        write_whole(missing, b"x")
    assert (refusal.value.filename, refusal.value.strerror) == (str(missing), "No such file or directory")


@posix
@pytest.mark.parametrize("target", ["there", "not there"])
def test_a_link_is_neither_followed_nor_replaced(path: Path, target: str) -> None:
    behind = path.with_name("behind")
    if target == "there":
        behind.write_bytes(b"somebody's")
    path.symlink_to(behind)
    with pytest.raises(FileExistsError, match="symbolic link"):
        write_whole(path, b"ours")
    assert path.is_symlink()
    assert not behind.exists() or behind.read_bytes() == b"somebody's"


@posix
def test_a_device_is_left_where_it_is(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(FileExistsError, match="not a regular file"):
        write_whole(path, b"x")
    assert stat.S_ISFIFO(path.lstat().st_mode)


def test_a_directory_is_left_where_it_is(path: Path) -> None:
    path.mkdir()
    with pytest.raises(FileExistsError, match="not a regular file"):
        write_whole(path, b"x")


def test_of_many_who_write_at_once_one_is_there_whole(path: Path) -> None:
    written = [bytes([number]) * (1 << 16) for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda data: write_whole(path, data), written))
    assert path.read_bytes() in written


def test_a_file_can_be_written_in_pieces(path: Path) -> None:
    path.write_bytes(b"before")
    with whole_file(path) as file:
        file.write(b"one ")
        file.flush()
        assert path.read_bytes() == b"before"
        file.write(b"two")
    assert path.read_bytes() == b"one two"


def test_pieces_before_something_went_wrong_are_thrown_away(path: Path) -> None:
    path.write_bytes(b"before")
    with pytest.raises(RuntimeError), whole_file(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"before"
    assert list(path.parent.iterdir()) == [path]
