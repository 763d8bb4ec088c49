"""The handlers as the engine meets them: their tools, what rows keep, and what happens to what cannot be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from occasio_core import CallId, Effect, EffectKind, SessionId, ToolCall, ToolHandler, frozen
from occasio_shell import AsksSessions, RunsCommands, RunsPowerShell, occasio_register_tool_handlers


def call(tool, **given):
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


def test_the_plugin_adds_handlers_that_claim_no_tool_twice():
    handlers = occasio_register_tool_handlers()
    assert all(isinstance(handler, ToolHandler) for handler in handlers)
    tools = [tool for handler in handlers for tool in handler.tools]
    assert len(tools) == len(set(tools))


@pytest.mark.parametrize(
    ("earlier", "able"),
    [
        ("npm test", True),
        ("cd / && npm test", True),
        ("cd src", False),
        ("cd /usr", False),
        ("cd", False),
        ("cd -", False),
        ('cd "$(git rev-parse --show-toplevel)" && make', False),
        ("pushd src", False),
        ("cd 'x", False),
    ],
)
def test_nothing_is_run_here_once_the_agents_shell_may_be_elsewhere(earlier, able):
    handler = RunsCommands()
    look = replace(call("Bash", command="ls"), cwd="/")
    handler.effects(replace(call("Bash", command=earlier), cwd="/"))
    assert handler.can_run(look) is able
    assert handler.can_run(replace(look, session=SessionId("another")))


def test_a_call_that_is_only_supposed_moves_nobody():
    handler = RunsCommands()
    handler.effects(replace(call("Bash", command="cd src"), protocol="internal"))
    assert handler.can_run(replace(call("Bash", command="ls"), cwd="/"))


@pytest.mark.parametrize(
    ("handler", "tool", "canonical"),
    [
        (RunsCommands(), "Bash", "shell_bash"),
        (RunsCommands(), "run_shell_command", "shell_bash"),
        (RunsPowerShell(), "PowerShell", "shell_powershell"),
        (AsksSessions(), "BashOutput", "shell_output"),
    ],
)
def test_rows_call_the_tools_by_one_name(handler, tool, canonical):
    assert handler.tools[tool] == canonical


def test_several_commands_are_judged_together():
    effects = RunsCommands().effects(call("run_commands", commands=["cat a", "rm b"]))
    assert Effect(EffectKind.READ, "a") in effects
    assert Effect(EffectKind.DELETE, "b") in effects


def test_an_argument_vector_is_judged_like_the_command():
    effects = RunsCommands().effects(call("shell", command=["cat", "a b"], workdir="/x"))
    assert Effect(EffectKind.READ, "/x/a b") in effects


def test_a_socket_that_is_watched_is_connected_to():
    effects = RunsCommands().effects(call("Monitor", description="x", ws={"url": "wss://example.com:8443/x"}))
    assert Effect(EffectKind.CONNECT, "example.com", line="wss://example.com:8443/x") in effects


def test_what_cannot_be_read_is_judged_by_its_worst_reading():
    effects = RunsCommands().effects(call("Bash", command='cat .env "'))
    assert Effect(EffectKind.WRITE, ".env") in effects


def test_what_can_be_read_is_not():
    effects = RunsCommands().effects(call("Bash", command="echo .env"))
    assert [effect for effect in effects if effect.kind is not EffectKind.EXECUTE] == []


def test_powershell_is_judged_by_its_worst_reading():
    effects = RunsPowerShell().effects(call("PowerShell", command="Get-Content .env"))
    assert Effect(EffectKind.READ, ".env") in effects
    assert RunsPowerShell().normalised(call("PowerShell", command="dir")) == {"command": "dir"}


def test_asking_for_output_touches_nothing():
    assert AsksSessions().effects(call("BashOutput", bash_id="1")) == ()
    assert AsksSessions().normalised(call("BashOutput", bash_id="1")) == {}


def test_rows_keep_the_beginning_of_the_command():
    assert RunsCommands().normalised(call("Bash", command="x" * 600)) == {"command": "x" * 512}


@pytest.mark.parametrize("handler", [RunsCommands(), RunsPowerShell()])
def test_a_call_without_a_command_is_an_error(handler):
    with pytest.raises(ValueError, match="no command"):
        handler.effects(call(next(iter(handler.tools)), text="ls"))
