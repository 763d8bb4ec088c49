"""What rules may ask of a row: the columns of the table that they run over.

Texts and numbers as they are; lists as lines between line ends, so that a value of a rule is compared with each
element.  A column that a row has nothing for is NULL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from occasio_core import Json, Row

TEXTS = {
    "kind": "the kind of the row: tool_call, tool_result, request, finding, …",
    "action": "PASS, LOCAL, TRANSFORM, BLOCK",
    "tool": "canonical name of the tool: read_file, shell_bash, …",
    "reason": "stable code of the decision: ok, path-denied, …",
    "rule": "the text of the rule that decided",
    "message": "what the model was told, or what a finding says",
    "agent": "the agent, by its own name",
    "protocol": "the door: anthropic-http, openai-responses, hook, mcp, …",
    "run_id": "the run",
    "session_id": "the agent's session",
    "ts": "time, RFC 3339 in UTC",
    "command": "a shell command, secrets masked",
    "path": "the path that a call names",
    "pattern": "what a search looks for",
    "url": "the address that a call names",
    "query": "what a web search looks for",
    "result_kind": "pass, local, transform, withheld",
    "model": "the model of a request",
    "detector": "the detector of a finding",
    "severity": "of a finding: info, low, medium, high",
    "event": "the agent's name of a hook's event",
    "limit_passed": "the limit that was passed",
    "approver": "who answered an approval",
    "hash": "the row's hash",
}
NUMBERS = {
    "seq": "position in the log",
    "hour": "hour of the day, UTC",
    "weekday": "1 is Monday",
    "secrets": "secrets that were kept back",
    "size": "bytes of a result",
    "status": "HTTP status of a request",
    "cost_micro_usd": "cost of a request",
    "input_tokens": "tokens of a request",
    "output_tokens": "tokens of its answer",
    "exit_code": "of a run that ended, or a command that was run here",
    "is_error": "1 for a result that is an error",
}
LISTS = {
    "reads": "paths that a call would read",
    "writes": "paths that it would write",
    "deletes": "paths that it would delete",
    "executes": "programs that it would run",
    "images": "their base names behind a `/`, as Image has them",
    "connects": "hosts that it would connect to",
    "secret_labels": "kinds of the secrets that were found",
    "tags": "of a finding",
    "input_names": "names of the input's members",
}
COLUMNS = (*TEXTS, *NUMBERS, *LISTS)

_NAMED = {
    "limit_passed": "limit",
    "tool": "tool_name",
    "secrets": "secrets_redacted",
}  # where a row has another name for it
_INPUTS = frozenset({"command", "path", "pattern", "url", "query"})
_EFFECTS = {"reads": "read", "writes": "write", "deletes": "delete", "executes": "execute", "connects": "connect"}


def values(row: Row) -> tuple[str | int | None, ...]:
    """Return what a row has for each column, in the order of `COLUMNS`."""
    fields = row.fields
    inputs = fields.get("tool_inputs")
    told = inputs if isinstance(inputs, Mapping) else {}
    effects = list(_effects(fields))
    found: list[str | int | None] = []
    for name in COLUMNS:
        if name in LISTS:
            found.append(_lines(_list(name, fields, effects)))
        elif name in ("hour", "weekday"):
            found.append(_of_time(name, row))
        else:
            value = told.get(name) if name in _INPUTS else fields.get(_NAMED.get(name, name))
            found.append(_scalar(value, is_text=name in TEXTS))
    return tuple(found)


def _scalar(value: Json, *, is_text: bool) -> str | int | None:
    if is_text:
        return value if isinstance(value, str) else None
    return int(value) if isinstance(value, int) else None


def _effects(fields: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    effects = fields.get("effects")
    for effect in effects if isinstance(effects, list) else ():
        kind, _, target = str(effect).partition(" ")
        yield kind, target


def _list(name: str, fields: Mapping[str, Json], effects: list[tuple[str, str]]) -> list[str]:
    if name == "images":
        return [f"/{PurePosixPath(target.split(' ')[0]).name}" for kind, target in effects if kind == "execute"]
    if name in _EFFECTS:
        return [target for kind, target in effects if kind == _EFFECTS[name]]
    told = fields.get(name)
    return [str(one) for one in told] if isinstance(told, list) else []


def _lines(elements: list[str]) -> str | None:
    return "\n" + "\n".join(one.replace("\n", " ") for one in elements) + "\n" if elements else None


def _of_time(name: str, row: Row) -> int:
    from datetime import datetime

    moment = datetime.fromisoformat(str(row.fields["ts"]))
    return moment.hour if name == "hour" else moment.isoweekday()
