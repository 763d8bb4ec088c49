"""Lists of ignored files hold where git and ripgrep say they hold; test_like_ripgrep.py compares with the real one."""

from __future__ import annotations

import os

import pytest

from occasio_files.ignore import MAX_LIST, level_of, own_list


@pytest.fixture
def ignored(tmp_path, monkeypatch):
    """Return whether a path of a repository is ignored, its lists given by their names."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    own_list.cache_clear()
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)

    def asked(path, **lists):
        for name, text in lists.items():
            target = work / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        return level_of(str((work / path).parent)).ignores(str(work / path), is_folder=path.endswith("/"))

    yield asked
    own_list.cache_clear()


@pytest.mark.parametrize(
    ("path", "lists", "is_ignored"),
    [
        ("a.log", {".gitignore": "*.log"}, True),
        ("sub/a.log", {".gitignore": "*.log"}, True),
        ("sub/a.log", {".gitignore": "/*.log"}, False),
        ("sub/a.log", {".gitignore": "*.log", "sub/.gitignore": "!a.log"}, False),
        ("sub/a.log", {".gitignore": "!*.log", "sub/.gitignore": "*.log"}, True),
        ("a.log", {".git/info/exclude": "*.log"}, True),
        ("a.log", {".git/info/exclude": "*.log", ".gitignore": "!a.log"}, False),
        ("a.log", {".gitignore": "*.log", ".ignore": "!a.log"}, False),
        ("a.log", {".ignore": "!a.log", ".rgignore": "a.log"}, True),
        ("a.log", {".gitignore": "\ufeff*.log\r\n"}, True),
        ("a.log", {".gitignore": "[\n*.log"}, True),
        ("inner/a.log", {".gitignore": "*.log", "inner/.git/HEAD": ""}, False),
        ("inner/a.log", {".ignore": "*.log", "inner/.git/HEAD": ""}, True),
    ],
)
def test_a_path_is_ignored_or_not(ignored, path, lists, is_ignored):
    assert ignored(path, **lists) is is_ignored


def test_outside_a_repository_the_lists_of_git_say_nothing(tmp_path):
    (tmp_path / ".gitignore").write_text("*.log\n", encoding="utf-8")
    assert not level_of(str(tmp_path)).ignores(f"{tmp_path}/a.log", is_folder=False)


def test_the_persons_own_list_holds_everywhere(ignored, tmp_path):
    (tmp_path / "home" / ".config" / "git").mkdir(parents=True)
    (tmp_path / "home" / ".config" / "git" / "ignore").write_text("*.own\n", encoding="utf-8")
    assert ignored("a.own")


def test_the_persons_own_list_may_lie_elsewhere(ignored, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text("[core]\n\texcludesFile = ~/mine\n", encoding="utf-8")
    (tmp_path / "home" / "mine").write_text("*.own\n", encoding="utf-8")
    assert ignored("a.own")


def test_a_worktree_has_the_list_of_its_repository(ignored, tmp_path):
    tree = tmp_path / "tree"
    private = tmp_path / "work" / ".git" / "worktrees" / "tree"
    private.mkdir(parents=True)
    tree.mkdir()
    (private / "commondir").write_text("../..\n", encoding="utf-8")
    (tree / ".git").write_text(f"gitdir: {private}\n", encoding="utf-8")
    ignored("x", **{".git/info/exclude": "*.log"})
    assert level_of(str(tree)).ignores(f"{tree}/a.log", is_folder=False)


def test_a_list_that_is_a_pipe_holds_nothing_up(ignored, tmp_path):
    os.mkfifo(tmp_path / "work" / ".gitignore")
    assert not ignored("a.log")


def test_of_a_huge_list_the_beginning_counts(ignored):
    assert not ignored("a.log", **{".gitignore": "#" * MAX_LIST + "\n*.log\n"})
