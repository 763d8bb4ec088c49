"""The export as JSON for programs and as Markdown for people: the same content, and how to check it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from occasio_compliance.assessment import MEANINGS, STATEMENT, Assessed, Framework, Status
from occasio_compliance.claims import Claim, Finding, LogState
from occasio_core import Json

SCHEMA = "occasio-compliance-evidence/v1"

_SHOWN_RUNS = 20  # in Markdown; JSON has all
_MARKS = {Finding.SHOWN: "shown", Finding.CONTRADICTED: "**contradicted**", Finding.SILENT: "nothing seen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Everything that an export says.  `runs` are those that were looked at, each whole; `asked` is the selection."""

    framework: Framework
    controls: Sequence[Assessed]
    claims: Mapping[str, Claim]
    log: LogState
    health: Mapping[str, Json]
    asked: Mapping[str, Json]
    runs: Sequence[Mapping[str, Json]]
    made_at: str
    version: str


def as_json(export: Export) -> dict[str, Json]:
    """Return the export for programs."""
    framework = export.framework
    used = [name for name in export.claims if any(name in one.control.claims for one in export.controls)]
    return {
        "schema": SCHEMA,
        "statement": STATEMENT,
        "framework": {"id": framework.id, "title": framework.title, "source": framework.source},
        "made_at": export.made_at,
        "made_by": f"occasio {export.version}",
        "selection": dict(export.asked),
        "log": dict(export.health),
        "runs": [dict(run) for run in export.runs],
        "statuses": {status.value: meaning for status, meaning in MEANINGS.items()},
        "summary": dict(summary(export.controls)),
        "controls": [one.as_json() for one in export.controls],
        "claims": {name: export.claims[name].as_json() for name in used},
        "never_assessed": [{"id": part, "title": title} for part, title in framework.never_assessed],
        "how_to_check": list(how_to_check(export)),
    }


def summary(controls: Sequence[Assessed]) -> dict[str, int]:
    """Return how many controls have each status, those that none has included."""
    return {status.value: sum(one.status is status for one in controls) for status in Status}


def how_to_check(export: Export) -> Iterator[str]:
    """Yield the commands by which others check what the export rests on."""
    yield "occasio audit verify"
    yield "occasio log prove HASH-OF-A-ROW"
    for run in export.runs[:1]:
        yield f"occasio bundle --run {run['run_id']}"
        yield f"python -m occasio_verify {run['run_id']}.occasio.json"


def as_markdown(export: Export) -> str:
    """Return the export for people."""
    return "\n".join(_lines(export)) + "\n"


def _lines(export: Export) -> Iterator[str]:
    framework = export.framework
    yield f"# What Occasio's log shows for {_cell(framework.title)}"
    yield ""
    yield STATEMENT
    yield ""
    yield f"{framework.source}. Made {export.made_at} by occasio {export.version}."
    yield from ("", f"**The log:** {_cell(export.log.fault or f'{export.log.rows:,} rows, each verified')}.", "")
    yield from _runs(export.runs)
    yield from ("", "| control | | status |", "| --- | --- | --- |")
    for one in export.controls:
        yield f"| {_cell(one.control.id)} | {_cell(one.control.title)} | {one.status} |"
    yield from ("", *(f"- *{status}*: {meaning}" for status, meaning in MEANINGS.items()), "")
    for one in export.controls:
        yield from _control(one)
    yield from ("## Never assessed", "", "No row of a log could speak to these parts:", "")
    yield from (f"- {_cell(part)} {_cell(title)}" for part, title in framework.never_assessed)
    yield from ("", "## How to check", "", *(f"    {command}" for command in how_to_check(export)))


def _runs(runs: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    yield f"**Runs:** {len(runs):,}, each looked at whole."
    yield ""
    for run in runs[:_SHOWN_RUNS]:
        ended = run["ended_at"] or "not ended"
        yield f"- `{run['run_id']}`: {_cell(str(run['agent']))}, {run['started_at']} to {ended}, {run['rows']} rows"
    if len(runs) > _SHOWN_RUNS:
        yield f"- and {len(runs) - _SHOWN_RUNS:,} more"


def _control(one: Assessed) -> Iterator[str]:
    yield f"## {_cell(one.control.id)} {_cell(one.control.title)}: {one.status}"
    yield from ("", _cell(one.control.asks), "")
    for claim in one.claims:
        rows = ", ".join(f"{row.seq} (`{row.hash[:12]}`)" for row in claim.rows[:5])
        named = f" Rows {rows}{' …' if claim.count > len(claim.rows[:5]) else ''}." if rows else ""
        yield f"- {_MARKS[claim.finding]}: {_cell(claim.says)}. {_cell(claim.detail)}.{named}"
    yield from (f"- not assessed: {_cell(part)}" for part in one.control.not_assessed)
    yield ""


def _cell(text: str) -> str:
    """Return a text from a row as one that Markdown cannot take for anything but a text."""
    line = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in line)
