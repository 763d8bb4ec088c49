"""What is wrong around a policy is found: who may change it, what is out of date, what leads past the gate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core.doctor import findings
from occasio_core.idle_rules import Level
from occasio_core.policy import load_policy
from occasio_core.policy.lock import lock_bytes


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Occasio's directory with a policy in it, in the home of a person who has nothing else."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    (tmp_path / ".occasio").mkdir(mode=0o700)
    (tmp_path / "work").mkdir()
    (tmp_path / ".occasio/policy.yml").write_text("deny_paths: [~/private]\n", encoding="utf-8")
    (tmp_path / ".occasio/policy.yml").chmod(0o600)
    return tmp_path / ".occasio"


def told(home: Path, policy: Path | None = None, **environment: str) -> list[tuple[str, str, str]]:
    """Return level, where and message of each finding."""
    found = findings(policy, home, home.parent / "work", {"HOME": str(home.parent), **environment})
    return [(one.level.value, one.where.removeprefix(f"{home.parent}/"), one.message) for one in found]


def test_nothing_is_found_where_nothing_is_wrong(home: Path) -> None:
    assert told(home) == []


def test_nothing_is_found_where_there_is_nothing(tmp_path: Path) -> None:
    assert told(tmp_path / "nowhere/.occasio") == []


def test_a_policy_that_others_may_change_is_an_error(home: Path) -> None:
    (home / "policy.yml").chmod(0o622)
    assert told(home) == [("error", ".occasio/policy.yml", "others may change it")]


@pytest.mark.parametrize(("mode", "level"), [(0o750, "warning"), (0o770, "error"), (0o701, "warning")])
def test_a_home_that_others_can_use_is_found(home: Path, mode: int, level: str) -> None:
    home.chmod(mode)
    assert [(each, where) for each, where, _ in told(home)] == [(level, ".occasio")]


def test_a_policy_that_an_agent_may_change_is_an_error(home: Path) -> None:
    own = home.parent / "work/policy.yml"
    own.write_text("version: 1\n", encoding="utf-8")
    assert told(home, own) == [("error", "work/policy.yml", "an agent may change it")]
    own.write_text("write: {deny_paths: [./policy.yml]}\n", encoding="utf-8")
    assert told(home, own) == []


def test_a_policy_that_cannot_be_used_is_an_error_for_each_problem(home: Path) -> None:
    (home / "policy.yml").write_text("tols: {}\nlimits: {x: 1}\n", encoding="utf-8")
    assert told(home) == [
        ("error", ".occasio/policy.yml:1", "the key `tols` is not known"),
        ("error", ".occasio/policy.yml:2", "the key `x` is not known"),
    ]


def test_a_policy_that_is_not_there_is_an_error(home: Path) -> None:
    assert told(home, home / "none.yml") == [
        ("error", ".occasio/none.yml", "cannot be read: No such file or directory")
    ]


def test_a_lock_that_the_policy_has_left_is_found(home: Path) -> None:
    (home / "policy.lock").write_bytes(lock_bytes(load_policy(None, home, home.parent)))
    assert told(home) == []
    (home / "policy.yml").write_text("deny_paths: [~/other]\n", encoding="utf-8")
    assert told(home) == [("warning", ".occasio/policy.lock", "the policy in force differs from its lock in 2 rules")]
    (home / "policy.lock").write_bytes(b"{}")
    assert [level for level, _, _ in told(home)] == ["warning"]


def test_a_schema_of_another_version_is_a_note(home: Path) -> None:
    (home / "policy.schema.json").write_text("{}", encoding="utf-8")
    assert told(home) == [("note", ".occasio/policy.schema.json", "is that of another version of Occasio")]


def test_settings_that_lead_around_the_gate_are_an_error(home: Path) -> None:
    settings = home.parent / "work/.claude/settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {"ANTHROPIC_BASE_URL": "https://x.example"}}), encoding="utf-8")
    ((level, _, message),) = told(home)
    assert (level, "env.ANTHROPIC_BASE_URL" in message) == ("error", True)


def test_an_environment_that_leads_around_the_gate_is_an_error(home: Path) -> None:
    assert [level for level, _, _ in told(home, CLAUDE_CODE_USE_BEDROCK="1")] == ["error"]


def test_rules_without_effect_are_among_what_is_found(home: Path) -> None:
    (home / "policy.yml").write_text("deny_paths: ['!~/x']\n", encoding="utf-8")
    assert [(level, where) for level, where, _ in told(home)] == [("warning", ".occasio/policy.yml:1")]


def test_levels_are_these() -> None:
    assert [*Level] == ["error", "warning", "note"]
