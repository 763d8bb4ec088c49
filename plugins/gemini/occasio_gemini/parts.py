"""The parts of a message that call functions and answer them, and what the agent sees of a call instead.

The provider may leave out a call's id.  Then one is made, and a withdrawn call carries it, so that it is known again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from occasio_core import Found, Held, Json, JsonPath, UpstreamProtocolError, Withdrawn, with_members, written
from occasio_gemini.usage import STREAMED

# In requests the provider takes either spelling.
CALLS = ("functionCall", "function_call")
RESPONSES = ("functionResponse", "function_response")

CODE = "executableCode"  # a part that tells of code that the provider runs on its side
RUNS = "code_execution"
_PIECES = ("partialArgs", "willContinue")


def calls_in_document(document: Mapping[str, Json]) -> Iterator[Found]:
    """Yield every call of an answer, or of a list of them.  Raises `UpstreamProtocolError` if it is neither."""
    if STREAMED not in document:
        yield from calls_in(document)
    for number, one in enumerate(objects(document.get(STREAMED), "list")):
        yield from calls_in(one, (number,))


def calls_in(document: Mapping[str, Json], path: JsonPath = (), place: str = "") -> Iterator[Found]:
    """Yield every call of an answer.

    `place` tells one event of a stream from the next, for the ids that are made.  Raises `UpstreamProtocolError` if
    the document is no answer.
    """
    candidates = objects(document.get("candidates"), "candidates")
    for number, candidate in enumerate(candidates):
        content = candidate.get("content")
        if content is None:
            continue
        if not isinstance(content, dict):
            raise UpstreamProtocolError(f"the answer's candidate {number} has a content that is not an object")
        for position, part in enumerate(objects(content.get("parts"), "parts")):
            if "functionCall" in part:
                where = (*path, "candidates", number, "content", "parts", position)
                yield _found(part, where, made_id(f"{document.get('responseId')} {place} {where}"))
            elif isinstance(part.get(CODE), dict):
                where = (*path, "candidates", number, "content", "parts", position)
                call = made_id(f"{document.get('responseId')} {place} {where}")
                said = (*where, CODE)
                yield Found(path=where, block=part, call=call, tool=RUNS, input=said, done_by_provider=True)


def shown(held: Held, prefix: str) -> dict[str, Json]:
    """Return the call's part as the agent may see it: a tool that no agent has, and none of the input."""
    function: dict[str, Json] = {"id": held.shown_id, "name": prefix + held.call.tool, "args": {}}
    return {**held.block, "functionCall": function}


def key_of(part: Mapping[str, Json], keys: tuple[str, str]) -> str:
    """Return the name under which a part of a request has a call or a response; empty if it has none."""
    return next((key for key in keys if key in part), "")


def restored(part: Mapping[str, Json], truth: Withdrawn) -> str:
    """Return, as JSON text, what the model said in the place of a part that calls."""
    key = key_of(part, CALLS)
    if "functionCall" in truth.said:
        return with_members(part, {key: written(truth.said["functionCall"])})
    now = part[key]
    members = now if isinstance(now, dict) else {}
    return with_members(part, {key: with_members(members, {"name": written(truth.tool)})})


def restored_response(part: Mapping[str, Json], truth: Withdrawn) -> str:
    """Return, as JSON text, the result that the model is told in the place of the agent's; an id only if it had one."""
    said = truth.said.get("functionCall")
    had_id = not truth.said or (isinstance(said, dict) and "id" in said)
    now = part[key_of(part, RESPONSES)]
    own: dict[str, Json] = {"id": now["id"]} if had_id and isinstance(now, dict) and "id" in now else {}
    return _answered(part, {**own, "name": truth.tool}, truth.result, is_error=truth.is_error)


def answered(part: Mapping[str, Json], text: str, *, is_error: bool) -> str:
    """Return a part that answers as JSON text, its whole content replaced by `text`."""
    now = part[key_of(part, RESPONSES)]
    own = {name: now[name] for name in ("id", "name") if name in now} if isinstance(now, dict) else {}
    return _answered(part, own, text, is_error=is_error)


def made_id(place: str) -> str:
    """Return an id for the call in a place of an answer."""
    return f"function_call_{hashlib.sha256(place.encode('utf-8', 'backslashreplace')).hexdigest()[:24]}"


def objects(value: Json, name: str) -> list[dict[str, Json]]:
    """Return a list of objects, empty if there is none.  Raises `UpstreamProtocolError` for anything else."""
    items = [] if value is None else value
    if not isinstance(items, list):
        raise UpstreamProtocolError(f"the answer's {name} is not a list")
    found = [item for item in items if isinstance(item, dict)]
    if len(found) != len(items):
        raise UpstreamProtocolError(f"the answer's {name} has something that is not an object")
    return found


def _found(part: Mapping[str, Json], path: JsonPath, made: str) -> Found:
    function = part["functionCall"]
    if not isinstance(function, dict):
        raise UpstreamProtocolError("the answer's functionCall is not an object")
    flaw = "input comes in pieces" if any(name in function for name in _PIECES) else ""
    given: JsonPath | str = (*path, "functionCall", "args") if function.get("args") is not None else "{}"
    return Found(
        path=path, block=part, call=function.get("id") or made, tool=function.get("name"), input=given, flaw=flaw
    )


def _answered(part: Mapping[str, Json], own: Mapping[str, Json], text: str, *, is_error: bool) -> str:
    response = {**own, "response": {"error" if is_error else "output": text}}
    return with_members(part, {key_of(part, RESPONSES): written(response)})
