"""A git_state row says what git says, in a form of bounded size, and asking runs nothing that the tree names."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from occasio_core import git_state as module
from occasio_core.git_state import git_state
from occasio_verify import git_digest

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

IDENTITY = ("-c", "user.name=T", "-c", "user.email=t@example.com")


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def _no_configuration_of_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with one commit of one file."""
    place = tmp_path / "tree"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    (place / "a").write_text("one\n", encoding="utf-8")
    git(place, "add", "a")
    git(place, "commit", "-q", "-m", "first")
    return place


def test_a_clean_tree_is_told_with_its_head_and_branch(tree: Path) -> None:
    state = git_state(tree, "run_start")
    assert state == {
        "phase": "run_start",
        "cwd": str(tree),
        "is_repo": True,
        "head": git(tree, "rev-parse", "HEAD"),
        "branch": "main",
        "dirty": False,
        "changed_files": [],
        "untracked_files": [],
        "diff_hash": None,
        "digest": git_digest(state),
    }


def test_changed_and_untracked_files_are_told_apart(tree: Path) -> None:
    (tree / "a").write_text("two\n", encoding="utf-8")
    (tree / "new name").touch()
    state = git_state(tree, "run_end")
    assert (state["dirty"], state["changed_files"], state["untracked_files"]) == (True, ["a"], ["new name"])


def test_the_diff_hash_follows_what_changed(tree: Path) -> None:
    hashes = set()
    for text in ("two\n", "three\n"):
        (tree / "a").write_text(text, encoding="utf-8")
        hashes.add(git_state(tree, "run_end")["diff_hash"])
    assert len(hashes - {None}) == 2


def test_a_renamed_file_is_told_by_its_new_name(tree: Path) -> None:
    git(tree, "mv", "a", "b c")
    assert git_state(tree, "run_end")["changed_files"] == ["b c"]


def test_a_detached_head_has_no_branch(tree: Path) -> None:
    git(tree, "checkout", "-q", "--detach")
    assert git_state(tree, "run_start")["branch"] is None


def test_a_repository_without_a_commit_has_no_head(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a").touch()
    git(tmp_path, "add", "a")
    state = git_state(tmp_path, "run_start")
    assert (state["is_repo"], state["head"], state["branch"], state["diff_hash"]) == (True, None, "main", None)


def test_a_directory_outside_of_any_repository_is_no_repository(tmp_path: Path) -> None:
    state = git_state(tmp_path, "run_start")
    assert (state["is_repo"], state["dirty"], state["digest"]) == (False, False, git_digest(state))


def test_without_git_there_is_no_repository(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree))
    assert git_state(tree, "run_start")["is_repo"] is False


def test_a_git_that_takes_too_long_is_not_waited_for(
    tmp_path: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(module, "SECONDS", 0.1)
    assert git_state(tree, "run_start")["is_repo"] is False


def test_long_lists_are_clipped(tree: Path) -> None:
    for number in range(module.MAX_NAMES + 10):
        (tree / f"{number:04}").touch()
    untracked = git_state(tree, "run_end")["untracked_files"]
    assert isinstance(untracked, list)
    assert (len(untracked), untracked[0]) == (module.MAX_NAMES, "0000")


def test_long_names_are_clipped_by_their_bytes(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NAME_BYTES", 10)
    for name in ("aaaa1", "aaaa2", "aaaa3"):
        (tree / name).touch()
    assert git_state(tree, "run_end")["untracked_files"] == ["aaaa1", "aaaa2"]


def test_a_name_that_is_not_utf_8_is_spelled_out(tree: Path) -> None:
    try:
        Path(os.fsdecode(bytes(tree) + b"/caf\xe9")).touch()
    except OSError:
        pytest.skip("this file system wants UTF-8")
    assert git_state(tree, "run_end")["untracked_files"] == ["caf\\xe9"]


def test_the_callers_variables_do_not_turn_git_to_another_tree(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tree / ".git"))
    assert git_state(tmp_path, "run_start")["is_repo"] is False


def test_the_callers_settings_are_kept(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "status.showUntrackedFiles")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "all")
    assert git_state(tree, "run_start")["is_repo"] is True


@pytest.mark.parametrize("setting", ["filter.x.clean", "filter.a=b.clean", "core.fsmonitor", "diff.x.textconv"])
def test_no_program_of_the_repositorys_own_is_run(tree: Path, tmp_path: Path, setting: str) -> None:
    trace = tmp_path / "ran"
    git(tree, "config", setting, f"touch '{trace}'; cat; true")
    name = setting.split(".")[1]
    (tree / ".git" / "info" / "attributes").write_text(f"* filter={name} diff=x\n", encoding="utf-8")
    (tree / "a").write_text("two\n", encoding="utf-8")
    state = git_state(tree, "run_end")
    assert (state["changed_files"], trace.exists()) == (["a"], False)


def test_the_index_is_not_written(tree: Path) -> None:
    index = tree / ".git" / "index"
    os.utime(tree / "a", ns=(1, 1))
    before = index.read_bytes()
    git_state(tree, "run_start")
    assert index.read_bytes() == before
