"""A walk tells regular files that the policy lets be read, stays where it began, and ends."""

from __future__ import annotations

import os

import pytest

from occasio_core import EffectKind
from occasio_files import tree as module
from occasio_files.globs import Globs
from occasio_files.tree import Tree, Wanted


def walked(root, permit=lambda effect: True, **members):
    tree = Tree(Wanted(root=str(root), globs=Globs(())), permit, **members)
    return tree, [os.path.relpath(found.path, root) for found in tree.below(str(root))]


@pytest.fixture
def root(tmp_path):
    for name in ("a", "b/c", "b/d/e", "private/key", "z"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


def test_all_files_below_are_told_in_order(root):
    assert walked(root)[1] == ["a", "b/c", "b/d/e", "private/key", "z"]


def test_links_pipes_and_sockets_are_left_out(root):
    (root / "link").symlink_to("a")
    (root / "folder").symlink_to("b")
    os.mkfifo(root / "pipe")
    assert walked(root)[1] == ["a", "b/c", "b/d/e", "private/key", "z"]


def test_a_denied_folder_is_not_looked_into(root, monkeypatch):
    opened = []
    entries = module.Handle.entries
    monkeypatch.setattr(module.Handle, "entries", lambda self: opened.append(self.path) or entries(self))
    tree, found = walked(root, lambda effect: effect.target != str(root / "private"))
    assert found == ["a", "b/c", "b/d/e", "z"]
    assert (str(root / "private") in opened, tree.denied) == (False, 1)


def test_a_denied_file_is_not_told_and_counted(root):
    tree, found = walked(root, lambda effect: not effect.target.endswith(("/c", "/e")))
    assert (found, tree.denied) == (["a", "private/key", "z"], 2)


def test_the_policy_is_asked_for_reading_and_by_every_name(root):
    asked = []
    link = root.parent / "link"
    link.symlink_to(root)
    list(Tree(Wanted(root="/", globs=Globs(())), lambda effect: not asked.append(effect)).below(str(link / "b" / "d")))
    assert {effect.kind for effect in asked} == {EffectKind.READ}
    assert [effect.target for effect in asked] == [f"{at}/b/d{name}" for name in ("", "/e") for at in (link, root)]


def test_a_denied_root_tells_nothing(root):
    assert walked(root, lambda effect: False)[1] == []


def test_a_walk_ends_after_so_many_entries(root, monkeypatch):
    monkeypatch.setattr(module, "MAX_ENTRIES", 3)
    tree, found = walked(root)
    assert (found, tree.stopped) == (["a", "b/c"], "after 3 files and folders")


def test_a_walk_ends_after_so_long(root):
    ticks = iter([0.0, 1.0, 2.0, *[11.0] * 9])
    tree, found = walked(root, clock=lambda: next(ticks))
    assert (found, tree.stopped) == (["a"], "after 10 seconds")


def test_a_walk_goes_only_so_deep(root, monkeypatch):
    monkeypatch.setattr(module, "MAX_DEPTH", 1)
    tree = Tree(Wanted(root=str(root), globs=Globs(()), max_depth=1), lambda effect: True)
    assert [found.name for found in tree.below(str(root))] == ["a", "z"]
    assert tree.is_cut == "nothing below 1 folders was looked at"


def test_a_file_that_was_put_there_meanwhile_is_asked_about(root):
    tree = Tree(Wanted(root=str(root), globs=Globs(())), lambda effect: True)
    for found in tree.below(str(root)):
        if found.name == "a":
            (root / "a").unlink()
            (root / "a").symlink_to("private/key")
            assert tree.read(found, 99) is None


def test_a_file_whose_folder_moved_is_asked_about_where_it_is_now(root):
    asked = []
    tree = Tree(Wanted(root=str(root), globs=Globs(())), lambda effect: not asked.append(effect.target))
    for found in tree.below(str(root)):
        if found.name == "e":
            (root / "b" / "d").rename(root / "private" / "d")
            tree.read(found, 99)
            assert asked[-1] == str(root / "private" / "d" / "e")
            break


def test_a_file_that_has_other_names_is_asked_about_in_full_and_by_all_paths(root):
    os.link(root / "private" / "key", root / "b" / "linked")
    permit = Folders(lambda effect: effect.target != str(root / "b" / "linked"))
    tree, found = walked(root, permit)
    assert ("b/linked" in found, "private/key" in found, tree.denied) == (False, True, 1)
    assert [effect.target for effect in permit.asked] == [
        str(root),
        *(str(root / name) for name in ("b/linked", "private/key")),
    ]


def test_a_file_that_is_another_by_now_and_has_other_names_is_asked_about(root):
    asked = []
    tree = Tree(Wanted(root=str(root), globs=Globs(())), lambda effect: not asked.append(effect.target))
    for found in tree.below(str(root)):
        if found.name == "a":
            (root / "a").unlink()
            os.link(root / "private" / "key", root / "a")
            assert (tree.read(found, 99), asked[-1]) == (b"private/key", str(root / "a"))
            tree.permit = lambda effect: False
            assert tree.read(found, 99) is None
            break


def test_a_permit_that_answers_for_folders_is_not_asked_about_each_file(root):
    permit = Folders(lambda effect: True, lambda path: path not in {str(root / "a"), str(root / "b" / "d")})
    tree, found = walked(root, permit)
    assert (found, tree.denied) == (["b/c", "private/key", "z"], 2)
    assert [effect.target for effect in permit.asked] == [str(root)]


class Folders:
    """A permit that answers for folders: `may` for what is asked about in full, `lets` for paths of entries."""

    def __init__(self, may, lets=lambda path: True, folder=None, asked=None):
        self.may, self.lets, self.folder = may, lets, folder
        self.asked = [] if asked is None else asked

    def __call__(self, asked, /):
        if self.folder is not None:
            return self.lets(f"{self.folder}/{asked}")
        self.asked.append(asked)
        return self.may(asked)

    def within(self, name, /):
        return Folders(self.may, self.lets, f"{self.folder}/{name}" if self.folder else name, self.asked)


@pytest.mark.parametrize("put", ["link", "pipe", "nothing"])
def test_what_is_no_file_any_more_when_it_comes_to_it_is_left_out(root, monkeypatch, put):
    entries = module.Handle.entries

    def then_changed(folder):
        found = entries(folder)
        if folder.path == str(root):
            (root / "a").unlink()
            {"link": lambda: (root / "a").symlink_to("z"), "pipe": lambda: os.mkfifo(root / "a")}.get(put, bool)()
        return found

    monkeypatch.setattr(module.Handle, "entries", then_changed)
    assert walked(root)[1] == ["b/c", "b/d/e", "private/key", "z"]


def test_a_place_that_is_not_there_is_an_error(root):
    with pytest.raises(FileNotFoundError):
        walked(root / "missing")
