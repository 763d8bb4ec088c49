"""The tools that Occasio offers by MCP: what clients are told of them, and which of its own tools each is.

Knows schemas and names.  The work is done by the handlers of the canonical tools, as it is for an agent's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from occasio_core import Json, MalformedError, SessionId, ToolCall, canonical, frozen
from occasio_mcp.calls import MCP, call_id

_WILD = frozenset("*?[{")
_MODES: list[Json] = ["content", "files_with_matches", "count"]

Given = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Offered:
    """One tool: its description and schema, the tool that it is here, and how its arguments are said there."""

    description: str
    schema: Mapping[str, Json]
    tool: str
    said: Callable[[Given], dict[str, Json]]


def call_of_ours(
    name: str, given: Given, meta: Mapping[str, Json], *, session: SessionId, agent: str, cwd: str
) -> ToolCall:
    """Return the call of one of our tools.  An input without one reading is its problem; so is an unknown tool."""
    offered = OFFERED.get(name)
    problem, digest, said = "", hashlib.sha256(b"").hexdigest(), dict[str, Json]()
    try:
        digest = hashlib.sha256(canonical(given)).hexdigest()
        problem = _problem(name, given)
        said = offered.said(given) if offered and not problem else {}
    except MalformedError as error:
        problem = f"the input has no canonical form ({error.code})"
    return ToolCall(
        session=session,
        call=call_id({"_meta": meta}),
        agent=agent,
        protocol=MCP,
        tool=offered.tool if offered else name,
        input=frozen(said),
        input_digest=digest,
        cwd=cwd,
        problem=problem,
        only_here=True,
    )


def _problem(name: str, given: Given) -> str:
    """Return what is wrong with the arguments, empty if nothing is."""
    if name not in OFFERED:
        return f"there is no tool `{name}`"
    properties, required = OFFERED[name].schema["properties"], OFFERED[name].schema["required"]
    assert isinstance(properties, Mapping)
    assert isinstance(required, list)
    if missing := next((one for one in required if one not in given), None):
        return f"`{missing}` is missing"
    for argument, value in given.items():
        member = properties.get(argument)
        if not isinstance(member, Mapping):
            return f"there is no argument `{argument}`"
        if not _is_of(value, member):
            return f"`{argument}` is not as the tool's schema says"
    return ""


def _is_of(value: Json, member: Mapping[str, Json]) -> bool:
    match member["type"]:
        case "string":
            allowed = member.get("enum")
            return isinstance(value, str) and (not isinstance(allowed, list) or value in allowed)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and value >= 1
        case _:
            return isinstance(value, bool)


def _read(given: Given) -> dict[str, Json]:
    said: dict[str, Json] = {"file_path": given["path"]}
    start, end = given.get("start_line", 1), given.get("end_line")
    assert isinstance(start, int)
    if start > 1:
        said["offset"] = start
    if isinstance(end, int):
        said["limit"] = max(1, end - start + 1)
    return said


def _find(given: Given) -> dict[str, Json]:
    """Return a pattern for names: a bare word stands for what has it in its name, anywhere below."""
    pattern, ending = str(given["pattern"]), str(given.get("extension", "")).lstrip(".")
    if not _WILD & set(pattern) and "/" not in pattern:
        pattern = f"**/*{pattern}*"
    if ending and not pattern.endswith(f".{ending}"):
        pattern = f"{pattern}.{ending}"
    return {"pattern": pattern, **_place(given)}


def _grep(given: Given) -> dict[str, Json]:
    said: dict[str, Json] = {"pattern": given["pattern"], **_place(given)}
    said["output_mode"] = given.get("output_mode", "content")
    said["-i"] = given.get("case_sensitive") is not True
    said["head_limit"] = given.get("max_results", 50)
    if said["output_mode"] == "content":
        said["-n"] = True
    return said | ({"glob": given["file_glob"]} if "file_glob" in given else {})


def _place(given: Given) -> dict[str, Json]:
    return {"path": given["path"]} if given.get("path", ".") != "." else {}


def _schema(required: str, **properties: Mapping[str, Json]) -> Mapping[str, Json]:
    return {"type": "object", "properties": properties, "required": [required], "additionalProperties": False}


def _text(description: str) -> Mapping[str, Json]:
    return {"type": "string", "description": description}


def _number(description: str) -> Mapping[str, Json]:
    return {"type": "integer", "minimum": 1, "description": description}


_PATH = _text("The folder (default: where the server was started).")

OFFERED: Mapping[str, Offered] = MappingProxyType(
    {
        "read_file": Offered(
            "Reads a text file. Lines are numbered from 1.",
            _schema(
                "path",
                path=_text("The file."),
                start_line=_number("The first line (default: 1)."),
                end_line=_number("The last line (default: the file's)."),
            ),
            "Read",
            _read,
        ),
        "find_files": Offered(
            "Finds files by their names: a glob such as `src/**/*.py`, or a part of the name.",
            _schema(
                "pattern", pattern=_text("What the names are like."), path=_PATH, extension=_text("With this ending.")
            ),
            "Glob",
            _find,
        ),
        "grep": Offered(
            "Searches files for a regular expression.",
            _schema(
                "pattern",
                pattern=_text("The regular expression."),
                path=_PATH,
                case_sensitive={"type": "boolean", "description": "Tell a from A (default: false)."},
                file_glob=_text("In files with names like this."),
                max_results=_number("Lines to show (default: 50)."),
                output_mode={"type": "string", "enum": _MODES, "description": "What to show (default: content)."},
            ),
            "Grep",
            _grep,
        ),
    }
)
