"""Finding files by their names in the agent's place, told as Claude Code's Glob tells what ripgrep listed."""

from __future__ import annotations

import os.path
from dataclasses import dataclass

from occasio_core import Permit, ToolCall
from occasio_files.arguments import absolute, shown_path, text_argument
from occasio_files.globs import GlobError, Globs, glob_line
from occasio_files.read import UnreadableError
from occasio_files.tree import Tree, Wanted

HEAD = 100  # as Claude Code shows
_WILD = frozenset("*?[{")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which names, below which folder."""

    path: str
    wanted: Wanted
    cwd: str


def requested(call: ToolCall) -> Request:
    """Return what `call` asks for.  Raises `UnreadableError` for what cannot be done here, in one line."""
    path, pattern = text_argument(call, "path") or call.cwd, text_argument(call, "pattern") or ""
    folder = absolute(path, call.cwd)
    if pattern.startswith("/"):
        folder, pattern = _split(pattern)
    if not os.path.isdir(folder):  # noqa: PTH112
        what = "Path is not a directory" if os.path.lexists(folder) else "Directory does not exist"
        where = "" if what.startswith("Path") else f". Note: your current working directory is {call.cwd}."
        raise UnreadableError(f"<tool_use_error>{what}: {path}{where}</tool_use_error>")
    try:
        glob = glob_line(pattern)
    except GlobError as error:
        raise UnreadableError(f"Error: this cannot be looked for here: {error}.") from None
    wanted = Wanted(root=call.cwd, globs=Globs([glob] if glob else []), honours_ignore=False)
    return Request(path=folder, wanted=wanted, cwd=call.cwd)


def found(request: Request, permit: Permit) -> str:
    """Return what the tool says: the files that fit, the oldest first.  Raises `UnreadableError`."""
    tree = Tree(request.wanted, permit)
    try:
        files = sorted((found.modified, found.path) for found in tree.below(request.path))
    except OSError as error:
        raise UnreadableError(f"Error: this folder cannot be looked at: {error.strerror}.") from None
    lines = [shown_path(f"{path}:", request.cwd)[:-1] for _, path in files[:HEAD]] or ["No files found"]
    if len(files) > HEAD:
        lines.append(
            f"(Showing {HEAD} of {len(files)} matching files; {len(files) - HEAD} more are not listed. "
            "Narrow the pattern or path to see the rest.)"
        )
    notes = [f"the search was stopped {tree.stopped}: search a smaller folder"] if tree.stopped else []
    return "\n".join([*lines, *(f"[{note}]" for note in [*notes, tree.is_cut] if note)])


def _split(pattern: str) -> tuple[str, str]:
    """Return the folder that a pattern begins with in full, and the rest of it."""
    fixed = next((index for index, mark in enumerate(pattern) if mark in _WILD), None)
    if fixed is None:
        return os.path.split(pattern)
    slash = pattern.rfind("/", 0, fixed)
    return pattern[:slash] or "/", pattern[slash + 1 :]
