"""What is not ready for a governed run is found, told with what mends it, and counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core import readiness
from occasio_core.cli import exit_code
from occasio_core.readiness import Check, checks, is_ready
from tests.samples import run_of


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a person who has Codex and nothing else."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    (tmp_path / ".occasio").mkdir(mode=0o700)
    package = tmp_path / "node_modules" / "@openai" / "codex"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "@openai/codex", "version": "0.169.0"}', encoding="utf-8")
    (package / "codex").write_text("#!/bin/sh\n", encoding="utf-8")
    (package / "codex").chmod(0o755)
    for folder in ("bin", "work"):
        (tmp_path / folder).mkdir()
    (tmp_path / "bin" / "codex").symlink_to(package / "codex")
    return tmp_path


def found(person: Path, **environment: str) -> list[Check]:
    given = {"HOME": str(person), "PATH": str(person / "bin"), **environment}
    return list(checks(person / ".occasio", person / "work", given))


def told(person: Path, name: str, **environment: str) -> list[tuple[str, str]]:
    """Return level and message of the checks of that name, and make sure that what is wrong can be mended."""
    of_name = [one for one in found(person, **environment) if one.name == name]
    assert [one for one in of_name if str(one.level) in ("error", "warning") and not one.hint] == []
    return [(str(one.level or "ok"), one.message.replace(str(person), "~")) for one in of_name]


def test_a_machine_with_an_agent_is_ready(person: Path) -> None:
    assert is_ready(found(person))
    assert told(person, "agents") == [("ok", "codex 0.169.0: ~/bin/codex")]
    assert told(person, "log") == [("ok", "none yet")]
    assert told(person, "policy") == [("ok", "the built-in one holds")]


def test_a_machine_without_an_agent_is_not(person: Path) -> None:
    (person / "bin" / "codex").unlink()
    assert told(person, "agents") == [("error", "none that Occasio knows is in PATH")]
    assert not is_ready(found(person))


def test_another_version_than_the_tests_run_is_noted(person: Path) -> None:
    package = person / "node_modules" / "@openai" / "codex" / "package.json"
    package.write_text('{"name": "@openai/codex", "version": "9.9.9"}', encoding="utf-8")
    assert told(person, "agents") == [("note", "codex 9.9.9: ~/bin/codex; the tests run 0.169.0")]


def test_a_policy_that_does_not_parse_is_an_error(person: Path) -> None:
    (person / ".occasio" / "policy.yml").write_text("deny_pats: []\n", encoding="utf-8")
    assert [level for level, _ in told(person, "policy")] == ["error"]
    assert not is_ready(found(person))


def test_a_key_that_others_may_use_is_an_error(person: Path) -> None:
    key = person / ".occasio" / "keys" / "default.pem"
    key.parent.mkdir()
    key.write_text("x", encoding="utf-8")
    key.chmod(0o644)
    assert ("error", "others may use `~/.occasio/keys/default.pem`") in told(person, "keys")
    key.chmod(0o600)
    assert told(person, "keys") == [("ok", "1 in ~/.occasio/keys")]


def test_a_log_is_read(person: Path) -> None:
    path = places.log_path(person / ".occasio")
    log = run_of()
    log.write(path)
    rows = len(log.lines)
    assert told(person, "log") == [("ok", f"~/.occasio/pipeline-events.jsonl is whole: {rows} rows")]


@pytest.mark.parametrize("whole", [1 << 20, 10])
def test_a_torn_log_is_an_error_however_long_it_is(person: Path, whole: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_WHOLE", whole)
    path = places.log_path(person / ".occasio")
    run_of().write(path)
    assert [level for level, _ in told(person, "log")] == ["ok"]
    path.write_bytes(path.read_bytes()[:-20])
    assert [level for level, _ in told(person, "log")] == ["error"]


def test_hooks_that_nobody_answers_are_a_warning(person: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(person, "hooks") == [("note", "in no agent's settings")]
    monkeypatch.setenv("OCCASIO_HOME", str(person / ".occasio"))
    monkeypatch.chdir(person / "work")
    assert exit_code(["hook", "install", "--agent", "codex"]) == 0
    (there, answered) = told(person, "hooks")
    assert there[0] == "ok"
    assert there[1].startswith("codex asks at ")
    assert answered[0] == "warning"
    file = person / ".codex" / "hooks.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    del settings["hooks"]["PreToolUse"]
    file.write_text(json.dumps(settings), encoding="utf-8")
    assert ("error", "~/.codex/hooks.json lacks PreToolUse") in told(person, "hooks")


def test_another_provider_in_the_settings_of_an_agent_is_an_error(person: Path) -> None:
    file = person / "work" / ".qwen" / "settings.json"
    file.parent.mkdir()
    providers = {"openai": [{"id": "m", "baseUrl": "http://h.example"}]}
    file.write_text(json.dumps({"modelProviders": providers}), encoding="utf-8")
    (said,) = told(person, "ways around")
    assert said[0] == "error"
    assert "qwen-code would not go through the gate" in said[1]


def test_a_variable_that_chooses_another_provider_is_an_error(person: Path) -> None:
    assert told(person, "ways around", GOOGLE_GENAI_USE_VERTEXAI="true") == [
        ("error", "GOOGLE_GENAI_USE_VERTEXAI would lead gemini-cli around the gate")
    ]


def test_what_a_project_says_of_providers_and_a_proxy_are_noted(person: Path) -> None:
    (person / "work" / ".env").write_text("A=1\nexport OPENAI_BASE_URL = x\n", encoding="utf-8")
    said = told(person, "ways around", HTTPS_PROXY="http://h.example")
    assert [level for level, _ in said] == ["note", "note", "ok"]
    assert said[0][1] == "~/work/.env sets OPENAI_BASE_URL"
    assert is_ready(found(person))
