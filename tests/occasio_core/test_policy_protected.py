"""The settings by which agents could leave Occasio's sight are protected in every policy, wherever they were moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core import Action
from occasio_core.engine import Engine, engine, supposed
from occasio_core.policy import load_policy, policy_of
from occasio_core.policy.protected import agent_settings

SETTINGS = [
    ".claude/settings.json",
    "sub/.claude/settings.local.json",
    ".claude/settings.d/10.json",
    "~/.claude/settings.json",
    "~/.claude.json",
    "/etc/claude-code/managed-settings.json",
    "/etc/claude-code/managed-settings.d/x.json",
    "~/.codex/config.toml",
    "~/.codex/work.config.toml",
    "~/.codex/hooks.json",
    ".codex/config.toml",
    ".codex/requirements.toml",
    "/etc/codex/requirements.toml",
    "~/.gemini/settings.json",
    ".gemini/settings.json",
    ".gemini/policies/x.toml",
    "~/.gemini/trustedFolders.json",
    "/etc/gemini-cli/policies/x.toml",
    ".qwen/settings.json",
    ".clinerules/hooks/PreToolUse",
    "~/Documents/Cline/Hooks/PreToolUse",
    "~/.cline/hooks/PreToolUse.py",
    "~/.cline/data/settings/providers.json",
    ".cursor/hooks.json",
    "~/.cursor/hooks.json",
    "/etc/cursor/hooks.json",
    ".github/hooks/x.json",
    "~/.copilot/config.json",
    ".opencode/plugins/x.js",
    ".opencode/plugin/x.ts",
    "opencode.json",
    "packages/a/opencode.jsonc",
    "~/.config/opencode/opencode.json",
]
ORDINARY = [
    ".claude/commands/x.md",
    ".claude/agents/x.md",
    ".claude/skills/x/SKILL.md",
    "CLAUDE.md",
    "AGENTS.md",
    ".mcp.json",
    ".codex/prompts/x.md",
    ".gemini/commands/x.toml",
    ".gemini/GEMINI.md",
    ".clinerules/style.md",
    ".cursor/rules/x.mdc",
    ".cursor/mcp.json",
    ".github/workflows/ci.yml",
    ".github/copilot-instructions.md",
    ".opencode/agent/x.md",
    "settings.json",
    "config.toml",
    "hooks.json",
    "src/plugins/x.js",
    ".vscode/settings.json",
]
OPENED = """
version: 1
allow_paths: [/, '~', './']
deny_paths: ['!**', '!~/.occasio', '!**/.claude/settings.json', '!opencode.json']
write: {deny_paths: ['!**/.claude/settings.json'], allow_paths: [/]}
tools: {Write: {action: PASS}, write_file: {action: PASS}}
default_action: PASS
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine in a project of a person whose agents keep their settings in the usual places."""
    person = tmp_path_factory.mktemp("person").resolve()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME", str(person))
        (person / "project").mkdir()
        environment.chdir(person / "project")
        yield engine(load_policy(None, person / ".occasio"), person / ".occasio")


def told(place: Engine, tool: str, path: str) -> tuple[Action, str]:
    decision = place.rule(supposed(tool, {"file_path": path, "content": "{}"}, Path.cwd())).decision
    return decision.action, decision.first.reason


@pytest.mark.parametrize("path", SETTINGS)
def test_settings_of_agents_are_read_and_not_written(place: Engine, path: str) -> None:
    assert told(place, "Write", path) == (Action.BLOCK, "path-protected")
    assert told(place, "Read", path) == (Action.PASS, "ok")


@pytest.mark.parametrize("path", ORDINARY)
def test_what_agents_are_asked_to_write_is_written(place: Engine, path: str) -> None:
    assert told(place, "Write", path) == (Action.PASS, "ok")


@pytest.mark.parametrize("preset", [None, "off", "strict"])
@pytest.mark.parametrize("path", [*SETTINGS, "~/.occasio/policy.yml", "~/.occasio/keys/key", "~/.occasio/approvals"])
def test_no_policy_and_no_preset_opens_them(place: Engine, path: str, preset: str | None) -> None:
    opened = policy_of(OPENED.encode(), place.home / "policy.yml", place.home, str(Path.cwd()))
    assert told(place.under(opened, preset), "Write", path) == (Action.BLOCK, "path-protected")


@pytest.mark.parametrize("preset", [None, "off"])
@pytest.mark.parametrize("tool", ["Read", "Write"])
def test_occasios_own_files_are_not_even_read(place: Engine, tool: str, preset: str | None) -> None:
    opened = policy_of(OPENED.encode(), place.home / "policy.yml", place.home, str(Path.cwd()))
    assert told(place.under(opened, preset), tool, "~/.occasio/keys/key") == (Action.BLOCK, "path-protected")


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("Bash", {"command": "echo {} > .claude/settings.json"}),
        ("Bash", {"command": "rm -rf ~/.claude"}),
        ("Bash", {"command": "mv ~/.codex /tmp/x"}),
        ("Bash", {"command": "sed -i s/a/b/ opencode.json"}),
        ("exec_command", {"cmd": "tee hooks.json", "workdir": ".cursor"}),
        ("apply_patch", {"input": "*** Begin Patch\n*** Delete File: .github/hooks/x.json\n*** End Patch"}),
        ("str_replace_based_edit_tool", {"command": "create", "path": ".gemini/settings.json", "file_text": "{}"}),
        ("mcp__fs__write_file", {"path": ".clinerules/hooks/PreToolUse", "content": "x"}),
        ("mcp__fs__move_file", {"source": "a.json", "destination": ".qwen/settings.json"}),
        ("SomethingNew", {"where": {"cwd": ".opencode/plugins", "file": "x.js"}}),
        ("write", {"filePath": "../.config/opencode/opencode.json", "content": "{}"}),
    ],
)
def test_they_are_protected_from_every_kind_of_tool(place: Engine, tool: str, given: dict[str, object]) -> None:
    decision = place.rule(supposed(tool, given, Path.cwd())).decision  # type: ignore[arg-type]
    assert (decision.action, decision.first.reason) == (Action.BLOCK, "path-protected")


@pytest.mark.parametrize(
    ("variable", "value", "path"),
    [
        ("CLAUDE_CONFIG_DIR", "/srv/c", "/srv/c/settings.json"),
        ("CLAUDE_CONFIG_DIR", "/srv/c/", "/srv/c/.claude.json"),
        ("CLAUDE_CONFIG_DIR", "moved", "moved/settings.json"),
        ("CLAUDE_CONFIG_DIR", "~/moved", "~/moved/settings.local.json"),
        ("CODEX_HOME", "/srv/x", "/srv/x/config.toml"),
        ("CODEX_HOME", "/srv/x", "/srv/x/hooks.json"),
        ("GEMINI_CLI_HOME", "/srv/g", "/srv/g/.gemini/trustedFolders.json"),
        ("GEMINI_CLI_SYSTEM_SETTINGS_PATH", "/srv/g/s.json", "/srv/g/s.json"),
        ("QWEN_CODE_SYSTEM_SETTINGS_PATH", "/srv/q/s.json", "/srv/q/s.json"),
        ("COPILOT_HOME", "/srv/h", "/srv/h/hooks/x.json"),
        ("XDG_CONFIG_HOME", "/srv/xdg", "/srv/xdg/opencode/opencode.json"),
        ("OPENCODE_CONFIG", "/srv/o.json", "/srv/o.json"),
        ("OPENCODE_CONFIG_DIR", "/srv/o", "/srv/o/plugins/x.js"),
        ("OCCASIO_HOME", "/srv/occasio", "/srv/occasio/policy.yml"),
    ],
)
def test_a_variable_that_moves_them_moves_the_protection(
    place: Engine, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, path: str
) -> None:
    monkeypatch.setenv(variable, value)
    home = Path("/srv/occasio") if variable == "OCCASIO_HOME" else place.home
    moved = place.under(load_policy(None, home, Path.cwd()))
    assert told(moved, "Write", path) == (Action.BLOCK, "path-protected")


def test_a_variable_that_is_empty_protects_nothing_more() -> None:
    bare = {entry.text for entry in agent_settings("/w", {})}
    assert {entry.text for entry in agent_settings("/w", {"CODEX_HOME": "", "OPENCODE_CONFIG": ""})} == bare


@pytest.mark.parametrize(
    ("command", "action"),
    [
        ("cp -r x/. .claude", Action.BLOCK),
        ("cp -r x .cursor", Action.BLOCK),
        ("mv x ~/.codex", Action.BLOCK),
        ("ln -s /tmp/x .claude", Action.BLOCK),
        ("rsync -a x/ ~/.claude/", Action.BLOCK),
        ("cp -r src dist", Action.PASS),
        ("cp -r template/. app/", Action.PASS),
        ("mv src lib", Action.PASS),
        ("ln -s ../shared node_modules/shared", Action.PASS),
        ("rsync -a build/ public/", Action.PASS),
        ("cp -r commands .claude/commands", Action.PASS),
    ],
)
def test_a_folder_that_is_filled_may_get_settings(place: Engine, command: str, action: Action) -> None:
    assert place.rule(supposed("Bash", {"command": command}, Path.cwd())).decision.action is action
