"""What is in a folder is told as it is now, from memory only where the folder shows no change."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from occasio_files import listing as module
from occasio_files.listing import Listings

LATER = 10_000_000_000  # nanoseconds


@pytest.fixture
def listings():
    return Listings(lambda: time.time_ns() + LATER)


@pytest.fixture
def read(monkeypatch):
    """The folders that were read, each time."""
    folders = []
    original = module._read
    monkeypatch.setattr(module, "_read", lambda folder: folders.append(folder) or original(folder))
    return folders


def names(listing):
    return [sorted(Path(path).name for path in paths) for paths in listing]


def test_files_and_folders_are_told_and_links_are_none(tmp_path, listings):
    (tmp_path / "a").write_text("", encoding="utf-8")
    (tmp_path / "b").mkdir()
    (tmp_path / "c").symlink_to("b")
    assert names(listings.of(str(tmp_path))) == [["a", "b", "c"], ["b"]]
    assert names(listings.of(str(tmp_path / "c"))) == [[], []]


def test_a_folder_in_which_nothing_came_or_went_is_read_once(tmp_path, listings, read):
    (tmp_path / "a").write_text("", encoding="utf-8")
    first = listings.of(str(tmp_path))
    (tmp_path / "a").write_text("more", encoding="utf-8")
    assert (listings.of(str(tmp_path)), len(read)) == (first, 1)


@pytest.mark.parametrize("change", ["add", "remove", "rename", "replace"])
def test_a_folder_that_changed_is_read_again(tmp_path, listings, change):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_text("", encoding="utf-8")
    os.utime(folder, ns=(1, 1))
    listings.of(str(folder))
    match change:
        case "add":
            (folder / "b").mkdir()
        case "remove":
            (folder / "a").unlink()
        case "rename":
            (folder / "a").rename(folder / "b")
        case "replace":
            folder.rename(tmp_path / "old")
            folder.mkdir()
            (folder / "c").mkdir()
    assert sorted(listings.of(str(folder)).paths) == sorted(map(str, folder.iterdir()))


def test_a_folder_that_is_put_back_in_time_is_read_again(tmp_path, listings):
    listings.of(str(tmp_path))
    status = tmp_path.stat()
    (tmp_path / "b").mkdir()
    os.utime(tmp_path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert names(listings.of(str(tmp_path))) == [["b"], ["b"]]


@pytest.mark.parametrize("ahead", [-LATER, 0, 1_000_000_000])
def test_a_folder_that_changed_a_moment_ago_or_in_the_future_is_not_remembered(tmp_path, read, ahead):
    made = max(tmp_path.stat().st_mtime_ns, tmp_path.stat().st_ctime_ns)
    listings = Listings(lambda: made + ahead)
    listings.of(str(tmp_path))
    listings.of(str(tmp_path))
    assert len(read) == 2


def test_only_so_much_is_told_and_remembered(tmp_path, listings, read, monkeypatch):
    monkeypatch.setattr(module, "MAX_ENTRIES", 3)
    monkeypatch.setattr(module, "MAX_REMEMBERED", 3)
    for name in "abcde":
        (tmp_path / "many" / name).mkdir(parents=True)
    (tmp_path / "other").mkdir()
    many, other = str(tmp_path / "many"), str(tmp_path / "other")
    assert len(listings.of(many).paths) == 3
    for folder in (other, many, other):
        listings.of(folder)
    assert read == [many, other, many]


def test_what_is_not_there_is_an_error(tmp_path, listings):
    with pytest.raises(FileNotFoundError):
        listings.of(str(tmp_path / "missing"))
