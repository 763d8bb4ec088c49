"""The calls in a message: how each says its id, its tool and its input, and what the agent sees of it instead.

There are three forms: functions, custom tools whose input is any text, and `function_call`, which came before both and
has no id; there the id that a withdrawn call goes by stands in the input that the agent sees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from occasio_core import Held, Json, Withdrawn, with_members, written
from occasio_openai.said import Said, custom_said, function_said

_MARK = "occasio_call"


def read(call: Mapping[str, Json]) -> Said:
    """Return what an entry of `tool_calls` says."""
    custom = call.get("custom")
    if isinstance(custom, dict):
        return custom_said(call.get("id"), custom.get("name"), custom.get("input"))
    function = call.get("function")
    members = function if isinstance(function, dict) else {}
    return function_said(call.get("id"), members.get("name"), members.get("arguments"))


def read_function_call(function: Mapping[str, Json], call: str) -> Said:
    """Return what a `function_call` says, under an id that is made for it."""
    return function_said(call, function.get("name"), function.get("arguments"))


def made_id(answer: Json, choice: Json) -> str:
    """Return an id for the `function_call` of a choice of an answer."""
    return f"function_call_{hashlib.sha256(f'{answer} {choice}'.encode('utf-8', 'backslashreplace')).hexdigest()[:24]}"


def shown(held: Held, prefix: str) -> dict[str, Json]:
    """Return the call as the agent may see it: a tool that no agent has, and none of the input."""
    name = prefix + held.call.tool
    if is_function_call(held.block):
        return {**held.block, "name": name, "arguments": written({_MARK: held.shown_id})}
    kept = {member: value for member, value in held.block.items() if member not in ("custom", "function")}
    if "custom" in held.block:
        return {**kept, "id": held.shown_id, "custom": {"name": name, "input": ""}}
    return {**kept, "id": held.shown_id, "function": {"name": name, "arguments": "{}"}}


def is_function_call(call: Mapping[str, Json]) -> bool:
    """Return whether a call has the old form without an id."""
    return "function" not in call and "custom" not in call


def marked_id(function: Mapping[str, Json]) -> str:
    """Return the id that a withdrawn `function_call` goes by; empty if it has none."""
    given = read_function_call(function, "").arguments
    mark = given.get(_MARK) if isinstance(given, dict) else None
    return mark if isinstance(mark, str) else ""


def restored(call: Mapping[str, Json], truth: Withdrawn) -> str:
    """Return, as JSON text, what the model said in the place of an entry of `tool_calls`."""
    kind = next((kind for kind in ("custom", "function") if kind in (truth.said or call)), "function")
    now, said = call.get(kind), truth.said.get(kind)
    if truth.said and not isinstance(now, dict):
        return with_members(truth.said, {"id": written(call.get("id"))})
    own = said if isinstance(said, dict) else {"name": truth.tool}
    return with_members(call, {kind: restored_function(now if isinstance(now, dict) else {}, own)})


def restored_function(now: Mapping[str, Json], said: Mapping[str, Json]) -> str:
    """Return, as JSON text, what the model said in the place of a function's name and arguments."""
    return with_members(now, {name: written(value) for name, value in said.items()})
