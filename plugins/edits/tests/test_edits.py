"""A tool for editing touches every file that its instruction names."""

from __future__ import annotations

import pytest

from occasio_core import CallId, EffectKind, Json, SessionId, ToolCall, ToolHandler, frozen
from occasio_edits import AppliesPatches, EditsByCommand, occasio_register_tool_handlers

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


PATCH = """*** Begin Patch
*** Add File: new.py
+x
*** Update File: a.py
*** Move to: b.py
@@
-y
+z
*** Delete File: old.py
*** End Patch"""
EFFECTS = ["write new.py", "read a.py", "write a.py", "delete a.py", "write b.py", "delete old.py"]


@pytest.mark.parametrize("member", ["input", "patch", "patchText", "command", "diff"])
def test_a_patch_touches_every_file_that_it_names(member: str) -> None:
    assert told(AppliesPatches(), "apply_patch", **{member: PATCH}) == EFFECTS


def test_a_patch_in_a_list_is_a_patch() -> None:
    assert told(AppliesPatches(), "apply_patch", command=["apply_patch", PATCH]) == EFFECTS


def test_a_patch_is_judged_from_the_folder_that_it_is_for_too() -> None:
    assert "delete /x/old.py" in told(AppliesPatches(), "apply_patch", input=PATCH, workdir="/x")


@pytest.mark.parametrize(
    ("given", "effects"),
    [
        ({"operation": {"type": "create_file", "path": "a", "diff": "+x"}}, ["write a"]),
        ({"operation": {"type": "update_file", "path": "a", "diff": "@@"}}, ["read a", "write a"]),
        ({"operation": {"type": "delete_file", "path": "a"}}, ["delete a"]),
        ({"operation": {"type": "other", "path": "a", "new_path": "b"}}, ["read a", "write a", "delete a", "write b"]),
        (
            {"operations": [{"type": "delete_file", "path": "a"}, {"type": "delete_file", "path": "b"}]},
            ["delete a", "delete b"],
        ),
        ({"path": "a", "diff": "<<<<<<< SEARCH"}, ["read a", "write a"]),
    ],
)
def test_an_operation_touches_its_file(given: dict[str, Json], effects: list[str]) -> None:
    assert told(AppliesPatches(), "apply_patch_call", **given) == effects


@pytest.mark.parametrize(
    "given", [{}, {"input": "change a.py"}, {"operation": {"type": "x"}}, {"operation": 1}, {"path": 1}, {"input": 5}]
)
def test_a_patch_without_files_cannot_be_told(given: dict[str, Json]) -> None:
    with pytest.raises(ValueError, match=r"path|names of its files"):
        AppliesPatches().effects(call("apply_patch", **given))


@pytest.mark.parametrize(
    ("tool", "given", "effects"),
    [
        ("str_replace_based_edit_tool", {"command": "view", "path": "a"}, ["read a"]),
        ("str_replace_based_edit_tool", {"command": "create", "path": "a", "file_text": "x"}, ["write a"]),
        ("str_replace_editor", {"command": "str_replace", "path": "a"}, ["read a", "write a"]),
        ("str_replace_editor", {"command": "new", "path": "a"}, ["read a", "write a", "delete a"]),
        ("str_replace_editor", {"command": 1, "path": "a"}, ["read a", "write a", "delete a"]),
        ("editor", {"path": "a", "new_text": "x"}, ["read a", "write a"]),
        ("memory", {"command": "delete", "path": "/memories/a"}, ["delete /memories/a"]),
        ("memory", {"command": "rename", "old_path": "/a", "new_path": "/b"}, ["read /a", "delete /a", "write /b"]),
    ],
)
def test_a_command_does_what_its_name_says(tool: str, given: dict[str, Json], effects: list[str]) -> None:
    assert told(EditsByCommand(), tool, **given) == effects


@pytest.mark.parametrize("given", [{}, {"command": "view"}, {"command": "view", "path": 1}])
def test_a_command_without_a_path_cannot_be_told(given: dict[str, Json]) -> None:
    with pytest.raises(ValueError, match="path"):
        EditsByCommand().effects(call("memory", **given))


@pytest.mark.parametrize(
    ("handler", "tool", "given", "kept"),
    [
        (
            AppliesPatches(),
            "apply_patch",
            {"input": PATCH},
            {"paths": ["new.py", "a.py", "b.py", "old.py"], "count": 4},
        ),
        (
            EditsByCommand(),
            "memory",
            {"command": "create", "path": "a", "file_text": "s"},
            {"command": "create", "path": "a"},
        ),
        (EditsByCommand(), "editor", {"path": "a", "new_text": "secret"}, {"path": "a"}),
    ],
)
def test_a_row_says_where_and_never_what(
    handler: ToolHandler, tool: str, given: dict[str, Json], kept: dict[str, Json]
) -> None:
    assert handler.normalised(call(tool, **given)) == kept
