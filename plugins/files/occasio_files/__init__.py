"""Knows what the agents' file tools touch, and reads files in the agent's place.

* `read`: Read and its like; can run them, so that a policy may say LOCAL for them.
* `change`: Write, Edit and their like.
* `search`: Glob and Grep and their like; can run some.  Judged is where a search begins and what its pattern names
  outright; run here, every file further down is judged too.
* `todo`: to-do lists, which touch nothing; can keep some.
"""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType

from occasio_core import Effect, EffectKind, Json, Permit, ToolCall, ToolHandler, hookimpl
from occasio_files.arguments import absolute, folder_arguments, path_arguments, text_arguments
from occasio_files.below import names_below, shown_below
from occasio_files.cline import listed, searched
from occasio_files.find import found
from occasio_files.find import requested as names_requested
from occasio_files.globs import GlobError, Globs, glob_line
from occasio_files.grep import Search, told
from occasio_files.grep import requested as text_requested
from occasio_files.read import UnreadableError, numbered, requested
from occasio_files.todo import Lists

_LONGEST = 4096  # characters of a path in a row

# Claude Code; Cline, Gemini, Qwen and servers of MCP; opencode; Codex; Copilot.
_READ = {
    "Read": "read_file",
    "read_file": "read_file",
    "read_files": "read_file",
    "read_many_files": "read_file",
    "read": "read_file",
    "view_image": "read_file",
    "view": "read_file",
    "show_file": "read_file",
}
_CHANGE = {
    "Write": "write_file",
    "Edit": "edit_file",
    "MultiEdit": "edit_file",
    "NotebookEdit": "edit_notebook",
    "write_to_file": "write_file",
    "new_rule": "write_file",
    "replace_in_file": "edit_file",
    "write_file": "write_file",
    "replace": "edit_file",
    "edit": "edit_file",
    "multiedit": "edit_file",
    "write": "write_file",
    "create": "write_file",
}
_SEARCH = {
    "Glob": "find_files",
    "Grep": "grep",
    "LS": "find_files",
    "list_files": "find_files",
    "list_code_definition_names": "grep",
    "search_files": "grep",
    "search_codebase": "grep",
    "list_directory": "find_files",
    "grep_search": "grep",
    "search_file_content": "grep",
    "glob": "find_files",
    "list": "find_files",
    "grep": "grep",
    "list_dir": "find_files",
    "grep_files": "grep",
    "rg": "grep",
}
# What looks for names has their pattern in `pattern`; what looks for text has a regular expression there.
_NAME_PATTERNS = ("pattern", "glob", "include")
_FILE_PATTERNS = ("glob", "include", "include_pattern", "file_pattern")
_TODO = {
    "TodoRead": "todo_read",
    "TodoWrite": "todo_write",
    "todoread": "todo_read",
    "todowrite": "todo_write",
    "todo_write": "todo_write",
    "write_todos": "todo_write",
}
# What can be carried out here, and the arguments that are understood.
_RUN = {
    "Read": frozenset({"file_path", "offset", "limit"}),
    "read_file": frozenset({"path", "file_path", "offset", "limit"}),
    "Glob": frozenset({"pattern", "path"}),
    "Grep": frozenset(
        {"pattern", "path", "glob", "type", "output_mode", "multiline", "head_limit", "offset", "context"}
        | {"-A", "-B", "-C", "-i", "-n", "-o"}
    ),
    "list_files": frozenset({"path", "recursive"}),
    "search_files": frozenset({"path", "regex", "file_pattern"}),
}


class ReadsFiles:
    """Reads one file; `Read` of Claude Code, `read_file` of others."""

    name = "read"
    tools: Mapping[str, str] = MappingProxyType(_READ)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return a read of each argument that may be the path.  Raises `ValueError` if there is none."""
        takes_patterns = call.tool == "read_many_files"
        return [Effect(EffectKind.READ, path, wild=takes_patterns and "*" in path) for path in path_arguments(call)]

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the path."""
        return _first_path(call)

    def can_run(self, call: ToolCall, /) -> bool:
        """Return whether the tool, with what it is given, is one whose answer is known."""
        return call.input.keys() <= _RUN.get(call.tool, frozenset()) and isinstance(_one_path(call), str)

    def run(self, call: ToolCall, permit: Permit, /) -> tuple[str, bool]:
        """Return the numbered lines that `call` asks for, as Claude Code prints them, or why they cannot be read."""
        try:
            return numbered(requested(call), permit), False
        except UnreadableError as error:
            return str(error), True


class ChangesFiles:
    """Writes or edits one file."""

    name = "change"
    tools: Mapping[str, str] = MappingProxyType(_CHANGE)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return a write, and for an edit a read too, as its errors quote the file.

        Raises `ValueError` if there is no path.
        """
        kinds = [EffectKind.WRITE] if _CHANGE[call.tool] == "write_file" else [EffectKind.READ, EffectKind.WRITE]
        return [Effect(kind, path) for path in path_arguments(call) for kind in kinds]

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the path, never what is written."""
        return _first_path(call)


