"""Whoever turns links and folders elsewhere while Occasio reads gets no denied byte out of it, however often it is tried."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

TRIES = 3000
SECRET = "quokkas-swim-at-dawn"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for name, text in {"open/file": "tea at four\n", "private/file": f"{SECRET}\n"}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@contextmanager
def turning(link: Path, targets: list[str]) -> Iterator[None]:
    """Turn `link` from one target to the next, again and again, while the block runs; there is always one."""
    over = threading.Event()
    new = link.with_name("new")
    link.symlink_to(targets[0])

    def turn() -> None:
        while not over.is_set():
            for target in targets:
                new.symlink_to(target)
                new.replace(link)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def allowed(effect):
    return "private" not in effect.target


@pytest.mark.parametrize(
    ("link", "targets", "path"),
    [
        ("link", ["open/file", "private/file"], "link"),
        ("folder", ["open", "private"], "folder/file"),
    ],
)
@pytest.mark.parametrize("tool", ["Read", "Grep"])
def test_a_link_that_is_turned_while_it_is_read_leads_to_no_denied_byte(run, work, tool, link, targets, path):
    arguments = {
        "Read": {"file_path": path},
        "Grep": {"pattern": ".", "path": path, "output_mode": "content"},
    }[tool]
    seen = set()
    with turning(work / link, targets):
        for _ in range(TRIES):
            seen.add(run(tool, arguments, allowed)[0])
    assert not any(SECRET in text for text in seen)
    assert any("tea at four" in text for text in seen)
    assert "Error: the policy does not allow this file to be read." in seen  # it was tried


def test_a_search_finds_no_denied_byte_behind_a_link_that_is_turned(run, work):
    seen = set()
    with turning(work / "folder", ["open", "private"]):
        for _ in range(TRIES // 5):
            seen.add(run("Grep", {"pattern": ".", "path": "folder", "output_mode": "content"}, allowed)[0])
            seen.add(run("Glob", {"pattern": "*", "path": "folder"}, allowed)[0])
    assert not any(SECRET in text for text in seen)
    assert {"folder/file:1:tea at four", "No files found"} <= seen


def test_a_search_finds_no_denied_byte_in_a_folder_that_is_put_in_the_place_of_another(run, work):
    place = work / "tree" / "folder"
    (work / "tree").mkdir()
    (work / "open").rename(place)
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            place.rename(work / "aside")
            place.symlink_to("../private")
            place.unlink()
            (work / "aside").rename(place)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        seen = {
            run("Grep", {"pattern": ".", "path": "tree", "output_mode": "content"}, allowed)[0]
            for _ in range(TRIES // 5)
        }
    finally:
        over.set()
        thread.join()
    assert not any(SECRET in text for text in seen)
    assert "tree/folder/file:1:tea at four" in seen
