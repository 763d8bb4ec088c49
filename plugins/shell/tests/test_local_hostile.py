"""What a stranger's repository, an endless file or an agent that works against us gets out of running lines here: nothing."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from occasio_core import EffectKind
from occasio_shell.local import MAX_OUTPUT, can_run, carry_out
from occasio_shell.local import checks as checking
from occasio_shell.local.git import is_harmless
from occasio_shell.local.processes import Limits, Process, run, trusted

LOOKS = [
    "git status", "git status --short", "git diff", "git diff --stat", "git diff HEAD", "git diff --cached", "git log -p",
    "git log --oneline", "git show HEAD", "git show HEAD:kept.txt", "git blame kept.txt", "git branch", "git ls-files -m",
    "git stash list", "git describe --always", "git remote -v", "git shortlog -s HEAD",
]  # fmt: skip


@pytest.fixture
def canary(tmp_path):
    """A program that leaves a file when it is started, and that file."""
    sign = tmp_path / "sign"
    program = tmp_path / "canary"
    program.write_text(f"#!/bin/sh\ntouch {sign}\ncat 2>/dev/null\n", encoding="utf-8")
    program.chmod(0o755)
    return program, sign


@pytest.fixture
def repository(tmp_path, git, canary):
    """A repository whose files are changed, so that git has to look at them, with attributes that name drivers."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "kept.txt").write_text("one\n", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    (folder / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n", encoding="utf-8")
    (folder / "kept.txt").write_text("two\n", encoding="utf-8")
    hooks = folder / ".git" / "hooks"
    for name in ("post-index-change", "post-checkout", "pre-commit", "reference-transaction", "fsmonitor-watchman"):
        (hooks / name).write_bytes(canary[0].read_bytes())
        (hooks / name).chmod(0o755)
    return folder


def settings(program):
    return {
        "core.fsmonitor": program, "core.pager": program, "pager.log": program, "pager.status": program,
        "diff.external": program, "diff.evil.command": program, "diff.evil.textconv": program,
        "filter.evil.clean": program, "filter.evil.smudge": program, "filter.evil.process": program,
        "core.hooksPath": program.parent, "core.sshCommand": program, "core.editor": program, "core.gitProxy": program,
        "core.askPass": program, "credential.helper": program, "gpg.program": program, "log.showSignature": "true",
        "alias.status": f"!{program}", "alias.log": f"!{program}", "core.alternateRefsCommand": program,
        "interactive.diffFilter": program, "sequence.editor": program, "trace2.eventTarget": program,
        "core.attributesFile": program, "include.path": program, "includeIf.gitdir:/.path": program,
        "core.worktree": "/", "extensions.partialClone": "evil", "remote.evil.promisor": "true",
        "uploadpack.packObjectsHook": program, "format.pretty": "%G?", "blame.ignoreRevsFile": "/etc/passwd",
    }  # fmt: skip


NAMES = list(settings(Path("/x/y")))


@pytest.mark.parametrize("name", NAMES)
def test_a_repository_that_may_start_something_is_not_looked_into(repository, git, canary, here, name):
    program, sign = canary
    git(repository, "config", "--file", ".git/config", name, str(settings(program)[name]))
    for text in LOOKS:
        assert not can_run(text, str(repository)), text
        assert here(text, repository)[1]
    assert not sign.exists()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "extensions.partialClone"])
def test_nothing_is_started_even_if_the_configuration_came_behind_the_check(
    repository, git, canary, here, monkeypatch, name
):
    program, sign = canary
    monkeypatch.setattr("occasio_shell.local.check_configuration", lambda folder: None)
    git(repository, "config", "--file", ".git/config", name, str(settings(program)[name]))
    for text in LOOKS:
        if name.startswith(("filter.evil.clean", "filter.evil.process")) and sign.exists():
            pytest.xfail("a filter has a name of its own, which no setting can overrule beforehand")
        here(text, repository)
    if name in {"filter.evil.clean", "filter.evil.process"}:
        sign.unlink(missing_ok=True)
    assert not sign.exists()


def test_the_canary_sings_where_git_is_started_as_everybody_starts_it(repository, git, canary):
    program, sign = canary
    git(repository, "config", "core.fsmonitor", str(program))
    git(repository, "status")
    assert sign.exists()


@pytest.mark.parametrize("name", NAMES)
def test_no_setting_that_starts_something_is_a_plain_fact(name):
    assert not is_harmless(name)


