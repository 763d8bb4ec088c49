"""Knows what is touched by tools that take an instruction for editing.

* `patch`: a patch with the names of its files inside, in Codex's format, as a unified diff, or one operation of
  OpenAI's `apply_patch` tool.
* `editor`: one tool with a `command`: view, create, insert, delete, rename; Anthropic's text editor and memory tools.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from occasio_core import Effect, EffectKind, Json, ToolCall, ToolHandler, effects_of_patch, hookimpl

_LONGEST = 4096  # characters of a path in a row
_MOST = 64  # files of a patch in a row

# Codex, opencode and Copilot (one name); OpenAI's own; opencode.
_PATCH = dict.fromkeys(("apply_patch", "apply_patch_call", "apply_diff", "patch"), "apply_patch")
# Anthropic's tools under the names that their versions prescribe; Cline's.
_EDITOR = {
    "str_replace_based_edit_tool": "edit_file",
    "str_replace_editor": "edit_file",
    "editor": "edit_file",
    "memory": "memory",
}
_READ, _WRITE, _DELETE = EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE
_OPERATIONS = {"create_file": (_WRITE,), "update_file": (_READ, _WRITE), "delete_file": (_DELETE,)}
_COMMANDS = {
    "view": (_READ,),
    "create": (_WRITE,),
    "delete": (_DELETE,),
    "str_replace": (_READ, _WRITE),
    "insert": (_READ, _WRITE),
    "undo_edit": (_READ, _WRITE),
}
_ALL = (_READ, _WRITE, _DELETE)
_FOLDERS = ("workdir", "cwd")


class AppliesPatches:
    """Changes the files that a patch names."""

    name = "patch"
    tools: Mapping[str, str] = MappingProxyType(_PATCH)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return what each file of the patch would suffer.  Raises `ValueError` when no file is named."""
        effects = [*_of_operations(call.input), *(one for text in _texts(call.input) for one in effects_of_patch(text))]
        effects += [Effect(kind, path) for path in _paths(call.input) for kind in (_READ, _WRITE)]
        if not effects:
            raise ValueError("no patch with the names of its files")
        folders = [folder for name in _FOLDERS if isinstance(folder := call.input.get(name), str)]
        moved = [Effect(one.kind, os.path.join(folder, one.target)) for folder in folders for one in effects]  # noqa: PTH118
        return tuple(dict.fromkeys((*effects, *moved)))

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the files, never what is written."""
        paths = list(dict.fromkeys(effect.target[:_LONGEST] for effect in self.effects(call)))
        return {"paths": paths[:_MOST], "count": len(paths)}


class EditsByCommand:
    """Views, makes, changes, deletes and renames files."""

    name = "editor"
    tools: Mapping[str, str] = MappingProxyType(_EDITOR)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return what the command does; an unknown one does everything.  Raises `ValueError` without a path."""
        command = call.input.get("command")
        default = _COMMANDS["insert"] if command is None else _ALL
        kinds = _COMMANDS.get(command, default) if isinstance(command, str) else default
        effects = [Effect(kind, path) for path in _paths(call.input) for kind in kinds]
        effects += [Effect(kind, path) for path in _named(call.input, "old_path") for kind in (_READ, _DELETE)]
        effects += [Effect(_WRITE, path) for path in _named(call.input, "new_path")]
        if not effects:
            raise ValueError("no path")
        return effects

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return the command and the path, never what is written."""
        path = self.effects(call)[0].target[:_LONGEST]
        command = call.input.get("command")
        return {"command": command[:64], "path": path} if isinstance(command, str) else {"path": path}


def _of_operations(value: Mapping[str, Json]) -> Iterator[Effect]:
    """Yield what operations of OpenAI's `apply_patch` do, one or a list of them."""
    given = value.get("operation", value.get("operations"))
    for operation in given if isinstance(given, list | tuple) else (given,) if given is not None else ():
        if not isinstance(operation, Mapping) or not isinstance(path := operation.get("path"), str):
            raise ValueError("an operation without a path")
        kinds = _OPERATIONS.get(str(operation.get("type")), _ALL)
        yield from (Effect(kind, path) for kind in kinds)
        yield from (Effect(_WRITE, path) for path in _named(operation, "new_path", "move_path"))


def _paths(value: Mapping[str, Json]) -> list[str]:
    return _named(value, "path", "file_path", "filePath")


def _named(value: Mapping[str, Json], *names: str) -> list[str]:
    given = [value[name] for name in names if value.get(name) is not None]
    paths = [path for path in given if isinstance(path, str)]
    if len(paths) != len(given):
        raise ValueError("a path is no text")
    return paths


def _texts(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for member in value.values():
                yield from _texts(member)
        case list() | tuple():
            for item in value:
                yield from _texts(item)


@hookimpl
def occasio_register_tool_handlers() -> list[ToolHandler]:
    """Return the two handlers."""
    return [AppliesPatches(), EditsByCommand()]


__all__ = ["AppliesPatches", "EditsByCommand", "occasio_register_tool_handlers"]
