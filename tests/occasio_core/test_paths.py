"""However a path is spelled, its names lead to the file that would open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from occasio_core import Effect, EffectKind
from occasio_core.paths import MAX_TARGET, absolute, comparable, named, names_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and /proc as on POSIX")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A working directory `work` beside `keys/id`, with links of every kind; the home is `home`."""
    for name in ("work/sub", "keys", "home/.ssh"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "keys/id").write_text("secret", encoding="utf-8")
    (tmp_path / "home/.ssh/id").write_text("secret", encoding="utf-8")
    (tmp_path / "work/file-link").symlink_to(tmp_path / "keys/id")
    (tmp_path / "work/dir-link").symlink_to("../keys")
    (tmp_path / "work/sub/up").symlink_to(tmp_path / "work/dir-link")
    (tmp_path / "work/loop").symlink_to("loop")
    (tmp_path / "work/here").symlink_to("/proc/self/cwd")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lead_to(target, cwd):
    names = names_of(target, str(cwd))
    return set(names[1:] or names)


@pytest.mark.parametrize(
    "target",
    [
        "../keys/id",
        "..//keys/./id",
        "./../keys/../keys/id",
        "file-link",
        "dir-link/id",
        "sub/up/id",
        "missing/../../keys/id",
        "here/../keys/id",
        "here/file-link",
        "/proc/self/cwd/../keys/id",
        "/proc/self/cwd/file-link",
        "/proc/thread-self/cwd/file-link",
        "/proc/self/task/1/cwd/file-link",
        "/proc/self/root{tree}/keys/id",
        "//{tree}/keys/id",
        "/proc/{pid}/root{tree}/keys/id",
        "{tree}/keys/id",
        "{tree}/work/dir-link/id",
        " {tree}/keys/id ",
        "../keys/id\n",
        "~/../keys/id",
    ],
)
def test_every_spelling_leads_to_the_file(tree, target):
    target = target.format(tree=tree, pid=os.getpid())
    assert str(tree / "keys/id") in lead_to(target, tree / "work")


def test_a_dotdot_behind_a_link_is_read_both_ways(tree):
    assert lead_to("dir-link/../x", tree / "work") == {str(tree / "x"), str(tree / "work/x")}


def test_a_plain_path_has_one_name(tree):
    assert names_of("sub/new", str(tree / "work")) == (str(tree / "work/sub/new"),)


def test_the_first_name_is_the_path_as_written(tree):
    assert names_of("sub/../file-link", str(tree / "work"))[0] == str(tree / "work/file-link")


def test_a_path_is_seen_from_the_agents_directory_and_not_from_ours(tree):
    assert lead_to("/proc/self/cwd", tree / "work") == {str(tree / "work")}


def test_what_belongs_to_the_agents_process_is_not_looked_up_in_ours(tree):
    assert lead_to("/proc/self/environ", tree) == {"/proc/self/environ"}
    assert lead_to("/dev/fd/3", tree) == {"/proc/self/fd/3"}


def test_a_loop_of_links_ends(tree):
    assert lead_to("loop", tree / "work") == {str(tree / "work/loop")}


def test_a_tilde_is_the_home(tree):
    assert lead_to("~/.ssh/id", tree / "work") == {str(tree / "home/.ssh/id")}


def test_a_directory_that_is_called_tilde_is_seen_too(tree):
    (tree / "work/~").symlink_to(tree / "keys")
    assert str(tree / "keys/id") in lead_to("~/id", tree / "work")


def test_a_working_directory_behind_a_link_is_resolved(tree):
    assert lead_to("id", tree / "work/dir-link") == {str(tree / "keys/id")}


def test_a_path_below_a_working_directory_with_a_dotdot_is_resolved(tree):
    assert str(tree / "keys/id") in lead_to("id", f"{tree}/work/../keys")


@pytest.mark.parametrize("target", ["a\0b", "a" * (MAX_TARGET + 1)])
def test_what_cannot_be_a_path_is_refused(tree, target):
    with pytest.raises(ValueError, match="a path"):
        names_of(target, str(tree))


@pytest.mark.parametrize("cwd", ["", "work"])
def test_a_relative_path_without_a_directory_is_refused(cwd):
    with pytest.raises(ValueError, match="working directory is not known"):
        names_of("a", cwd)


def test_an_absolute_path_needs_no_directory():
    assert names_of("/nowhere/a", "") == ("/nowhere/a",)


def test_paths_are_named_and_hosts_are_not(tree):
    effects = [Effect(EffectKind.READ, "a"), Effect(EffectKind.DELETE, "b"), Effect(EffectKind.CONNECT, "host")]
    assert [effect.names for effect in named(effects, "/srv")] == [("/srv/a",), ("/srv/b",), ()]


def test_an_absolute_path_follows_no_links(tree):
    assert absolute("sub/../dir-link//id", str(tree / "work")) == str(tree / "work/dir-link/id")


def test_two_slashes_at_the_beginning_are_one(tree):
    assert absolute("//etc//passwd", "/") == "/etc/passwd"


def test_names_are_compared_as_they_are_where_case_counts():
    assert comparable("/A/b") == "/A/b"


PARTS = st.sampled_from(
    ["..", ".", "", "sub", "up", "dir-link", "file-link", "here", "keys", "id", "work", "~", "missing"]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PARTS, min_size=1, max_size=8), st.sampled_from(["", "{tree}/work/", "/proc/self/root{tree}/"]))
def test_whatever_the_kernel_opens_is_among_the_names(tree, parts, start):
    target = start.format(tree=tree) + "/".join(parts)
    os.chdir(tree / "work")  # the kernel can only be asked from there
    try:
        opened = os.open(target, os.O_RDONLY)
    except OSError:
        return
    found = os.fstat(opened)
    os.close(opened)
    assert any(
        os.path.samestat(found, Path(name).stat()) for name in lead_to(target, tree / "work") if Path(name).exists()
    )
