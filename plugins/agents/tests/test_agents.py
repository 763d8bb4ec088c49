"""Tools that steer agents touch nothing; a program is judged by its words."""

from __future__ import annotations

import pytest

from occasio_agents import (
    KeepsWorktrees,
    PublishesFiles,
    Quiet,
    Remembers,
    RunsPrograms,
    occasio_register_tool_handlers,
)
from occasio_core import CallId, EffectKind, Json, SessionId, ToolCall, ToolHandler, frozen

READ, WRITE, DELETE = EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE


def call(tool: str, **given: Json) -> ToolCall:
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool=tool,
        input=frozen(given),
        input_digest="0" * 64,
        cwd="/work",
    )


def told(handler: ToolHandler, tool: str, **given: Json) -> list[str]:
    return [f"{effect.kind} {effect.target}" for effect in handler.effects(call(tool, **given))]


def test_the_plugin_adds_handlers_that_claim_no_tool_twice() -> None:
    handlers = occasio_register_tool_handlers()
    assert all(isinstance(handler, ToolHandler) for handler in handlers)
    tools = [tool for handler in handlers for tool in handler.tools]
    assert len(tools) == len(set(tools))


@pytest.mark.parametrize("tool", Quiet.tools)
def test_a_quiet_tool_touches_nothing(tool: str) -> None:
    assert told(Quiet(), tool, prompt="read ~/.ssh/id_rsa") == []
    assert Quiet().normalised(call(tool, prompt="secret")) == {}


def test_a_program_is_judged_by_its_words() -> None:
    effects = told(
        RunsPrograms(), "exec", input="await tools.exec_command({cmd: 'cat .env'}); fetch('http://a.example')"
    )
    assert {"read .env", "connect a.example"} <= set(effects)


def test_every_text_in_quotes_may_be_a_command() -> None:
    source = r"""run("ssh host"); run('a \' b'); run(`rm x`); x = "";"""
    effects = RunsPrograms().effects(call("exec", input=source))
    lines = [effect.line for effect in effects if effect.kind is EffectKind.EXECUTE]
    assert {source, "ssh host", r"a \' b", "rm x"} <= set(lines)
    assert "" not in lines


def test_the_file_of_a_program_is_read() -> None:
    assert "read flow.js" in told(RunsPrograms(), "Workflow", scriptPath="flow.js")


def test_a_database_may_attach_any_file() -> None:
    assert "write /tmp/x.db" in told(RunsPrograms(), "sql", description="x", query="ATTACH DATABASE '/tmp/x.db' AS x")


@pytest.mark.parametrize("given", [{"script": 1}, {"query": ["x"]}])
def test_a_program_that_is_no_text_cannot_be_told(given: dict[str, Json]) -> None:
    with pytest.raises(ValueError, match="is no text"):
        RunsPrograms().effects(call("Workflow", **given))


@pytest.mark.parametrize(
    ("tool", "given", "effects"),
    [
        ("EnterWorktree", {"name": "fix"}, ["write .claude/worktrees/fix"]),
        ("EnterWorktree", {}, ["write .claude/worktrees/new"]),
        ("EnterWorktree", {"path": "../other"}, ["read ../other"]),
        ("ExitWorktree", {"action": "keep"}, []),
        ("ExitWorktree", {"action": "remove"}, ["delete .claude/worktrees"]),
        ("ExitWorktree", {}, ["delete .claude/worktrees"]),
    ],
)
def test_a_worktree_is_made_and_removed(tool: str, given: dict[str, Json], effects: list[str]) -> None:
    assert told(KeepsWorktrees(), tool, **given) == effects


def test_what_is_published_is_read() -> None:
    assert told(PublishesFiles(), "Artifact", file_path="a.html", favicon="x") == ["read a.html"]
    assert told(PublishesFiles(), "SendUserFile", files=["a", "b"]) == ["read a", "read b"]


def test_publishing_nothing_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="no path"):
        PublishesFiles().effects(call("Artifact"))


def test_a_memory_is_written_to_the_notes_of_each_agent_that_has_the_tool() -> None:
    assert told(Remembers(), "save_memory", fact="x") == ["write ~/.gemini/GEMINI.md", "write ~/.qwen/QWEN.md"]


@pytest.mark.parametrize(
    ("handler", "tool", "given", "kept"),
    [
        (RunsPrograms(), "exec", {"input": "x" * 600}, {"program": "x" * 512}),
        (RunsPrograms(), "Workflow", {"name": "x"}, {}),
        (KeepsWorktrees(), "ExitWorktree", {"action": "remove", "discard_changes": True}, {"action": "remove"}),
        (PublishesFiles(), "Artifact", {"file_path": "a", "description": "secret"}, {"path": "a"}),
        (Remembers(), "save_memory", {"fact": "secret"}, {}),
    ],
)
def test_rows_keep_little(handler: ToolHandler, tool: str, given: dict[str, Json], kept: dict[str, Json]) -> None:
    assert handler.normalised(call(tool, **given)) == kept
