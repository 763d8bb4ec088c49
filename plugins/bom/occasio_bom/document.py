"""An inventory as a bill of materials in CycloneDX 1.6 (ECMA-424).

Knows CycloneDX and the inventory; takes its time and its serial number from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from occasio_bom.inventory import Inventory, Run, Sort, Thing
from occasio_core import Json

Object = dict[str, Json]

_ROOT = "occasio:runs"
_TYPES = {
    Sort.AGENT: "application",
    Sort.FILE: "file",
    Sort.MODEL: "machine-learning-model",
    Sort.PLUGIN: "library",
    Sort.POLICY: "data",
    Sort.PROGRAM: "application",
    Sort.RUNTIME: "platform",
}
_SERVICES = frozenset({Sort.HOST, Sort.PROTOCOL, Sort.TOOL})
_TEXT = (
    "This lists what passed Occasio's gate in these runs, as its log has it. What was refused was not touched and is "
    "counted without being named. What a program did after it was started, and what went round the gate, is not here. "
    "`attempted` is what was let through and has no outcome, or one that is an error. A model is named as the agent "
    "asked for it; who answered cannot be seen."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How the document came about: `log` says in one line how far the log held when it was read."""

    serial: UUID
    timestamp: str
    version: str
    log: str
    last_hash: str
    is_whole: bool


def bom(found: Inventory, making: Making) -> Object:
    """Return the document; the same inventory and the same making give the same."""
    components: list[Json] = [_run(run) for run in found.runs.values()]
    things = sorted(found.things)
    components += [_component(thing, found.things[thing]) for thing in things if thing.sort not in _SERVICES]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": making.serial.urn,
        "version": 1,
        "metadata": _metadata(found, making),
        "components": components,
        "services": [_service(thing, found.things[thing]) for thing in things if thing.sort in _SERVICES],
        "dependencies": _dependencies(found),
        "compositions": [
            {"aggregate": "unknown" if making.is_whole else "incomplete", "dependencies": [_ROOT, *_refs(found)]}
        ],
        "annotations": [
            {
                "bom-ref": "occasio:limits",
                "subjects": [_ROOT],
                "annotator": {"component": _tool(making)},
                "timestamp": making.timestamp,
                "text": _TEXT,
            }
        ],
    }


def _metadata(found: Inventory, making: Making) -> Object:
    totals: dict[str, Json] = {"runs": len(found.runs), "log": making.log, "log.last_hash": making.last_hash}
    return {
        "timestamp": making.timestamp,
        "lifecycles": [{"phase": "operations"}],
        "tools": {"components": [_tool(making)]},
        "component": {
            "type": "application",
            "bom-ref": _ROOT,
            "name": "runs of AI agents",
            "properties": _properties(totals),
        },
    }


def _tool(making: Making) -> Object:
    return {"type": "application", "name": "Occasio", "version": making.version}


def _run(run: Run) -> Object:
    told: dict[str, Json] = {
        "run_id": run.run_id,
        "command": run.command,
        "cwd": run.cwd,
        "started": run.started,
        "ended": run.ended,
        **{name: run.counts[name] for name in ("rows", "calls", "used", "attempted", "refused", "requests")},
        "cost_micro_usd": run.counts["cost_micro_usd"],
        "unpriced_requests": run.counts["unpriced_requests"],
    }
    return {
        "type": "application",
        "bom-ref": f"run:{run.run_id}",
        "name": f"run {run.run_id}",
        "properties": _properties(told),
    }


def _component(thing: Thing, counts: Mapping[str, int]) -> Object:
    component: Object = {
        "type": _TYPES[thing.sort],
        "bom-ref": _ref(thing),
        "group": thing.sort.value,
        "name": thing.name,
        "properties": _properties(dict(sorted(counts.items()))),
    }
    if thing.sort is Sort.POLICY:
        component["hashes"] = [{"alg": "SHA-256", "content": thing.version}]
        component["data"] = [{"type": "configuration", "name": "policy.yml"}]
    elif thing.version:
        component["version"] = thing.version
    return component


def _service(thing: Thing, counts: Mapping[str, int]) -> Object:
    service: Object = {
        "bom-ref": _ref(thing),
        "group": thing.sort.value,
        "name": thing.name,
        "properties": _properties(dict(sorted(counts.items()))),
    }
    if thing.sort is Sort.PROTOCOL:
        service |= {"x-trust-boundary": True, "description": "the model's provider, by the protocol that was spoken"}
    return service


def _dependencies(found: Inventory) -> list[Json]:
    root: Object = {"ref": _ROOT, "dependsOn": list[Json](_refs(found))}
    runs: list[Json] = [
        {"ref": f"run:{run.run_id}", "dependsOn": [_ref(thing) for thing in sorted(run.things)]}
        for run in found.runs.values()
    ]
    return [root, *runs]


def _refs(found: Inventory) -> list[str]:
    return [f"run:{run_id}" for run_id in found.runs]


def _ref(thing: Thing) -> str:
    return f"{thing.sort}:{thing.name}" + (f"@{thing.version}" if thing.version else "")


def _properties(told: Mapping[str, Json]) -> list[Json]:
    """Return properties in Occasio's own name space; what is empty is left out."""
    pairs: Iterable[tuple[str, Json]] = ((name, value) for name, value in told.items() if value not in ("", None))
    return [{"name": f"occasio:{name}", "value": str(value)} for name, value in pairs]
