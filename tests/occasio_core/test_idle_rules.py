"""Rules without effect and slips of the pen are found; what does something is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core.engine import engine
from occasio_core.idle_rules import Level, idle_rules
from occasio_core.policy import load_policy, policy_of
from occasio_core.policy.templates import template, templates


@pytest.fixture(autouse=True)
def _person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home with little in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("projects", "documents", ".occasio", "work"):
        (tmp_path / name).mkdir()


def found(text: str, folder: Path) -> list[tuple[str, str, str]]:
    """Return line, message and hint of each finding."""
    home = folder / ".occasio"
    policy = policy_of(text.encode(), folder / "policy.yml", home, str(folder / "work"))
    told = idle_rules(engine(policy, home), folder / "work")
    return [(one.where.removeprefix(f"{folder}/policy.yml").lstrip(":"), one.message, one.hint) for one in told]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("deny_paths: ['!~/x']", "1", "deny_paths: !~/x opens nothing: no entry denies it"),
        ("deny_paths: ['!**/x.md']", "1", "deny_paths: !**/x.md opens nothing: no entry denies it"),
        ("deny_paths: ['!~/.occasio']", "1", "deny_paths: !~/.occasio opens nothing: what it names is protected"),
        ("deny_paths: [~/.ssh/config]", "1", "deny_paths: ~/.ssh/config adds nothing: deny_paths: ~/.ssh covers it"),
        ("deny_paths: [~/a, ~/a/b]", "1", "deny_paths: ~/a/b adds nothing: deny_paths: ~/a covers it"),
        ("deny_paths: ['**/.env']", "1", "deny_paths: **/.env adds nothing: deny_paths: **/.env covers it"),
        ("write: {deny_paths: [~/.ssh/x]}", "1", "write.deny_paths: ~/.ssh/x adds nothing"),
        (
            "version: 1\nallow_paths: [~/.ssh, ~/work]",
            "2",
            "allow_paths: ~/.ssh allows nothing: deny_paths: ~/.ssh denies",
        ),
        ("allow_paths: [~/elsewhere]", "1", "allow_paths: ~/elsewhere is not there"),
        ("allow_paths: [~/projets, ~/work]", "1", "allow_paths: ~/projets is not there"),
        ("deny_paths: [~/document]", "1", "deny_paths: ~/document is not there"),
        ("allow_hosts: [a.example]\ndeny_hosts: [example]", "1", "allow_hosts: a.example allows nothing: deny_hosts"),
        ("deny_hosts: [githbu.com]", "1", "deny_hosts: githbu.com looks like a slip"),
        ("deny_hosts: [api.opena1.com]", "1", "deny_hosts: api.opena1.com looks like a slip"),
        ("allow_hosts: [intranet]", "1", "allow_hosts: intranet looks like a slip"),
        ("tools:\n  Raed: {action: BLOCK}", "2", "tools: Raed is no tool that Occasio knows"),
        ("deny_patterns: {all: '.'}", "1", "deny_patterns: all fits every text that was tried"),
        ("deny_commands: {all: 'x*.'}", "1", "deny_commands: all fits every text that was tried"),
        ("version: 1\nblock_secrets_in_tool_results: false", "2", "secrets in results of tools reach the model"),
        ("default_action: BLOCK", "1", "every tool is refused"),
    ],
)
def test_what_has_no_effect_is_found_with_its_line(tmp_path: Path, text: str, line: str, message: str) -> None:
    told = found(text, tmp_path)
    assert [(at, said[: len(message)]) for at, said, _ in told if said.startswith(message)] == [(line, message)], told


@pytest.mark.parametrize(
    "text",
    [
        "version: 1",
        "deny_paths: [~/private, '**/*.kdbx', '!**/.env.test', '!~/.ssh/config']",
        "deny_paths: [~/a, '!~/a/b', ~/a/b/c]",
        "allow_paths: [~/projects, ./, /tmp]",
        "allow_paths: ['~/nowhere/*']",
        "read: {deny_paths: [~/documents]}\nwrite: {deny_paths: [~/projects], allow_paths: [~/work]}",
        "deny_hosts: [evil.example, github.com, api.github.com, '*.paste.example', 10.0.0.0/8, localhost]",
        "allow_hosts: [example.com, localhost]",
        "tools: {Read: {action: BLOCK}, mcp__x__y: {action: BLOCK}, read_file: {action: PASS}, Zebra: {action: BLOCK}}",
        "deny_patterns: {ticket: 'TICKET-[0-9]+'}\ndeny_commands: {dd: '^dd '}",
        "block_secrets_in_tool_results: false\nredact_secrets_in_tool_results: true",
        "default_action: BLOCK\ntools: {read_file: {action: PASS}}",
    ],
)
def test_what_has_an_effect_is_left_alone(tmp_path: Path, text: str) -> None:
    assert found(text, tmp_path) == []


@pytest.mark.parametrize("name", templates())
def test_the_templates_have_no_slips(tmp_path: Path, name: str) -> None:
    home = tmp_path / ".occasio"
    policy = policy_of(template(name), tmp_path / "policy.yml", home, str(tmp_path))
    told = list(idle_rules(engine(policy, home), tmp_path))
    assert [one for one in told if one.level is not Level.NOTE] == []
    assert [one.message for one in told] == []


def test_the_built_in_policy_is_nobody_s_slip(tmp_path: Path) -> None:
    home = tmp_path / ".occasio"
    (tmp_path / ".zshr").touch()
    assert list(idle_rules(engine(load_policy(None, home, tmp_path), home), tmp_path)) == []


def test_a_hint_names_what_was_meant(tmp_path: Path) -> None:
    assert found("deny_paths: [~/document]", tmp_path)[0][2] == f"did you mean `{tmp_path}/documents`?"
    assert found("deny_hosts: [githbu.com]", tmp_path)[0][2] == "did you mean `github.com`?"
    assert found("tools: {Raed: {action: BLOCK}}", tmp_path)[0][2] == "did you mean `Read`?"
