"""The items that ask a client to do something: how each says its call, its input and its result.

Function and custom calls can be shown under another name, and agents answer a name that they do not have with an error.
Calls of the other kinds have no name; when they are withdrawn the agent sees a function call in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from occasio_core import Held, Json, Withdrawn, with_members, written
from occasio_openai.said import Said, custom_said, function_said

_FUNCTION, _CUSTOM = "function_call", "custom_tool_call"
_APPROVAL = "mcp_approval_request"
_TOOLS = {
    "apply_patch_call": "apply_patch",
    "computer_call": "computer",
    "local_shell_call": "local_shell",
    "shell_call": "shell",
    "tool_search_call": "tool_search",
}
_INPUTS = {"apply_patch_call": "operation", "local_shell_call": "action", "shell_call": "action"}
# What the provider's own tools answer with stands in the same item; it is no part of the input.
_ANSWERS = frozenset({"error", "output", "outputs", "result", "results"})
_CALL, _OUTPUT = "_call", "_output"
_OF_THE_ITEM = frozenset({"type", "id", "call_id", "status"})


def is_call(item: Mapping[str, Json]) -> bool:
    """Return whether an item asks the client to do something.

    Kinds that are not known count as calls if they have the id by which a client would answer.  Those that the provider
    carries out itself (`mcp_call`, `web_search_call` and others) have none.
    """
    kind = item.get("type")
    if kind in (_FUNCTION, _CUSTOM, _APPROVAL):
        return True
    return isinstance(kind, str) and kind.endswith(_CALL) and isinstance(item.get("call_id"), str)


def is_done_by_provider(item: Mapping[str, Json]) -> bool:
    """Return whether an item tells of a call that the provider has carried out itself."""
    kind = item.get("type")
    return isinstance(kind, str) and kind.endswith(_CALL) and not is_call(item)


def read_done(item: Mapping[str, Json], place: int) -> Said:
    """Return what the item of a call says that the provider has carried out; `place` is where it stands."""
    name = item.get("id")
    call = name if isinstance(name, str) and name else f"output_{place}"
    if item.get("type") == "mcp_call":
        return function_said(call, _tool(item), item.get("arguments"))
    rest = {name: value for name, value in item.items() if name not in _OF_THE_ITEM | _ANSWERS}
    return Said(call=call, tool=str(item.get("type")).removesuffix(_CALL) or "unknown", input=written(rest))


def is_result(item: Mapping[str, Json]) -> bool:
    """Return whether an item tells what came of a call."""
    kind = item.get("type")
    return isinstance(kind, str) and (kind.endswith(_OUTPUT) or kind == "mcp_approval_response")


def call_id(item: Mapping[str, Json]) -> Json:
    """Return the id of the call that an item makes or answers."""
    if item.get("type") == _APPROVAL:
        return item.get("id")
    if item.get("type") in (_FUNCTION, _CUSTOM):
        return item.get("call_id")
    names = ("call_id", "approval_request_id", "id")
    return next((item[name] for name in names if isinstance(item.get(name), str)), None)


def read(item: Mapping[str, Json]) -> Said:
    """Return what a call's item says."""
    kind = str(item.get("type"))
    if kind in (_FUNCTION, _APPROVAL):
        return function_said(call_id(item), _tool(item), item.get("arguments"))
    if kind == _CUSTOM:
        return custom_said(call_id(item), _tool(item), item.get("input"))
    rest = {name: value for name, value in item.items() if name not in _OF_THE_ITEM}
    value = item.get(_INPUTS[kind]) if kind in _INPUTS else rest
    tool = _TOOLS.get(kind, kind.removesuffix(_CALL))
    return Said(call=call_id(item), tool=tool, input=written(value))


