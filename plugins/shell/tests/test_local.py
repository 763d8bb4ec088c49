"""What is run here prints what a real shell prints, on trees and lines that are made up; the rest is not run."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from occasio_shell.local import can_run
from occasio_shell.local.processes import trusted

TEXTS = [
    "",
    "one\n",
    "one\ntwo\n\nthree",
    "b\na\nb\n",
    "x y z\ttab\n  indented\n",
    "naïve café\n",
    "\0bin\xff\n",
    "1\n10\n2\n" * 30,
]
NAMES = ["a.txt", "b.py", "src/c.py", "src/deep/d.md", "with space", "é.txt", ".hidden", "src/.git-keep"]
LINES = [
    "ls{F} {D}", "ls -la src/../src", "cat {P} {Q}", "cat -n {P}", "head -n {N} {P}", "head -c {N} {P} {Q}",
    "tail -{N} {P}", "tail -n +{N} {P}", "wc {P} {Q}", "wc -l {P}", "grep {W} {P} {Q}", "grep -n -i {W} {P}",
    "grep -rn {W} src", "grep -c {W} {P}", "grep -v {W} {P}", "sort {P}", "sort -rn {P} {Q}", "sort -u {P} | uniq -c",
    "uniq -c {P}", "cut -d ' ' -f 1 {P}", "cut -c 1-3 {P}", "cat {P} | tr a-z A-Z", "nl {P}", "tac {P}", "rev {P}",
    "basename {P}", "dirname {P}", "realpath {P}", "stat -c '%n %s %F' {P}", "find {D} -name '*.py'",
    "find . -type f -size -2 | sort", "find {D} -maxdepth 1 -not -name '.*' | sort | head -{N}", "diff {P} {Q}",
    "diff -u {P} {P}", "cmp {P} {Q}", "md5sum {P} {Q}", "du -a src | sort", "echo say {W} {P}; pwd", "printf '%s-' a {N}",
    "ls nope 2>/dev/null || echo none", "ls {P} nope 2>&1 | sort", "cat {P} | grep {W} | wc -l", "true && echo yes",
    "cat nope && echo never; echo after", "paste {P} {Q}", "comm {P} {Q}", "fold -w {N} {P}", "readlink -f {P}",
    "git status --short", "git log --oneline --format=%s", "git diff", "git diff --stat HEAD", "git show --format=%s HEAD",
    "git ls-files", "git show HEAD:a.txt", "git branch", "git log -p --format=%h -- src | head -{N}", "git rev-parse HEAD",
    "git blame b.py", "git shortlog -sn HEAD", "git remote -v", "git tag", "git stash list", "git -C src status -sb",
]  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory, git):
    """A repository with files of every kind, some of them changed since."""
    folder = tmp_path_factory.mktemp("tree")
    git(folder, "init", "-q")
    for place, name in enumerate(NAMES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(
            TEXTS[place % len(TEXTS)].encode("latin-1" if "\xff" in TEXTS[place % 8] else "utf-8")
        )
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    (folder / "a.txt").write_text("one\nmore\n", encoding="utf-8")
    (folder / "new.txt").write_text("b\n", encoding="utf-8")
    (folder / "link").symlink_to("src")
    return folder


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    line=st.sampled_from(LINES),
    first=st.sampled_from([*NAMES, "new.txt", "nope"]),
    second=st.sampled_from([*NAMES, "new.txt", "-", "nope"]),
    folder=st.sampled_from([".", "src", "src/deep", "link", "link/"]),
    number=st.integers(1, 12),
    word=st.sampled_from(["a", "one", "'e .'", '"[0-9]"', "é", "-e x"]),
    flags=st.sampled_from(["", " -a", " -1 -r", " -R", " -p", " -S --full-time"]),
)
def test_a_line_prints_what_bash_prints(tree, here, bash, line, first, second, folder, number, word, flags):
    text = line
    for mark, value in {
        "F": flags,
        "D": folder,
        "P": quoted(first),
        "Q": quoted(second),
        "N": number,
        "W": word,
    }.items():
        text = text.replace(f"{{{mark}}}", str(value))
    assert can_run(text, str(tree)), text
    assert here(text, tree) == bash(text, tree), text


def quoted(name):
    return f"'{name}'" if " " in name else name


@pytest.mark.skipif(trusted("rg") is None, reason="rg is not installed among the system's programs")
@pytest.mark.parametrize(
    "text", ["rg -n one | sort", "rg -l b src | sort", "rg -i ONE a.txt", "cat a.txt | rg one", "rg nobody"]
)
def test_rg_prints_what_it_prints_in_bash(tree, here, bash, text):
    assert can_run(text, str(tree))
    assert here(text, tree) == bash(text, tree)


@pytest.mark.parametrize("text", ["date -u +%Y", "df -h .", "file a.txt", "date --iso-8601=date"])
def test_what_changes_by_itself_is_run_as_well(tree, here, text):
    if trusted(text.split()[0]) is None:
        pytest.skip("not installed")
    assert can_run(text, str(tree))
    assert not here(text, tree)[1]


@pytest.mark.parametrize(
    "text",
    [
        "find . -exec rm a.txt ;", "find . -exec rm {} +", "find . -execdir x", "find . -ok x", "find . -okdir x",
        "find . -delete", "find . -fprint x", "find . -fprintf x y", "find . -fls x", "find . -fprint0 x",
        "find -L . -name x", "find -H .", "find . -follow", "find -files0-from x", "find . -name", "sort -o x a.txt",
        "sort --output=x a.txt", "sort -ox a.txt", "sort --compress-program=sh a.txt", "sort -T . a.txt",
        "sort --files0-from=x", "sort --random-source=x a.txt", "uniq a.txt out.txt", "git log --output=x",
        "git diff --output=x", "git diff --output x", "git diff --no-index /etc/passwd a.txt", "git diff --ext-diff",
        "git diff --textconv", "git log --show-signature", "git log --format=%G?", "git log --pretty=format:%GK",
        "git log -S one", "git log -L1,2:a.txt", "git grep -O one", "git -c core.pager=sh log", "git --git-dir=x log",
        "git --exec-path=x log", "git -p log", "git branch new", "git branch -d main", "git branch -D main",
        "git branch -m x", "git branch --list x -D main", "git tag new", "git tag -d x", "git remote add x y",
        "git remote update", "git stash", "git stash drop", "git stash show -p", "git bisect run x", "git config -l",
        "git checkout x", "git fetch", "git push", "git commit -m x", "git status -v", "git diff -pw", "git show -sp HEAD", "git diff -U 3", "git x", "git", "git --help",
        "git show :/x", "git show HEAD:a.txt HEAD:b.py", "git show HEAD:a.txt..HEAD:b.py", "git log HEAD:a.txt",
        "git show :a.txt", "git cat-file -p HEAD", "git submodule status", "git help log", "git rev-parse --parseopt",
        "rg --pre sh one", "rg --pre=sh one", "rg -z one", "rg --search-zip one", "rg -f x", "rg --hostname-bin x y",
        "rg -L one", "rg --follow one", "grep -f x a.txt", "grep --file=x a.txt", "grep -R one .", "grep -D read one x",
        "grep --dereference-recursive one", "tail -f a.txt", "tail -F a.txt", "tail --follow a.txt", "tail --fol a.txt",
        "tail --retry a.txt", "tail --pid=1 a.txt", "date -s now", "date --set=now", "date 01010101", "date -f a.txt",
        "date -r a.txt", "file -C", "file -m x a.txt", "file -f x", "file -z x", "wc --files0-from=x", "du -L .",
        "du --files0-from=x", "du -X x", "md5sum -c x", "stat -L a.txt", "cat --help", "ls --version", "pwd -P",
        "echo -e a", "printf -v x y", "printf '%d' x", "env", "printenv", "set", "export", "cd src", "cd src && ls",
        "less a.txt", "more a.txt", "top", "vi a.txt", "awk 1 a.txt", "sed p a.txt", "xargs ls", "tee x", "curl x",
        "python3 -c 1", "sh -c ls", "eval ls", "exec ls", "command ls", "sudo ls", "time ls", "nohup ls", "touch x",
        "rm x", "/bin/ls", "./ls", "busybox ls", "ls --hyperlink", "yes", "cat a.txt | sh", "ls; rm x", "ls && rm x",
        "diff -r . src", "diff --to-file=x a.txt", "nl -Z", "head --lin=1 a.txt", "true | tee x", "alias", "source x",
    ],
)  # fmt: skip
def test_what_does_more_than_look_is_not_run(tree, here, text):
    assert not can_run(text, str(tree))
    told, is_error = here(text, tree)
    assert is_error
    assert told.startswith("Error: it cannot be run here")
