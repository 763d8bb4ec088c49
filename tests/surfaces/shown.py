"""Every command that shows the log, one row each: the guards in this folder hold for whatever is in the table.

A row says how the command is called and where its JSON has counters.  What it has to do then, without a word more: count
as the log does (`test_agree`), end as documented on logs that are empty, damaged or long (`test_three_logs`), and print
what its snapshot has, at 80 columns, with and without colour (`test_snapshots`; `OCCASIO_SNAPSHOTS=write` writes them).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.surfaces.documents import lines, of_bom, of_compliance, of_ocsf, of_otlp

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Surface:
    """One command.  `name` is that of its snapshots; `arguments` come behind `occasio`.

    `counters` takes what `--json` prints and returns those of `Counters` that it tells, by name: of all rows, and with
    `--run` of that run's.  None: it tells none.  `varies` are regular expressions of what is never twice the same.
    `empty`, `damaged` and `long` are its exit codes on such logs, `shown` that on the log of the snapshots.
    `takes_run` says whether it takes `--run` and times; `of_last_run` that it shows the last run where none is named;
    `only_snapshot` that another row speaks of the same command.  `read` parses what `--json` prints.
    What is no `is_screen` is a document for other programs: no snapshot, no 80 columns.
    """

    name: str
    arguments: Sequence[str]
    counters: Callable[[Any], Counts] | None = None
    varies: Sequence[str] = ()
    empty: int = 0
    damaged: int = 1
    shown: int = 0
    long: int = 0
    takes_run: bool = True
    of_last_run: bool = False
    only_snapshot: bool = False
    read: Callable[[str], Any] = json.loads
    is_screen: bool = True


def _of_runs(told: Sequence[Mapping[str, Any]]) -> Counts:
    """Add up runs; the log's own rows are of none."""
    total: Counter[str] = Counter()
    for run in told:
        total.update(run["counters"])
    return {name: number for name, number in total.items() if name not in ("rows", "checkpoints", "recovered")}


def _of_exchanges(told: Sequence[Mapping[str, Any]]) -> Counts:
    """Count what the exchanges of a log hold: every call, result, request and limit is in exactly one."""
    results = [result for one in told for result in one["results"]]
    requests = [one["request"] for one in told if one["request"]]
    calls = [call for one in told for call in one["calls"]]
    return {
        "calls": len(calls),
        "blocked": sum(call["action"] == "BLOCK" for call in calls),
        "results": len(results),
        "results_withheld": sum(result["kind"] == "withheld" for result in results),
        "produced_bytes": sum(result["produced_bytes"] for result in results),
        "prevented_bytes": sum(result["prevented_bytes"] for result in results),
        "secrets": sum(result["secrets_redacted"] for result in results),
        "requests": len(requests),
        "input_tokens": sum(request["input_tokens"] for request in requests),
        "cost_micro_usd": sum(request.get("cost_micro_usd", 0) for request in requests),
        "limits": sum(len(one["limits"]) for one in told),
    }


def _of_replay(told: Sequence[Mapping[str, Any]]) -> Counts:
    return _of_runs([one["run"] for one in told]) | _of_exchanges([each for one in told for each in one["exchanges"]])


def _of_boundary(told: Mapping[str, Any]) -> Counts:
    totals = told["totals"]
    names = {"results": "results", "blocked": "refused_calls"}
    return {name: totals[names.get(name, name)] for name in (*names, "produced_bytes", "prevented_bytes")}


def _of_recap(told: Sequence[Mapping[str, Any]]) -> Counts:
    decisions = [one["decisions"] for one in told]
    return {
        "blocked": sum(blocked["times"] for one in decisions for blocked in one["blocked"]),
        "results_changed": sum(one["transformed"] for one in decisions),
        "results_withheld": sum(one["withheld"] for one in decisions),
    }


def _of_report(told: Mapping[str, Any]) -> Counts:
    kinds = Counter(event["kind"] for event in told["events"])
    named = {"blocked": "call refused", "results_withheld": "result withheld", "limits": "limit passed"}
    named |= {"denied": "approval denied", "expired": "approval expired", "findings": "finding"}
    return told["counters"] | {name: kinds[kind] for name, kind in named.items()}


_ALL = ["--since", "2026-01-01"]  # of what shows the newest run where nothing is said
_MANY = "100000"

SURFACES = (
    Surface("snapshot", [], lambda told: told["last_run"]["counters"], of_last_run=True),
    Surface("snapshot-run", ["--run", "7f1d0c1e"], only_snapshot=True),
    Surface("status", ["status"], lambda told: told["counters"]),
    Surface("anomalies", ["anomalies"], damaged=2, shown=2),
    Surface("runs", ["runs", "--last", "1000"], _of_runs),
    Surface("ocsf", ["export", "--format", "ocsf"], of_ocsf, read=lines, is_screen=False),
    Surface("otlp", ["export", "--format", "otlp"], of_otlp, read=lines, is_screen=False),
    Surface("bom", ["bom", "export"], of_bom, is_screen=False),
    Surface("compliance", ["compliance", "export", "--framework", "eu-ai-act"], of_compliance, is_screen=False),
    Surface("inspect", ["inspect", "--last", _MANY, *_ALL], _of_exchanges),
    Surface("boundary", ["boundary", "--last", "50", *_ALL], _of_boundary),
    Surface("ledger", ["ledger"], lambda told: told["total"]),
    Surface("ledger-summary", ["ledger", "--summary"], lambda told: told["total"]),
    Surface("replay", ["replay", "--last", _MANY], _of_replay),
    Surface(
        "replay-detail", ["replay", "--last", _MANY, "--detail"], lambda told: _of_runs([one["run"] for one in told])
    ),
    Surface("replay-attribute", ["replay", "--attribute"]),
    Surface("distill", ["distill"]),
    Surface(
        "baseline-learn",
        ["baseline", "learn", "--project", "/home/ada/project"],
        empty=1,
        long=1,  # none of its runs has ended
    ),
    Surface("preflight", ["preflight", "--project", "/home/ada/project"]),
    Surface("recap", ["recap", "--last", _MANY], _of_recap),
    Surface("report", ["report", *_ALL], _of_report),
    Surface("receipt", ["receipt"]),
    Surface("live", ["live", "--once", *_ALL], lambda told: told["counters"]),
)
SCREENS = [surface for surface in SURFACES if surface.is_screen]
