"""`occasio policy show`, `validate`, `init`, `lock` and `diff`: what a policy says, and whether it still says so."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from occasio_core.policy.templates import template, templates
from tests.occasio_core.cli.commands import Captured, assert_refused, occasio


@pytest.fixture
def policy(home: Path) -> Path:
    """A policy in the home."""
    home.mkdir(mode=0o700)
    (home / "policy.yml").write_text("version: 1\ndeny_paths:\n  - ~/private\n", encoding="utf-8")
    return home / "policy.yml"


# show


def test_without_a_policy_the_built_in_one_is_shown(home: Path, capsys: Captured) -> None:
    assert occasio("policy", "show") == 0
    out, err = capsys.readouterr()
    assert "  ~/.ssh\n" in out
    assert "occasio policy init" in err
    assert not home.exists()


def test_each_rule_is_shown_with_where_it_stands(policy: Path, capsys: Captured) -> None:
    assert occasio("policy", "show") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  line 3    ~/private" in lines
    assert "  built in  ~/.ssh" in lines


def test_only_what_is_the_person_s_own_is_shown(policy: Path, capsys: Captured) -> None:
    assert occasio("policy", "show", "--diff") == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["version", "1", "line", "1"],
        ["deny_paths"],
        ["line", "3", "~/private"],
    ]


def test_a_policy_is_shown_for_programs(policy: Path, capsys: Captured) -> None:
    assert occasio("policy", "show", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert {"key": "deny_paths", "name": "~/private", "value": "", "line": 3} in shown["rules"]
    assert str(policy.parent) in shown["protected"]


# validate


def test_a_valid_policy_exits_0(policy: Path, capsys: Captured) -> None:
    assert occasio("policy", "validate") == 0
    assert capsys.readouterr().out == ""


def test_no_policy_is_valid(home: Path) -> None:
    assert occasio("policy", "validate") == 0


def test_problems_are_data_with_place_and_hint(policy: Path, capsys: Captured) -> None:
    policy.write_text("version: 1\ntols: {}\n", encoding="utf-8")
    assert occasio("policy", "validate", policy) == 1
    assert capsys.readouterr().out == f"{policy}:2:1: the key `tols` is not known\n  hint: did you mean `tools`?\n"


def test_problems_are_told_to_programs(policy: Path, capsys: Captured) -> None:
    policy.write_text("version: 1\ntols: {}\n", encoding="utf-8")
    assert occasio("policy", "validate", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["valid"] is False
    assert told["problems"][0]["hint"] == "did you mean `tools`?"


def test_a_file_that_is_not_there_is_wrong_use(home: Path, capsys: Captured) -> None:
    assert occasio("policy", "validate", "none.yml") == 2


@pytest.mark.parametrize("command", [["validate"], ["test"], ["diff"]])
def test_an_endless_device_is_no_policy(home: Path, command: list[str], capsys: Captured) -> None:
    assert occasio("policy", *command, "/dev/zero") == 2
    assert "/dev/zero" in (said := capsys.readouterr().err)
    assert "is not a file" in said


def test_one_problem_is_counted_as_one(policy: Path, capsys: Captured) -> None:
    policy.write_text("version: 1\ndeny_pats: [x]\n", encoding="utf-8")
    assert occasio("policy", "validate") == 1
    assert capsys.readouterr().err.endswith(": 1 problem\n")


# init


@pytest.mark.parametrize("name", templates())
def test_a_template_is_written_with_its_schema_beside_it(home: Path, capsys: Captured, name: str) -> None:
    assert occasio("policy", "init", "--template", name) == 0
    assert capsys.readouterr().out == f"{home}/policy.yml\n"
    assert (home / "policy.yml").read_bytes() == template(name)
    assert stat.S_IMODE((home / "policy.yml").stat().st_mode) == 0o600
    assert json.loads((home / "policy.schema.json").read_bytes())["title"] == "Occasio policy"
    assert occasio("policy", "validate") == 0


def test_a_policy_is_not_replaced_unless_that_is_said(policy: Path, capsys: Captured) -> None:
    before = policy.read_bytes()
    assert occasio("policy", "init") == 2
    assert_refused(capsys, "is there already", "--force")
    assert policy.read_bytes() == before
    assert occasio("policy", "init", "--force") == 0
    assert policy.read_bytes() == template("dev-default")
    assert policy.with_name("policy.yml.old").read_bytes() == before


def test_an_unknown_template_is_told_with_the_nearest(home: Path, capsys: Captured) -> None:
    assert occasio("policy", "init", "--template", "strikt") == 2
    assert_refused(capsys, "there is no template `strikt`", "did you mean `strict`?")
    assert not home.exists()


def test_a_policy_can_be_written_elsewhere(home: Path, tmp_path: Path) -> None:
    assert occasio("policy", "init", "--path", tmp_path / "p.yml") == 0
    assert (tmp_path / "p.yml").exists()
    assert not home.exists()


# lock and diff


def test_a_lock_is_no_difference_until_the_policy_changes(policy: Path, capsys: Captured) -> None:
    assert occasio("policy", "lock") == 0
    assert capsys.readouterr().out == f"{policy.parent}/policy.lock\n"
    assert occasio("policy", "diff") == 0
    policy.write_text("version: 1\ndeny_paths:\n  - ~/other\n", encoding="utf-8")
    capsys.readouterr()
    assert occasio("policy", "diff") == 1
    assert capsys.readouterr().out == "+ deny_paths: ~/other\n- deny_paths: ~/private\n"


def test_a_comment_is_a_difference_only_where_bytes_matter(policy: Path, capsys: Captured) -> None:
    occasio("policy", "lock")
    policy.write_text("# mine\n" + policy.read_text(encoding="utf-8"), encoding="utf-8")
    assert occasio("policy", "diff") == 0
    assert "the bytes differ" in capsys.readouterr().err
    assert occasio("policy", "diff", "--exact") == 1


def test_two_policies_are_compared(home: Path, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a.yml").write_text("limits: {max_requests_per_run: 1}\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("limits: {max_requests_per_run: 2}\n", encoding="utf-8")
    assert occasio("policy", "diff", tmp_path / "a.yml", tmp_path / "b.yml", "--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "same_bytes": False,
        "differences": [{"kind": "changed", "rule": "limits: max_requests_per_run", "before": "1", "after": "2"}],
    }


def test_without_a_lock_there_is_nothing_to_compare(policy: Path, capsys: Captured) -> None:
    assert occasio("policy", "diff") == 2
    assert_refused(capsys, "policy.lock", "occasio policy lock")
