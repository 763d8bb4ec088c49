"""Reading a shell tool's arguments, by whatever name an agent gives them."""

from __future__ import annotations

import os.path
import shlex
from collections.abc import Mapping

from occasio_core import Json, ToolCall

_COMMANDS = ("command", "commands", "cmd", "script", "chars", "action")
_DIRECTORIES = ("workdir", "working_directory", "directory", "cwd", "dir_path")
_MAY_BE_WITHOUT = frozenset({"Monitor", "monitor"})  # may watch something else than a command


def commands(call: ToolCall) -> list[str]:
    """Return every command that `call` holds, in order.

    A list in `command` is an argument vector, one in `commands` a list of commands.  Raises `ValueError` when there is
    no command, or one that is no text.
    """
    found: list[str] = []
    for name in _COMMANDS:
        if name in call.input and call.input[name] is not None:
            found += _texts(call.input[name], are_words=name != "commands")
    if not found:
        if call.tool in _MAY_BE_WITHOUT or call.input.get("restart") is True:
            return []
        raise ValueError("no command")
    return found


def directory(call: ToolCall) -> str:
    """Return the directory in which the commands run.  Raises `ValueError` when it is no text."""
    action = call.input.get("action")
    given = {**action, **call.input} if isinstance(action, Mapping) else call.input
    for name in _DIRECTORIES:
        if (value := given.get(name)) is not None:
            if not isinstance(value, str):
                raise ValueError(f"{name} is no text")
            return os.path.join(call.cwd, os.path.expanduser(value))  # noqa: PTH111, PTH118
    return call.cwd


def _texts(value: Json, *, are_words: bool) -> list[str]:
    match value:
        case str():
            return [value]
        case list() | tuple() if are_words:
            words = [_text(word) for word in value]
            return [shlex.join(words)] if words else []
        case list() | tuple():
            return [text for item in value for text in _texts(item, are_words=True)]
        case Mapping():
            members = [(name, value[name]) for name in ("command", "commands", "cmd") if value.get(name) is not None]
            if members:
                return [text for name, one in members for text in _texts(one, are_words=name != "commands")]
    raise ValueError("a command is no text")


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise ValueError("a command is no text")
    return value