def shown(held: Held, prefix: str) -> dict[str, Json]:
    """Return the call as the agent may see it: a tool that no agent has, and none of the input."""
    item, name = held.block, prefix + held.call.tool
    if item.get("type") not in (_FUNCTION, _CUSTOM):
        own: dict[str, Json] = {"id": item["id"]} if isinstance(item.get("id"), str) else {}
        return {
            "type": _FUNCTION,
            **own,
            "call_id": held.shown_id,
            "name": name,
            "arguments": "{}",
            "status": "completed",
        }
    emptied = {"input": ""} if item.get("type") == _CUSTOM else {"arguments": "{}"}
    kept = {member: value for member, value in item.items() if member != "namespace"}
    return {**kept, "call_id": held.shown_id, "name": name, **emptied}


def restored_call(item: Mapping[str, Json], truth: Withdrawn) -> str:
    """Return, as JSON text, what the model said in the place of what the agent's history has."""
    said = truth.said
    kind = said.get("type", item.get("type"))
    if kind in (_FUNCTION, _CUSTOM):
        names = ("name", "namespace", "arguments", "input")
        true = {name: written(said[name]) for name in names if name in said}
        return with_members(item, {"name": written(truth.tool), **true})
    if kind in _RESULTS:
        own = "id" if kind == _APPROVAL else "call_id"
        return with_members(said, {own: written(call_id(item))})
    return with_members(item, {"name": written(truth.tool), "arguments": written(truth.input or "{}")})


def restored_result(item: Mapping[str, Json], truth: Withdrawn) -> str:
    """Return, as JSON text, the result that the model is told in the place of what the agent answered."""
    make = _RESULTS.get(str(truth.said.get("type")))
    if make is None:
        return answered(item, truth.result, is_error=truth.is_error)
    return written(make(call_id(item), truth.result, truth.is_error))


def answered(item: Mapping[str, Json], text: str, *, is_error: bool) -> str:
    """Return a result as JSON text, its whole content replaced by `text`."""
    kind = str(item.get("type")).removesuffix(_OUTPUT)
    if make := _RESULTS.get(kind):
        return written(
            {**{name: item[name] for name in ("id",) if name in item}, **make(call_id(item), text, is_error)}
        )
    if item.get("type") in (_FUNCTION + _OUTPUT, _CUSTOM + _OUTPUT):
        return with_members(item, {"output": written(text)})
    # what has no place for a text is told as the result of a function
    return written({"type": _FUNCTION + _OUTPUT, "call_id": call_id(item), "output": text})


def _tool(item: Mapping[str, Json]) -> Json:
    name = item.get("name")
    if item.get("type") in (_APPROVAL, "mcp_call"):
        return f"mcp__{item.get('server_label')}__{name}" if isinstance(name, str) else None
    space = item.get("namespace")
    return f"{space}__{name}" if isinstance(space, str) and space and isinstance(name, str) else name


def _shell(call: Json, text: str, is_error: bool) -> dict[str, Json]:
    outcome: Json = {"type": "exit", "exit_code": int(is_error)}
    streams = {"stdout": "", "stderr": text} if is_error else {"stdout": text, "stderr": ""}
    return {"type": "shell_call_output", "call_id": call, "output": [{**streams, "outcome": outcome}]}


def _local_shell(call: Json, text: str, is_error: bool) -> dict[str, Json]:
    return {"type": "local_shell_call_output", "call_id": call, "output": text}


def _apply_patch(call: Json, text: str, is_error: bool) -> dict[str, Json]:
    status = "failed" if is_error else "completed"
    return {"type": "apply_patch_call_output", "call_id": call, "status": status, "output": text}


def _approval(call: Json, text: str, is_error: bool) -> dict[str, Json]:
    return {"type": "mcp_approval_response", "approval_request_id": call, "approve": False, "reason": text}


_Make: TypeAlias = "Callable[[Json, str, bool], dict[str, Json]]"
# The kinds without a name whose results have a place for a text.
_RESULTS: dict[str, _Make] = {
    "apply_patch_call": _apply_patch,
    "local_shell_call": _local_shell,
    "shell_call": _shell,
    _APPROVAL: _approval,
}
