"""`occasio run` and `occasio claude` run a command and pass its exit code on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from occasio_core import bypass
from occasio_core import home as places
from occasio_core.cli import exit_code


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "occasio"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(bypass, "_MANAGED", ())
    monkeypatch.chdir(tmp_path)


def test_the_exit_code_is_the_agents_and_the_summary_is_talk(capfd: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["run", "--", sys.executable, "-c", "print('out'); raise SystemExit(5)"]) == 5
    out, err = capfd.readouterr()
    assert out == "out\n"
    assert err.startswith("run ")
    assert "next: occasio bundle --run" in err


def test_options_behind_the_command_are_the_commands(capfd: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["run", sys.executable, "-c", "import sys; print(sys.argv[1:])", "--policy", "x", "--help"]) == 0
    assert capfd.readouterr().out == "['--policy', 'x', '--help']\n"


def test_a_program_that_is_not_there_exits_with_127(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["run", "--", "nosuch"]) == 127
    assert capsys.readouterr().err == ("occasio: there is no program `nosuch`\nhint: is it installed, and in PATH?\n")


def test_claude_that_is_not_installed_exits_with_127_and_says_how_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert exit_code(["claude", "-p", "hello"]) == 127
    assert "hint: install it with: npm install -g @anthropic-ai/claude-code\n" in capsys.readouterr().err


def test_claude_gets_every_argument(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "claude"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")
    assert exit_code(["claude", "--help", "-p", "x", "--", "--policy"]) == 0
    assert capfd.readouterr().out == "--help -p x -- --policy\n"


@pytest.mark.parametrize(
    ("program", "led_by"), [("claude", ""), ("gemini", ""), ("codex", "-c model_providers.occasio={")]
)
def test_each_known_agent_has_a_command_that_leads_it_to_the_gate(
    program: str, led_by: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / program
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")
    assert exit_code([program, "go", "--policy", "x"]) == 0
    told = capfd.readouterr().out
    assert told.startswith(led_by)
    assert told.endswith("go --policy x\n")


@pytest.mark.parametrize("name", ["", "Claude", "a b", "x" * 65])
def test_a_name_that_no_row_can_hold_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["run", "--agent", name, "--", "true"]) == 2
    assert "is no name for an agent" in capsys.readouterr().err


def test_our_own_options_come_before_those_of_claude(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "claude"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")
    assert exit_code(["claude", "--preset", "off", "--budget", "2.50", "-p", "x", "--preset", "y"]) == 0
    assert capfd.readouterr().out == "-p x --preset y\n"


@pytest.mark.parametrize(
    ("options", "is_told"), [(["--preset", "off"], True), (["--preset", "strict"], False), ([], False)]
)
def test_that_no_rule_is_obeyed_is_told(options: list[str], is_told: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["run", *options, "--", sys.executable, "-c", "pass"]) == 0
    assert ("preset off: no rule is obeyed" in capsys.readouterr().err) is is_told


@pytest.mark.parametrize("command", [["run"], ["claude"], ["codex"]])
@pytest.mark.parametrize(
    ("option", "value"), [("--preset", "strct"), ("--preset", ""), ("--budget", "-1"), ("--budget", "x")]
)
def test_a_condition_that_does_not_exist_is_a_usage_error(
    command: list[str], option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code([*command, option, value, sys.executable]) == 2
    assert option in capsys.readouterr().err
    assert not places.log_path(places.home()).exists()
