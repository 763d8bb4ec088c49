"""Reading a file tool's arguments, by whatever name an agent gives them."""

from __future__ import annotations

import os.path

from occasio_core import ToolCall

_PATH_NAMES = ("file_path", "filePath", "path", "absolute_path", "notebook_path")


def path_arguments(call: ToolCall) -> list[str]:
    """Return every argument that may be the path: which of two the agent would take is not known here.

    Raises `ValueError` when there is none, or one that is no text.
    """
    given = [call.input[name] for name in _PATH_NAMES if name in call.input]
    paths = [path for path in given if isinstance(path, str)]
    if not paths or len(paths) != len(given):
        raise ValueError("no path")
    return paths


def text_argument(call: ToolCall, name: str) -> str | None:
    """Return the argument `name`, None if there is none.  Raises `ValueError` when it is no text."""
    value = call.input.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value


def absolute(path: str, cwd: str) -> str:
    """Return `path` in full, as it stands: `~` expanded, `..` taken away, links not followed."""
    return os.path.normpath(os.path.join(cwd, os.path.expanduser(path)))  # noqa: PTH111, PTH118