def test_a_repository_within_a_repository_is_not_entered(repository, git, canary, here, tmp_path):
    program, sign = canary
    inner = repository / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "x").write_text("x\n", encoding="utf-8")
    git(inner, "add", ".")
    git(inner, "commit", "-q", "-m", "x")
    git(repository, "add", "inner")
    (inner / ".gitattributes").write_text("* filter=evil\n", encoding="utf-8")
    (inner / "x").write_text("y\n", encoding="utf-8")
    for name in ("filter.evil.clean", "core.fsmonitor"):
        git(inner, "config", name, str(program))
    sign.unlink(missing_ok=True)
    for text in ("git status", "git diff", "git diff HEAD", "git ls-files -m", "git show HEAD"):
        assert can_run(text, str(repository))
        here(text, repository)
    assert not sign.exists()
    assert not can_run("git -C inner status", str(repository))


def test_a_bare_repository_among_the_files_is_not_taken_for_one(tmp_path, git, canary, here):
    program, sign = canary
    git(tmp_path, "init", "-q", "--bare", "bare")
    git(tmp_path / "bare", "config", "core.fsmonitor", str(program))
    assert here("git status", tmp_path / "bare")[1]
    assert not sign.exists()


@pytest.mark.parametrize(
    "variable", ["GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_SSH_COMMAND", "LD_PRELOAD", "PATH", "PAGER"]
)
def test_the_environment_of_the_process_is_not_handed_on(repository, canary, here, monkeypatch, variable):
    monkeypatch.setenv(variable, str(canary[0].parent if variable == "PATH" else canary[0]))
    here("git diff", repository)
    here("git log", repository)
    assert not canary[1].exists()


def test_secrets_of_the_environment_are_not_handed_on(tmp_path, monkeypatch, here):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "hunter2")
    limits = Limits(until=time.monotonic() + 5, size=9999)
    printed = run([Process(program="env", arguments=())], str(tmp_path), limits).output.decode()
    assert {line.partition("=")[0] for line in printed.split("\n") if line} == {"PATH", "LC_ALL", "HOME", "TERM", "PWD"}


def test_a_program_of_the_same_name_in_the_project_is_not_run(tmp_path, canary, here):
    (tmp_path / "ls").write_bytes(canary[0].read_bytes())
    (tmp_path / "ls").chmod(0o755)
    assert "canary" in here("ls", tmp_path)[0]
    assert not canary[1].exists()


def test_only_what_root_alone_can_change_is_trusted(tmp_path, monkeypatch):
    program = tmp_path / "ls"
    program.write_text("", encoding="utf-8")
    program.chmod(0o777)
    monkeypatch.setattr("occasio_shell.local.processes.TRUSTED", (str(tmp_path), "/usr/bin"))
    assert trusted("ls") == "/usr/bin/ls"
    assert trusted("no-such-program") is None


# Limits.


def test_what_prints_without_end_is_ended(tmp_path):
    limits = Limits(until=time.monotonic() + 60, size=1000)
    ended = run([Process(program="yes", arguments=())], str(tmp_path), limits)
    assert (len(ended.output), ended.stopped) == (1000, "it printed too much")


def test_what_prints_much_is_cut(tmp_path, here):
    (tmp_path / "big").write_bytes(b"0123456789abcde\n" * 400_000)
    told, is_error = here("cat big", tmp_path)
    assert not is_error
    assert len(told) <= MAX_OUTPUT + 100
    assert told.endswith("[stopped by Occasio: it printed too much]")


def test_what_takes_too_long_is_ended_with_everything_that_it_started(tmp_path):
    limits = Limits(until=time.monotonic() + 0.3, size=1000)
    pipeline = [Process(program="sleep", arguments=("600",)), Process(program="cat", arguments=())]
    ended = run(pipeline, str(tmp_path), limits)
    assert (ended.stopped, ended.code) == ("it took too long", 137)
    assert not [path for path in Path("/proc").iterdir() if path.name.isdigit() and _is_sleeping_for_us(path)]


def _is_sleeping_for_us(process):
    try:
        parts = (process / "cmdline").read_bytes().split(b"\0")
        parent = re.search(r"PPid:\s*(\d+)", (process / "status").read_text(encoding="utf-8"))
    except OSError:
        return False
    return parts[:2] == [b"sleep", b"600"] and parent is not None and int(parent[1]) == os.getpid()


def test_the_call_may_ask_for_less_time_and_not_for_more(tmp_path, here):
    (tmp_path / "tree").mkdir()
    assert here("ls", tmp_path, seconds=1e9) == ("tree", False)
    assert here("find . -regex '.*'", tmp_path, seconds=0)[0].endswith("it took too long]")


@pytest.mark.parametrize(
    "text", ["cat pipe", "head pipe", "grep x pipe", "wc -c pipe", "cat a pipe", "sort pipe", "cat /dev/zero"]
)
def test_only_regular_files_are_read(tmp_path, here, text):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a").write_text("a\n", encoding="utf-8")
    told, is_error = here(text, tmp_path)
    assert (is_error, "is not a regular file" in told) == (True, True)


