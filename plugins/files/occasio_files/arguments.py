"""Reading a file tool's arguments, by whatever name an agent gives them."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping

from occasio_core import Json, ToolCall

_PATH_NAMES = (
    "file_path",
    "filePath",
    "path",
    "absolute_path",
    "notebook_path",
    "paths",
    "file_paths",
    "files",
    "include",
)
_DIGITS = 18  # of a number; nothing has more lines
_FOLDER_NAMES = ("path", "paths", "dir_path", "directory", "folder")


def path_arguments(call: ToolCall) -> list[str]:
    """Return every argument that may be a path: which of two the agent would take is not known here.

    One may be a list of paths, or of objects that have one.  Raises `ValueError` when there is none, or one that is no
    text.
    """
    paths = [path for name in _PATH_NAMES if name in call.input for path in _paths(call.input[name])]
    if not paths:
        raise ValueError("no path")
    return paths


def folder_arguments(call: ToolCall) -> list[str]:
    """Return every folder in which a search begins; none is where the agent works.

    Raises `ValueError` for one that is no text.
    """
    return [path for name in _FOLDER_NAMES if call.input.get(name) for path in _texts(call.input[name], name)]


def text_arguments(call: ToolCall, names: tuple[str, ...]) -> list[str]:
    """Return the arguments of these names, each a text or a list of them.  Raises `ValueError` for one that is not."""
    return [text for name in names if call.input.get(name) is not None for text in _texts(call.input[name], name)]


def text_argument(call: ToolCall, name: str) -> str | None:
    """Return the argument `name`, None if there is none.  Raises `ValueError` when it is no text."""
    value = call.input.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value


def absolute(path: str, cwd: str) -> str:
    """Return `path` in full, as it stands: `~` expanded, `..` taken away, links not followed."""
    return os.path.normpath(os.path.join(cwd, os.path.expanduser(path)))  # noqa: PTH111, PTH118


def number(call: ToolCall, name: str, default: int) -> int:
    """Return the argument `name`, a count, also if it is written as a text.  Raises `ValueError` for anything else."""
    value = call.input.get(name)
    if value is None:
        return default
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:_DIGITS])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} is not a number")
    return value


def flag(call: ToolCall, name: str, *, default: bool) -> bool:
    """Return the argument `name`, yes or no, also if it is a text.  Raises `ValueError` for anything else."""
    value = call.input.get(name)
    if value is None:
        return default
    if isinstance(value, str) and value in {"true", "false"}:
        return value == "true"
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value


def shown_path(line: str, cwd: str) -> str:
    """Return a line that begins with a path and a colon as Claude Code shows it: from `cwd`, if it is below."""
    path, colon, rest = line.partition(":")
    if not (path and colon):
        return line
    relative = os.path.relpath(os.path.join(cwd, path), cwd)  # noqa: PTH118
    relative = "" if relative == "." else relative
    return line if relative.startswith("..") else f"{relative}:{rest}"


def _paths(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list() | tuple():
            for item in value:
                yield from _paths(item)
        case Mapping():
            yield from _paths(next((value[name] for name in _PATH_NAMES if name in value), None))
        case _:
            raise ValueError("no path")


def _texts(value: Json, name: str) -> list[str]:
    texts = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{name} is no text")
    return [text for text in texts if isinstance(text, str)]
