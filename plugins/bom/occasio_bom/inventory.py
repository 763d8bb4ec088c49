"""What runs had a hand in: models, tools, programs, files, hosts, plugins and policies, counted from their rows.

Knows the members of rows.  It does not know what is written of it.  A call counts as `used` when its outcome is there
and no error, as `attempted` when it was let through and has no outcome or failed, and as `refused` else: what was
refused was not touched, so it is counted and not named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from occasio_core import Json

RECORDER = "occasio"


class Sort(StrEnum):
    """What sort of thing it is."""

    AGENT = "agent"
    FILE = "file"
    HOST = "host"
    MODEL = "model"
    PLUGIN = "plugin"
    POLICY = "policy"
    PROGRAM = "program"
    PROTOCOL = "protocol"
    RUNTIME = "runtime"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """One thing.  `version` is empty where no row tells one."""

    sort: Sort
    name: str
    version: str = ""


@dataclass(slots=True)
class Run:
    """One run: what it had a hand in, and what stands in its first and last rows."""

    run_id: str
    command: str = ""
    cwd: str = ""
    started: str = ""
    ended: str = ""
    things: dict[Thing, None] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Inventory:
    """Every run, and every thing with what was done to it."""

    runs: dict[str, Run] = field(default_factory=dict)
    things: dict[Thing, Counter[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A call that was let through, and has no outcome yet."""

    things: tuple[tuple[Thing, str], ...]


_DONE = {"read": "read", "write": "written", "delete": "deleted", "execute": "executed", "connect": "connected"}
_SORTS = {"execute": Sort.PROGRAM, "connect": Sort.HOST}


def inventory(rows: Iterable[Mapping[str, Json]]) -> Inventory:
    """Return what the rows name.  Memory is that of the things and of the calls without an outcome."""
    found, waiting = Inventory(), dict[tuple[str, str], _Waiting]()
    for row in rows:
        run_id = row.get("run_id")
        if not isinstance(run_id, str):
            continue
        run = found.runs.setdefault(run_id, Run(run_id))
        run.counts["rows"] += 1
        if (agent := row.get("agent")) != RECORDER:
            _note(found, run, Thing(Sort.AGENT, str(agent)), "rows")
        match row.get("kind"):
            case "run_started":
                _started(found, run, row)
            case "run_ended":
                run.ended = str(row["ts"])
            case "policy_loaded":
                _policy(found, run, row)
            case "request":
                _request(found, run, row)
            case "tool_call":
                _call(found, run, row, waiting)
            case "tool_result":
                ended = waiting.pop((run_id, str(row["call_id"])), None)
                if ended is not None:
                    _outcome(found, run, ended, "attempted" if row.get("is_error") is True else "used")
    for (run_id, _), left in waiting.items():
        _outcome(found, found.runs[run_id], left, "attempted")
    return found


def _note(found: Inventory, run: Run, thing: Thing, done: str, times: int = 1) -> None:
    run.things[thing] = None
    found.things.setdefault(thing, Counter())[done] += times


def _started(found: Inventory, run: Run, row: Mapping[str, Json]) -> None:
    run.command, run.cwd, run.started = str(row["command"]), str(row["cwd"]), str(row["ts"])
    versions, plugins = row["versions"], row["plugins"]
    for name, version in versions.items() if isinstance(versions, Mapping) else ():
        _note(found, run, Thing(Sort.RUNTIME, name, str(version)), "runs")
    for plugin in plugins if isinstance(plugins, list) else ():
        if isinstance(plugin, Mapping):
            _note(found, run, Thing(Sort.PLUGIN, str(plugin["name"]), str(plugin["version"])), "runs")


def _policy(found: Inventory, run: Run, row: Mapping[str, Json]) -> None:
    loaded = row["tool_inputs"]
    if isinstance(loaded, Mapping):
        path = loaded["policy_path"]
        name = path if isinstance(path, str) else "the built-in policy"
        _note(found, run, Thing(Sort.POLICY, name, str(loaded["policy_hash"])), "loaded")


def _request(found: Inventory, run: Run, row: Mapping[str, Json]) -> None:
    run.counts["requests"] += 1
    protocol = Thing(Sort.PROTOCOL, str(row["protocol"]))
    _note(found, run, protocol, "requests")
    if isinstance(model := row["model"], str):
        thing = Thing(Sort.MODEL, model)
        _note(found, run, thing, "requests")
        for name in ("input", "output", "cache_read", "cache_write"):
            found.things[thing][f"{name}_tokens"] += _number(row[f"{name}_tokens"])
    if isinstance(cost := row.get("cost_micro_usd"), int):
        run.counts["cost_micro_usd"] += cost
    else:
        run.counts["unpriced_requests"] += 1


def _call(found: Inventory, run: Run, row: Mapping[str, Json], waiting: dict[tuple[str, str], _Waiting]) -> None:
    action = str(row["action"])
    run.counts["calls"] += 1
    if action == "BLOCK" and row["reason"] != "provider-ran":
        run.counts["refused"] += 1
        return
    call = (run.run_id, str(row["call_id"]))
    if call not in waiting:  # else another door has decided on it already
        waiting[call] = _Waiting(tuple(_touched(row)))


def _touched(row: Mapping[str, Json]) -> Iterable[tuple[Thing, str]]:
    yield Thing(Sort.TOOL, str(row["tool_name"])), "called"
    effects = row["effects"]
    for effect in effects if isinstance(effects, list) else ():
        kind, _, target = str(effect).partition(" ")
        if target:
            yield Thing(_SORTS.get(kind, Sort.FILE), target), _DONE.get(kind, kind)


def _outcome(found: Inventory, run: Run, call: _Waiting, outcome: str) -> None:
    run.counts[outcome] += 1
    for thing, done in call.things:
        _note(found, run, thing, f"{done}.{outcome}")


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