def test_nothing_is_written_even_by_a_program_that_was_told_to(tmp_path):
    limits = Limits(until=time.monotonic() + 5, size=1000)
    run([Process(program="sort", arguments=("-o", "made", "/etc/passwd"))], str(tmp_path), limits)
    if trusted("prlimit") is None:
        pytest.skip("no prlimit")
    assert (tmp_path / "made").stat().st_size == 0


# The policy.


def refusing(*names):
    def permit(effect):
        assert effect.kind is EffectKind.READ
        return not any(f"/{name}" in f"{os.path.realpath(effect.target)}/" for name in names)

    return permit


@pytest.fixture
def tree(tmp_path, git):
    folder = tmp_path / "tree"
    for name in ("open/a.txt", "open/deep/b.txt", "shut/secret.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"text of {name}\n", encoding="utf-8")
    (folder / "open" / "way").symlink_to("../shut/secret.txt")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    (folder / "shut" / "secret.txt").write_text("text of another secret\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "cat shut/secret.txt", "cat open/../shut/secret.txt", "cat open/way", "head open/a.txt open/way", "ls shut",
        "ls -R", "ls -R .", "find .", "find shut", "grep text shut/secret.txt", "grep -r text", "grep -rn text .",
        "rg text", "rg text .", "du", "stat shut/secret.txt", "file shut/secret.txt", "md5sum open/way", "wc shut/secret.txt",
        "sort shut/secret.txt", "diff open/a.txt shut/secret.txt", "realpath open/way", "git diff", "git diff -- shut",
        "git log -p", "git show HEAD", "git show HEAD:shut/secret.txt", "git show HEAD:./shut/secret.txt", "git -C open diff",
        "git diff HEAD", "git show --format=x -s -p HEAD", "git blame shut/secret.txt", "git -C shut status",
        "echo x | cat - shut/secret.txt", "true && cat shut/secret.txt", "git diff --word-diff", "git diff -U1", "git log --stat -p -w", "git show --stat -p HEAD --",
    ],
)  # fmt: skip
def test_what_the_policy_denies_is_not_shown(tree, here, text):
    if trusted(text.split()[0]) is None:
        pytest.skip("not installed")
    told, is_error = here(text, tree, refusing("shut/"))
    assert is_error
    assert "does not allow" in told
    assert "text of" not in told


@pytest.mark.parametrize(
    "text", ["cat open/a.txt", "ls", "ls open", "grep -r text open/deep", "git status", "git diff open"]
)
def test_what_the_policy_lets_through_is_shown(tree, here, text):
    assert not here(text, tree, refusing("shut/"))[1]


def test_a_blob_without_a_name_is_not_shown(tree, here, git):
    blob = here("git rev-parse HEAD:shut", tree)  # not run: a tree by its name
    assert blob[1]
    listed = here("git ls-tree -r HEAD", tree)[0]
    number = re.search(r"blob (\w+)\tshut/secret.txt", listed)[1]
    for text in (f"git show {number}", f"git diff {number} HEAD", f"git diff {number}..{number}"):
        told, is_error = here(text, tree, refusing("shut/"))
        assert is_error
        assert "text of" not in told


def test_git_compares_no_files_outside_of_the_repository(tree, here):
    (tree.parent / "outside.txt").write_text("text of outside\n", encoding="utf-8")
    for text in (
        "git diff ../outside.txt open/a.txt",
        "git diff ../outside.txt ../outside.txt",
        "git -C .. diff tree outside.txt",
    ):
        told, is_error = here(text, tree)
        assert is_error
        assert "text of" not in told


def test_a_file_that_is_exchanged_while_the_command_runs_is_not_shown(tree):
    def exchanged(*given, **more):
        (tree / "open" / "a.txt").unlink()
        (tree / "open" / "a.txt").symlink_to("../shut/secret.txt")
        return run(*given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("occasio_shell.local.run", exchanged)
        told, is_error = carry_out("cat open/a.txt", str(tree), lambda effect: True)
    assert is_error
    assert "text of" not in told


def test_a_tree_that_is_too_large_to_ask_about_is_not_searched(tree, here, monkeypatch):
    monkeypatch.setattr(checking, "MAX_ENTRIES", 2)
    assert "more than 2 files" in here("grep -r text open", tree)[0]


def test_a_search_does_not_follow_links_out_of_the_tree(tree, here):
    (tree / "open" / "out").symlink_to("../shut")
    for text in ("grep -r text open", "find open", "ls -R open"):
        told, _ = here(text, tree, refusing("shut/"))
        assert "another secret" not in told
        assert "secret.txt" not in told.replace("../shut/secret.txt", "")
