"""Occasio's directory is where it should be, and nobody else's."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from occasio_core import OccasioError, Policy, UsageError
from occasio_core.home import home, keep_policy, policy_copy_path, prepared, run_path

posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def policy(text):
    return Policy(source="user", path=None, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())


def test_the_variable_names_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("OCCASIO_HOME", str(tmp_path))
    assert home() == tmp_path


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_variable_the_home_is_in_the_persons_own(monkeypatch, value):
    monkeypatch.delenv("OCCASIO_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("OCCASIO_HOME", value)
    assert home() == Path.home() / ".occasio"


def test_a_tilde_in_the_variable_is_expanded(monkeypatch):
    monkeypatch.setenv("OCCASIO_HOME", "~/elsewhere")
    assert home() == Path.home() / "elsewhere"


def test_a_relative_home_is_refused(monkeypatch):
    monkeypatch.setenv("OCCASIO_HOME", "occasio")
    with pytest.raises(UsageError, match="`occasio`, which is not an absolute path"):
        home()


@posix
def test_a_new_home_is_for_its_owner_alone(tmp_path):
    assert mode(prepared(tmp_path / "a" / "b")) == 0o700


@posix
def test_a_home_that_others_may_read_is_closed_to_them(tmp_path):
    tmp_path.chmod(0o755)
    assert mode(prepared(tmp_path)) == 0o700


@posix
@pytest.mark.parametrize("open_mode", [0o770, 0o707, 0o777])
def test_a_home_that_others_may_write_to_is_refused(tmp_path, open_mode):
    tmp_path.chmod(open_mode)
    with pytest.raises(OccasioError, match="others may write") as caught:
        prepared(tmp_path)
    assert "chmod 700" in caught.value.hint


@posix
def test_a_home_of_somebody_else_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(OccasioError, match="belongs to another user"):
        prepared(tmp_path)


@posix
def test_a_home_behind_ones_own_link_is_used(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert mode(prepared(tmp_path / "link")) == 0o700


@pytest.mark.parametrize("kind", ["file", "dangling"])
def test_a_home_that_is_no_directory_is_refused(tmp_path, kind):
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("", encoding="utf-8")
    else:
        place.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OccasioError, match="cannot be used"):
        prepared(place)


@pytest.mark.parametrize("run", ["", "../x", "a/b", "a.b", "-a", "a" * 129, "a\n"])
def test_what_is_no_run_id_names_no_file(tmp_path, run):
    with pytest.raises(UsageError, match="not the id of a run"):
        run_path(tmp_path, run)


def test_a_run_id_names_a_file_below_runs(tmp_path):
    assert run_path(tmp_path, "7f1d-0a") == tmp_path / "runs" / "7f1d-0a.json"


@posix
def test_a_policy_is_kept_under_its_hash_for_the_owner_alone(tmp_path):
    kept = keep_policy(tmp_path, policy("version: 1\n# ä\n"))
    assert kept == policy_copy_path(tmp_path, hashlib.sha256(kept.read_bytes()).hexdigest())
    assert (mode(kept), mode(kept.parent)) == (0o600, 0o700)


def test_a_kept_policy_that_was_changed_is_put_right(tmp_path):
    kept = keep_policy(tmp_path, policy("version: 1\n"))
    kept.write_text("version: 2\n", encoding="utf-8")
    keep_policy(tmp_path, policy("version: 1\n"))
    assert kept.read_text(encoding="utf-8") == "version: 1\n"


def test_keeping_a_policy_leaves_nothing_else_behind(tmp_path):
    for text in ("a: 1", "b: 2", "a: 1"):
        keep_policy(tmp_path, policy(text))
    assert len(list((tmp_path / "policies").iterdir())) == 2


def test_a_policy_that_cannot_be_kept_is_an_error_of_one_line(tmp_path):
    (tmp_path / "policies").write_text("", encoding="utf-8")
    with pytest.raises(OccasioError, match="cannot be written"):
        keep_policy(tmp_path, policy("version: 1\n"))
