"""What the next session should know of a run, as markdown to paste: files, tools, refusals, the last steps.

Rows hold no contents, so none are here.  What a row took from the agent is in backticks, and can end none.  Pure.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from occasio_core.views.calls import target_of, text
from occasio_core.visible import printable
from occasio_verify import Json, Row

KINDS = ("tool_call", "tool_result")
_MOST_FILES = 10
_LAST = 5


@dataclass(slots=True)
class Recap:
    """What was done, in order of the first time; refused calls touched nothing and are in `blocked` alone."""

    cwd: str = ""
    modified: dict[str, None] = field(default_factory=dict)
    read: dict[str, None] = field(default_factory=dict)
    tools: Counter[str] = field(default_factory=Counter)
    blocked: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # tool, target, rule or reason
    changed: int = 0
    withheld: int = 0
    last: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST))
    last_write: str = ""
    last_command: str = ""


def recap_of(rows: Iterable[Row], cwd: str) -> Recap:
    """Return what the rows of one run, of the kinds `KINDS`, say; paths below `cwd` are told from there."""
    told = Recap(cwd=cwd.rstrip("/"))
    for row in rows:
        if row.kind == "tool_result":
            told.changed += row.fields.get("result_kind") == "transform"
            told.withheld += row.fields.get("result_kind") == "withheld"
        elif text(row, "action") == "BLOCK":
            rule = text(row, "rule") or text(row, "reason")
            told.blocked[text(row, "tool_name"), _target(told, row), rule] += 1
        else:
            _note(told, row)
    return told


def _note(told: Recap, call: Row) -> None:
    tool, target = text(call, "tool_name"), _target(told, call)
    told.tools[tool] += 1
    told.last.append(f"{tool} {target}".strip())
    for kind, touched in _effects(call):
        path = _from(told.cwd, touched)
        if kind in ("write", "delete"):
            told.modified[path] = None
            told.last_write = path
        elif kind == "read" and "*" not in path and path != ".":  # of a search, the folder alone says nothing
            told.read.setdefault(path)
        elif kind == "execute":
            told.last_command = target


def _effects(call: Row) -> Iterator[tuple[str, str]]:
    effects = call.fields.get("effects")
    for effect in effects if isinstance(effects, list | tuple) else ():
        kind, _, target = str(effect).partition(" ")
        if target:
            yield kind, target


def _target(told: Recap, call: Row) -> str:
    return " ".join(_from(told.cwd, part) for part in target_of(call.fields).split(" "))


def _from(cwd: str, path: str) -> str:
    if path == cwd:
        return "."
    return path.removeprefix(f"{cwd}/") if cwd else path


def as_markdown(told: Recap, title: str, when: str) -> Iterator[str]:
    """Yield the lines of the markdown; `when` is a sentence."""
    yield f"## {title}"
    yield ""
    yield f"{when}; paths are from {quoted(told.cwd or '/')}."
    yield from _section("Files changed", [quoted(path) for path in told.modified])
    yield from _section("Files read", [quoted(path) for path in told.read if path not in told.modified])
    yield from _section("Tools", [f"{quoted(tool)} × {times}" for tool, times in told.tools.most_common()])
    refused = [
        f"{quoted(f'{tool} {target}')}: {quoted(rule)}" + _times(n) for (tool, target, rule), n in told.blocked.items()
    ]
    yield from _section("Refused by policy (do not try again)", refused)
    if told.changed or told.withheld:
        yield from ("", f"Results changed before the model saw them: {told.changed}; withheld: {told.withheld}.")
    yield from _section("Last steps", [quoted(step) for step in told.last])
    thread = [("last write", told.last_write), ("last command", told.last_command)]
    yield from _section("Where it stopped", [f"{what}: {quoted(it)}" for what, it in thread if it])


def as_json(told: Recap) -> dict[str, Json]:
    """Return the same for programs."""
    refused: list[Json] = [
        {"tool": tool, "target": target, "rule": rule, "times": times}
        for (tool, target, rule), times in told.blocked.items()
    ]
    return {
        "files": {"modified": list(told.modified), "read": [path for path in told.read if path not in told.modified]},
        "tools": dict(told.tools),
        "decisions": {"blocked": refused, "transformed": told.changed, "withheld": told.withheld},
        "last_actions": list(told.last),
        "open_thread": {"last_write": told.last_write or None, "last_command": told.last_command or None},
    }


def quoted(value: str) -> str:
    """Return a text as markdown's code, on one line, whatever is in it (CommonMark 6.1)."""
    shown = printable(value)
    fence = "`"
    while fence in shown:
        fence += "`"
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _section(title: str, items: list[str]) -> Iterator[str]:
    if items:
        yield from ("", f"### {title}", "")
        yield from (f"- {item}" for item in items[:_MOST_FILES])
        if len(items) > _MOST_FILES:
            yield f"- and {len(items) - _MOST_FILES} more"


def _times(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""
