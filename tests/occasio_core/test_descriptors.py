"""What is held is the file that was found, by its true name; what is no file is not held, and nothing waits."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from occasio_core import HoldError, descriptors, hold

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")


def test_a_file_is_held_by_its_true_name_and_read(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("abc", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    with hold(str(tmp_path / "link")) as file:
        assert (file.path, file.is_folder, file.read(2)) == (os.path.realpath(tmp_path / "real"), False, b"ab")


def test_a_folder_tells_its_files_and_folders_by_name(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"")
    (tmp_path / "a").mkdir()
    (tmp_path / "c").symlink_to("b")
    os.mkfifo(tmp_path / "d")
    with hold(str(tmp_path)) as folder:
        assert [(entry.name, entry.is_folder) for entry in folder.entries()] == [("a", True), ("b", False)]
        assert folder.modified("b") == (tmp_path / "b").stat().st_mtime_ns
        assert folder.status_of("c").st_ino == (tmp_path / "c").lstat().st_ino


def test_what_is_held_stays_the_same_whatever_is_put_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("first", encoding="utf-8")
    (tmp_path / "other").write_text("second", encoding="utf-8")
    with hold(str(tmp_path / "file")) as file:
        (tmp_path / "other").replace(tmp_path / "file")
        assert file.read(10) == b"first"


def test_an_entry_of_a_folder_is_held_in_it_wherever_the_folder_went(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "file").write_text("in here", encoding="utf-8")
    with hold(str(tmp_path / "here")) as folder:
        (tmp_path / "here").rename(tmp_path / "there")
        (tmp_path / "here").mkdir()
        with hold("file", within=folder) as file:
            assert file.read(10) == b"in here"
            assert sys.platform != "linux" or file.path == os.path.realpath(tmp_path / "there" / "file")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "a\0b"])
def test_an_entry_is_a_single_name(tmp_path: Path, name: str) -> None:
    with hold(str(tmp_path)) as folder, pytest.raises(HoldError), hold(name, within=folder):
        pass


def test_an_entry_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    with hold(str(tmp_path)) as folder, pytest.raises(OSError), hold("link", within=folder):
        pass


@pytest.mark.parametrize("make", ["pipe", "device"])
def test_what_is_neither_file_nor_folder_is_not_held_and_nothing_waits(tmp_path: Path, make: str) -> None:
    path = tmp_path / "pipe" if make == "pipe" else Path("/dev/zero")
    if make == "pipe":
        os.mkfifo(path)
    with pytest.raises(HoldError, match="not a regular file"), hold(str(path)):
        pass


@LINUX
@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/version", "/sys/kernel", "/proc"])
def test_what_the_kernel_makes_up_is_not_held(path: str) -> None:
    with pytest.raises(HoldError, match="made up by the system"), hold(path):
        pass


@LINUX
def test_what_the_kernel_makes_up_is_not_held_within_a_folder_either() -> None:
    with hold("/") as root, pytest.raises(HoldError, match="made up by the system"), hold("proc", within=root):
        pass


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 9999, 10_000, 10_001, 1 << 20])
def test_no_more_is_read_than_was_asked_for_and_no_less_than_there_is(tmp_path: Path, size: int) -> None:
    data = os.urandom(10_000)
    (tmp_path / "file").write_bytes(data)
    with hold(str(tmp_path / "file")) as file:
        assert file.read(size) == data[:size]


def test_what_grew_since_it_was_held_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with hold(str(tmp_path / "file")) as file:
        (tmp_path / "file").write_bytes(b"y" * 50_000)
        assert file.read(1 << 20) == b"y" * 50_000


@LINUX
@pytest.mark.parametrize("path", ["/proc/self/cwd/a", "/proc/self/cwd", "/proc/thread-self/root"])
def test_the_kernels_own_links_lead_nowhere(path: str) -> None:
    with pytest.raises(OSError, match="symbolic links"), hold(path):
        pass


@LINUX
def test_a_descriptor_of_the_own_process_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    with (
        (tmp_path / "secret").open("rb") as file,
        pytest.raises(OSError, match="symbolic links"),
        hold(f"/proc/self/fd/{file.fileno()}"),
    ):
        pass


@LINUX
def test_without_openat2_the_kernels_links_are_judged_by_where_they_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descriptors, "_has_openat2", lambda: False)
    (tmp_path / "file").write_bytes(b"x")
    with hold(f"/proc/self/root{tmp_path}/file") as file:
        assert file.path == os.path.realpath(tmp_path / "file")
    with pytest.raises(HoldError, match="made up"), hold("/proc/self/environ"):
        pass


@LINUX
def test_a_file_without_a_name_is_not_held(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    monkey = os.open(tmp_path / "file", os.O_RDONLY)
    (tmp_path / "file").unlink()
    try:
        with pytest.raises(HoldError, match="no name"):
            descriptors.Handle(monkey, "file")
    finally:
        os.close(monkey)


def test_elsewhere_the_name_is_where_the_path_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "_IS_LINUX", False)
    monkeypatch.setattr(descriptors, "_HOLD", os.O_RDONLY | os.O_NONBLOCK)
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    with hold(str(tmp_path / "link")) as file:
        assert (file.path, file.read(5)) == (os.path.realpath(tmp_path / "file"), b"x")


def test_elsewhere_a_file_that_moved_meanwhile_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "_IS_LINUX", False)
    monkeypatch.setattr(descriptors, "_HOLD", os.O_RDONLY | os.O_NONBLOCK)
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "other").write_bytes(b"y")
    monkeypatch.setattr(os.path, "realpath", lambda path: str(tmp_path / "other"))
    with pytest.raises(HoldError, match="moved"), hold(str(tmp_path / "file")):
        pass


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    before = sorted(path.name for path in Path("/dev/fd").iterdir())
    with hold(str(tmp_path)) as folder, hold("file", within=folder) as file:
        file.read(1)
        folder.entries()
    for path in ("/dev/null", "/nowhere", str(tmp_path / "missing")):
        with pytest.raises(OSError), hold(path):
            pass
    assert sorted(path.name for path in Path("/dev/fd").iterdir()) == before
