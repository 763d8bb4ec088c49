"""What a reviewer reads: a title, a table of the run, the calls that were blocked.

Pure; all texts of others go through `cell`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from occasio_core import Json
from occasio_github.judgement import FAILURE, Judgement, claim
from occasio_github.markdown import cell, table

MOST_BLOCKED = 25
MOST_CHARACTERS = 60_000  # GitHub takes 65,535 of a Check Run's summary

UNKNOWN = "?"

_SEARCH = "https://search.sigstore.dev/"
_FOOTER = (
    "Counts, times and blocks are recomputed from the rows by the verifier; agent, model and commit are what the "
    "recorder reported. A bundle does not show that the recorder was honest or that every call passed the gate."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is told of: the verifier's report and the bundle, or why there is none."""

    report: Mapping[str, Json] | None
    bundle: Mapping[str, Json] | None
    problem: str | None = None
    rekor_entry: str | None = None


def title(run: Run, judged: Judgement) -> str:
    """Return one line: whether, how many calls, how many of them blocked."""
    if run.report is None:
        return "Occasio · no evidence"
    start = "Occasio · not verified" if judged.conclusion == FAILURE else "Occasio Attested"
    calls, blocked = (_count(run.report, name) for name in ("tool_calls", "blocked"))
    return start if UNKNOWN in (calls, blocked) else f"{start} · {calls} calls · {blocked} blocked"


def summary(run: Run, judged: Judgement) -> str:
    """Return Markdown of at most `MOST_CHARACTERS`."""
    verdict = "no bundle" if run.report is None else cell(str(run.report.get("verdict")))
    reasons = "; ".join(judged.reasons)
    parts = [f"**{verdict}**: {reasons}.\n\n"]
    if run.problem:
        parts.append(f"{cell(run.problem)}\n\n")
    if run.report is not None and run.bundle is not None:
        parts.append(table(("", ""), _facts(run.report, run.bundle, run.rekor_entry)))
        parts.append(_failures(run.report))
        room = MOST_CHARACTERS - sum(map(len, parts)) - len(_FOOTER) - 200
        parts.append(_blocked(run.report, room))
    return f"{''.join(parts)}\n{_FOOTER}\n"


def _facts(report: Mapping[str, Json], bundle: Mapping[str, Json], rekor: str | None) -> list[tuple[str, str]]:
    attestation = bundle.get("attestation")
    agent, model = (cell(_said(attestation, "agent", name)) for name in ("platform", "model"))
    counts = " / ".join(_count(report, name) for name in ("local", "passed", "blocked", "transformed"))
    first, last = (_said(attestation, "audit_chain", name)[:16] for name in ("first_hash", "last_hash"))
    policy = cell(_said(attestation, "policy", "file_hash")[:16])
    link = f"[entry]({rekor})" if rekor and rekor.startswith(_SEARCH) else "–"
    return [
        ("Predicate", cell(_said(attestation, "predicate_type"))),
        ("Agent · model", f"{agent} · {model}"),
        ("Run", cell(_text(bundle.get("run_id")))),
        ("Commit", cell(_said(attestation, "subject", "git_commit")[:12])),
        ("Policy", f"{policy} · {cell(_said(attestation, 'policy', 'source'))}"),
        ("Tool calls LOCAL / PASS / BLOCK / TRANSFORM", counts),
        ("Secrets redacted", _count(report, "secrets_redacted")),
        ("Chain", f"{cell(first)} … {cell(last)} · {_count(report, 'rows')} events"),
        ("Signed by", cell(_text(report.get("signer")))),
        ("Transparency log", link),
    ]


def _failures(report: Mapping[str, Json]) -> str:
    listed = report.get("checks")
    checks = [check for check in listed if isinstance(check, dict)] if isinstance(listed, list) else []
    rows = [
        (cell(_text(check.get("name"))), cell(_text(check.get("code"))), cell(_text(check.get("detail"))))
        for check in checks
        if check.get("status") == "fail"
    ]
    return f"\n### Failed checks\n\n{table(('Check', 'Code', 'Detail'), rows)}" if rows else ""


def _blocked(report: Mapping[str, Json], room: int) -> str:
    listed = report.get("blocked")
    events = [event for event in listed if isinstance(event, dict)] if isinstance(listed, list) else []
    rows: list[tuple[str, ...]] = []
    for event in events[:MOST_BLOCKED]:
        told = tuple(cell(_text(event.get(name))) for name in ("tool", "target", "rule"))
        row = (*told, f"T+{_whole(event.get('at_offset_s'))}s")
        room -= sum(map(len, row)) + 20
        if room < 0:
            break
        rows.append(row)
    if not events:
        return ""
    left = f"\n{len(events) - len(rows)} more stand in the bundle.\n" if len(rows) < len(events) else ""
    return f"\n### Blocked attempts\n\n{table(('Tool', 'Target', 'Rule', 'When'), rows)}{left}"


def _said(value: Json, *path: str) -> str:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return _text(value)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _count(report: Mapping[str, Json], name: str) -> str:
    """Return what was counted; where that was not recomputed there is no number, and none is made up."""
    value = claim(report, name)
    return str(value) if isinstance(value, int) else UNKNOWN


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0
