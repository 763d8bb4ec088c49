"""The beginning of a file on the disk is looked at, and nothing that would have to be waited for."""

from __future__ import annotations

import os

import pytest

from occasio_shell.disk import NOTHING, beginning


def test_a_file_says_its_beginning_its_size_and_when_it_changed(tmp_path):
    (tmp_path / "a").write_bytes(b"tea\xff" * 100)
    found = beginning(str(tmp_path), "a", 4)
    assert (found.text, found.size) == ("tea\ufffd", 400)
    assert found.changed == (tmp_path / "a").stat().st_ctime


def test_a_program_cannot_make_itself_old(tmp_path):
    (tmp_path / "a").touch()
    before = beginning(str(tmp_path), "a", 1).changed
    os.utime(tmp_path / "a", (1, 1))
    assert beginning(str(tmp_path), "a", 1).changed >= before


def test_what_is_no_file_says_nothing_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert {beginning(str(tmp_path), name, 9) for name in ("pipe", ".", "none", "a\0b", "/dev/zero")} == {NOTHING}


@pytest.mark.parametrize("name", ["~/a", "a"])
def test_a_name_is_one_of_the_folder_or_of_the_home(tmp_path, monkeypatch, name):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a").write_text("tea", encoding="utf-8")
    assert beginning(str(tmp_path), name, 9).text == "tea"
