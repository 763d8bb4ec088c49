"""What documents for other programs tell of the log's numbers, so that they are held to the same ones as the screens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Counts = Mapping[str, int]
Rows = Iterable[tuple[str, Mapping[str, Any]]]

_KINDS = {
    "runs": "run_started",
    "ended_runs": "run_ended",
    "calls": "tool_call",
    "results": "tool_result",
    "requests": "request",
    "limits": "limit_exceeded",
    "asked": "approval_requested",
    "granted": "approval_granted",
    "denied": "approval_denied",
    "findings": "finding",
    "policies": "policy_loaded",
    "hook_events": "hook_event",
    "checkpoints": "checkpoint",
}
_ACTIONS = {"passed": "PASS", "local": "LOCAL", "transformed": "TRANSFORM", "blocked": "BLOCK"}


def lines(text: str) -> Sequence[Any]:
    """Return the values of JSON that is one a line."""
    return [json.loads(line) for line in text.splitlines()]


def of_ocsf(told: Sequence[Any]) -> Counts:
    """Return what OCSF events add up to."""
    return _of((event["metadata"]["event_code"], event["unmapped"]) for event in told)


def of_otlp(told: Sequence[Any]) -> Counts:
    """Return what log records of OpenTelemetry add up to."""
    return _of(_records(told))


def of_bom(told: Any) -> Counts:
    """Return what the runs of a bill of materials add up to."""
    total: Counter[str] = Counter()
    for part in told["components"]:
        if part["bom-ref"].startswith("run:"):
            said = {one["name"].removeprefix("occasio:"): one["value"] for one in part["properties"]}
            for name, of_run in (("unpriced", "unpriced_requests"), *((one, one) for one in ("calls", "requests"))):
                total[name] += int(said[of_run])
            total["cost_micro_usd"] += int(said["cost_micro_usd"])
    return total


def of_compliance(told: Any) -> Counts:
    """Return what the claims of a compliance export count."""
    names = {"requests": "usage-recorded", "findings": "findings-made", "limits": "limits-enforced"}
    return {name: told["claims"][claim]["count"] for name, claim in (names | {"blocked": "calls-refused"}).items()}


def _records(told: Sequence[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for data in told:
        for record in data["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
            named = {pair["key"].removeprefix("occasio."): pair["value"] for pair in record["attributes"]}
            scalars = {
                name: int(value["intValue"]) if "intValue" in value else value.get("stringValue")
                for name, value in named.items()
            }
            scalars["output_tokens"] = scalars.get("gen_ai.usage.output_tokens")
            yield scalars["kind"], scalars


def _of(rows: Rows) -> Counts:
    total: Counter[str] = Counter()
    for kind, members in rows:
        total["rows"] += 1
        total.update(name for name, one in _KINDS.items() if one == kind)
        if kind == "tool_call":
            total.update(name for name, one in _ACTIONS.items() if one == members["action"])
        if kind == "tool_result":
            total["secrets"] += members.get("secrets_redacted") or 0
            total["produced_bytes"] += members["size"]
        if kind == "request":
            total["unpriced"] += "cost_micro_usd" not in members
            total["cost_micro_usd"] += members.get("cost_micro_usd") or 0
            total["input_tokens"] += members["input_tokens"]
            total["output_tokens"] += members["output_tokens"]
    return total
