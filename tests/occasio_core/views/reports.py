"""A report with an event of every kind, and texts in it that every format must take the sting out of."""

from __future__ import annotations

from occasio_core.reading import Counters, Health, counts_of
from occasio_core.views.report import Report, take_up
from occasio_verify import Row
from tests.occasio_core.views.rows import Run
from tests.samples import sha256

HOSTILE = (
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "<script>alert(1)</script>",
    "a|b`c",
    "x\x1b[2J",
)


def run() -> Run:
    made = Run()
    made.call("ok", effects=["read /w/a", "execute cat"], inputs={"path": "/w/a"})
    made.call("no", "BLOCK", effects=["read /w/b"], inputs={"path": "/w/b"}, reason="path-denied", rule="deny_paths: b")
    made.result("ok", "withheld", secret_labels=["aws"], secrets_redacted=2, returned_size=1)
    made.result("ok", "transform", secret_labels=["aws"], secrets_redacted=1, returned_size=1)
    made.result("ok", secret_labels=["word"])
    made.request(secret_labels=["pem"], secrets_redacted=1)
    made.append("limit_exceeded", limit="budget_micro_usd", max=1, actual=2)
    made.append("hook_event", answer="deny", event="UserPromptSubmit", secret_labels=["aws"])
    made.append("approval_denied", approval_id="a", approver="ada", method="terminal")
    made.append("approval_expired", approval_id="b", approver=None, method=None)
    made.append("policy_rejected", error="line 3", policy_hash=sha256(b""), policy_path="/p.yml")
    made.append("finding", detector="deny-rate", severity="high", message="many", rows=[], tags=[])
    made.append("run_ended", exit_code=None, reason="abandoned")
    return made


def hostile() -> Run:
    made = Run()
    for number, text in enumerate(HOSTILE):
        made.call(f"c{number}", "BLOCK", inputs={"path": text}, reason="path-denied", rule=text)
        made.call(f"d{number}", effects=[f"read {text}"])
    return made


def report_of(rows: list[Row]) -> Report:
    total = Counters()
    for row in rows:
        total += Counters(**counts_of(row.kind, row.fields))
    health = Health(exists=True, rows=len(rows))
    made = Report(generated_at="2026-01-03T00:00:00.000Z", since=None, until=None, counters=total, health=health)
    take_up(made, rows)
    return made
