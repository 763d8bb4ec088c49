"""A look at what lies below tells names, follows no link, and ends."""

from __future__ import annotations

import pytest

from occasio_files import below
from occasio_files.below import names_below, shown_below


@pytest.fixture
def root(tmp_path):
    for name in ("a", "b/c", "b/.h", ".git/config", "x.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("*.log", encoding="utf-8")
    (tmp_path / "link").symlink_to("b")
    return tmp_path


def names(paths, root):
    return sorted(path.removeprefix(f"{root}/") for path in paths)


def test_all_names_below_are_told_but_those_in_a_repositorys_own_folder(root):
    found = names_below(str(root), lambda path: True)
    assert names(found, root) == [".git", ".gitignore", "a", "b", "b/.h", "b/c", "link", "x.log"]


def test_only_what_fits_is_told(root):
    assert names(names_below(str(root), lambda path: path.endswith("c")), root) == ["b/c"]


def test_a_folder_that_is_a_link_has_its_files_by_both_names(root):
    found = names_below(str(root / "link"), lambda path: path.endswith("c"))
    assert sorted(found) == [f"{root}/b/c", f"{root}/link/c"]


def test_a_look_ends_with_the_upper_names(root, monkeypatch):
    monkeypatch.setattr(below, "MAX_LOOK", 6)
    assert "b/c" not in names(names_below(str(root), lambda path: True), root)


def test_what_others_made_is_looked_at_after_all_else(root, monkeypatch):
    for name in ("node_modules/p", "node_modules/q/r", "b/d/e/f"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("", encoding="utf-8")
    found = names(names_below(str(root), lambda path: True), root)
    assert {"node_modules/p", "node_modules/q/r", "b/d/e/f"} <= set(found)
    monkeypatch.setattr(below, "MAX_LOOK", len(found) - 3)
    found = names(names_below(str(root), lambda path: True), root)
    assert ("b/d/e/f" in found, "node_modules" in found, "node_modules/p" in found) == (True, True, False)


def test_what_is_not_there_has_nothing_below(root):
    assert names_below(str(root / "missing"), lambda path: True) == ()
    assert shown_below(str(root / "missing")) == ()


def test_what_most_searches_show_is_neither_hidden_nor_ignored(root):
    assert names(shown_below(str(root)), root) == ["a", "b/c"]
