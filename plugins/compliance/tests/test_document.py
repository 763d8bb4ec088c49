"""JSON and Markdown say the same, with the rows; nothing from a row can pass for Markdown."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from occasio_compliance.assessment import assess, framework, framework_names
from occasio_compliance.claims import LogState, claims
from occasio_compliance.document import Export, as_json, as_markdown, summary
from occasio_compliance.facts import gather
from tests.samples import RUN, run_of

LOG = LogState(rows=13, last_hash="a" * 64, fault="", extends=True, days=1)


def export(name: str = "eu-ai-act", agent: str = "claude-code", log: LogState = LOG) -> Export:
    found = claims(gather([(RUN, run_of(3).rows)]), log)
    told = framework(name)
    run = {"run_id": RUN, "agent": agent, "started_at": "2026-01-02T00:00:00.000Z", "ended_at": None, "rows": 13}
    return Export(
        framework=told,
        controls=assess(told.controls, found),
        claims=found,
        log=log,
        health={"sound": True},
        asked={"run": None, "since": None, "until": None},
        runs=[run],
        made_at="2026-01-02T03:04:05Z",
        version="0.1.0",
    )


def told(name: str = "eu-ai-act") -> Any:
    return json.loads(json.dumps(as_json(export(name))))


@pytest.mark.parametrize("name", framework_names())
def test_the_claims_of_a_control_are_in_the_document_with_their_rows(name: str) -> None:
    document = told(name)
    for control in document["controls"]:
        for finding in ("shown", "contradicted", "silent"):
            assert all(document["claims"][claim]["finding"] == finding for claim in control[finding])
    rows = document["claims"]["calls-refused"]["rows"] if "calls-refused" in document["claims"] else []
    hashes = {row["hash"] for row in run_of(3).rows}
    assert all(row["hash"] in hashes for row in rows)


@pytest.mark.parametrize("name", framework_names())
def test_no_document_says_that_anything_is_met(name: str) -> None:
    text = (json.dumps(told(name)) + as_markdown(export(name))).lower()
    assert "no status here says that a control is met" in text
    assert set(re.findall(r"[a-z-]*complian[a-z]*", text)) <= {"occasio-compliance"}


def test_markdown_has_every_control_with_its_status() -> None:
    one = export()
    text = as_markdown(one)
    for control in one.controls:
        assert f"{control.control.title}: {control.status}" in text.replace("\\", "")
    assert "- not assessed: " in text
    assert f"occasio bundle --run {RUN}" in text


def test_the_summary_counts_every_control() -> None:
    one = export()
    assert sum(summary(one.controls).values()) == len(one.controls)


def test_a_damaged_log_is_said_at_the_top() -> None:
    damaged = LogState(rows=3, last_hash="", fault="the log is damaged at line 4 (row-hash)", extends=False, days=0)
    text = as_markdown(export(log=damaged))
    assert "damaged at line 4" in text.partition("| control |")[0]


def test_a_name_from_a_row_is_never_markup() -> None:
    text = as_markdown(export(agent="x](http://evil)<script>|`\n# y"))
    assert "<script>" not in text
    assert "](http" not in text.replace("\\]", "")
    assert "\n# y" not in text