class SearchesFiles:
    """Looks for names or for text below a folder."""

    name = "search"
    tools: Mapping[str, str] = MappingProxyType(_SEARCH)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return a read of the folder, of what the file pattern leads to or names outright, and of what lies below."""
        patterns = _patterns(call)
        targets = [
            path
            for base in _folders(call)
            for path in (base, *(one for glob in patterns for one in _reached(base, glob)))
        ]
        effects = [Effect(EffectKind.READ, target) for target in dict.fromkeys(targets)]
        folders = [absolute(base, call.cwd) for base in _folders(call)] if _comes_to_files(call) else []
        return [*effects, *(_all_below(folder, call) for folder in folders if os.path.isdir(folder))]  # noqa: PTH112

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the folder and the file pattern; the text that is looked for may be a secret."""
        folder = absolute(_folders(call)[0], call.cwd)[:_LONGEST]
        patterns = _patterns(call)
        return {"path": folder, "pattern": patterns[0][:_LONGEST]} if patterns else {"path": folder}

    def can_run(self, call: ToolCall, /) -> bool:
        """Return whether the tool, with what it is given, is one whose answer is known."""
        return call.input.keys() <= _RUN.get(call.tool, frozenset()) and bool(call.input)

    def run(self, call: ToolCall, permit: Permit, /) -> tuple[str, bool]:
        """Return what the agent's own tool would find, less what `permit` keeps out, or why nothing can be done."""
        try:
            return _search(call, permit), False
        except (UnreadableError, ValueError) as error:
            return str(error), True


class KeepsTodos:
    """Keeps a session's to-do list."""

    name = "todo"
    tools: Mapping[str, str] = MappingProxyType(_TODO)

    def __init__(self) -> None:
        self._lists = Lists()

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return nothing."""
        return ()

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return how many entries the list has."""
        todos = call.input.get("todos")
        return {"count": len(todos)} if isinstance(todos, list | tuple) else {}

    def can_run(self, call: ToolCall, /) -> bool:
        """Return whether the tool is one whose answer is known."""
        return call.tool in {"TodoRead", "TodoWrite"}

    def run(self, call: ToolCall, permit: Permit, /) -> tuple[str, bool]:
        """Keep the list, or return the one that was kept."""
        try:
            return (self._lists.write(call) if _TODO[call.tool] == "todo_write" else self._lists.read(call)), False
        except ValueError as error:
            return f"Error: {error}.", True


def _search(call: ToolCall, permit: Permit) -> str:
    match call.tool:
        case "Grep":
            search = Search(text_requested(call), permit)
            search.run()
            return told(search)
        case "Glob":
            return found(names_requested(call), permit)
        case "list_files":
            return listed(call, permit)
        case _:
            return searched(call, permit)


def _one_path(call: ToolCall) -> Json:
    given = [call.input[name] for name in ("file_path", "path") if name in call.input]
    return given[0] if len(given) == 1 else None


def _first_path(call: ToolCall) -> Mapping[str, Json]:
    return {"path": absolute(path_arguments(call)[0], call.cwd)[:_LONGEST]}


def _folders(call: ToolCall) -> list[str]:
    return folder_arguments(call) or [call.cwd]


def _patterns(call: ToolCall) -> list[str]:
    names = _NAME_PATTERNS if _SEARCH[call.tool] == "find_files" else _FILE_PATTERNS
    return [pattern for pattern in text_arguments(call, names) if pattern]


def _comes_to_files(call: ToolCall) -> bool:
    """Return whether the answer shows what is in files, or names that can be left out of it here."""
    return _SEARCH[call.tool] == "grep" or call.tool in _RUN


def _all_below(folder: str, call: ToolCall) -> Effect:
    """Return a read of what lies below; of a search that cannot be run here, what any such tool shows by default."""
    found = names_below(folder, _filter(call, folder)) if call.tool in _RUN else shown_below(folder)
    return Effect(EffectKind.READ, f"{folder.rstrip('/')}/**", wild=True, found=found, sifted=True)


def _filter(call: ToolCall, folder: str) -> Callable[[str], bool]:
    """Return whether a path fits what the call says of names, seen from where it may be meant."""
    texts = [part for text in _patterns(call) for part in ([text] if "{" in text else text.replace(",", " ").split())]
    try:
        globs = Globs(glob for text in texts if (glob := glob_line(text)))
    except GlobError:
        return lambda path: True
    if not len(globs) or any(glob.negated or glob.only_folders for glob in globs):
        return lambda path: True
    if globs.by_name:
        return lambda path: globs.last(path, is_folder=False) is not None
    roots = [f"{root.rstrip('/')}/" for root in dict.fromkeys((folder, os.path.realpath(folder), call.cwd))]
    return lambda path: any(
        globs.last(path.removeprefix(root), is_folder=False) for root in roots if path.startswith(root)
    )


def _reached(base: str, glob: str) -> Iterator[str]:
    """Yield the folder that the fixed beginning of `glob` leads to, and the one name that it looks for at any depth."""
    fixed = list(takewhile(_is_fixed, glob.split("/")))
    yield _below(base, "/".join(fixed) or glob[: glob.startswith("/")])
    name = glob.removeprefix("**/")
    if name != glob and _is_fixed(name):
        yield _below(base, name)


def _is_fixed(glob: str) -> bool:
    return not any(mark in glob for mark in "*?[{")


def _below(base: str, path: str) -> str:
    """Return `path` from `base` unless it begins elsewhere by itself."""
    return path if path.startswith(("/", "~")) else f"{base.rstrip('/')}/{path}" if path else base


@hookimpl
def occasio_register_tool_handlers() -> list[ToolHandler]:
    """Return the four handlers."""
    return [ReadsFiles(), ChangesFiles(), SearchesFiles(), KeepsTodos()]


__all__ = ["ChangesFiles", "KeepsTodos", "ReadsFiles", "SearchesFiles", "occasio_register_tool_handlers"]
