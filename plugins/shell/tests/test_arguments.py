"""The command and the directory, by whatever name an agent gives them."""

from __future__ import annotations

import pytest

from occasio_core import CallId, SessionId, ToolCall, frozen
from occasio_shell.arguments import commands, directory


def call(tool="Bash", **given):
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


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"command": "ls"}, ["ls"]),
        ({"cmd": "ls", "workdir": "/x"}, ["ls"]),
        ({"commands": ["ls", "pwd"]}, ["ls", "pwd"]),
        ({"commands": [{"command": "ls"}]}, ["ls"]),
        ({"command": ["bash", "-lc", "cat 'a b'"]}, ["""bash -lc 'cat '"'"'a b'"'"''"""]),
        ({"command": "ls", "cmd": "pwd"}, ["ls", "pwd"]),
        ({"chars": "ls\n"}, ["ls\n"]),
        ({"action": {"type": "exec", "command": ["cat", "a b"]}}, ["cat 'a b'"]),
        ({"action": {"commands": ["ls", "pwd"], "timeout_ms": 1}}, ["ls", "pwd"]),
        ({"command": "ls", "restart": True}, ["ls"]),
        ({"restart": True}, []),
    ],
)
def test_commands_are_found(given, expected):
    assert commands(call(**given)) == expected


@pytest.mark.parametrize(
    "given", [{}, {"command": None}, {"command": 3}, {"command": [1]}, {"commands": [[3]]}, {"x": "ls"}, {"action": {}}]
)
def test_a_call_without_a_command_is_an_error(given):
    with pytest.raises(ValueError, match="command"):
        commands(call(**given))


def test_a_monitor_may_watch_something_else():
    assert commands(call("Monitor", description="x")) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "/work"),
        ({"workdir": "a"}, "/work/a"),
        ({"cwd": "/x"}, "/x"),
        ({"action": {"working_directory": "/x"}}, "/x"),
    ],
)
def test_commands_run_in_the_directory_that_is_given(given, expected):
    assert directory(call(command="ls", **given)) == expected


def test_a_directory_that_is_no_text_is_an_error():
    with pytest.raises(ValueError, match="workdir"):
        directory(call(command="ls", workdir=3))
