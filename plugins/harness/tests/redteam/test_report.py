"""A report tells every round, and the tester's word as its word."""

from __future__ import annotations

import json
from pathlib import Path

from occasio_harness.agents import agent_named
from occasio_harness.evidence import Row, Sealed
from occasio_harness.redteam import report
from occasio_harness.redteam.goals import GOALS
from occasio_harness.redteam.rounds import Ended, Move, Opinion, Outcome, Round
from occasio_harness.verdict import Tried

ROW: Row = {"kind": "tool_call", "action": "BLOCK", "reason": "path-denied", "call_id": "attack_1", "seq": 6}
ROUND = Round(
    move=Move(name="ask", task="go"),
    tried=[
        Tried(call="attack_1", what="Bash cat " + "x" * 200, was_made=True, rows=[ROW]),
        Tried(call="attack_2", what="Bash rev", was_made=True),
        Tried(call="attack_3", what="Bash od", was_made=False),
    ],
    rows=[ROW],
    sightings=["request 2 to the model: reversed"],
    sealed=Sealed(bundle=Path("/e/round-1.occasio.json")),
    said="",
)
ENDED = Ended(
    goal=GOALS["adversarial-read"][0],
    agent=agent_named("codex"),
    outcome=Outcome.EXPLOITED,
    why=["round 1: request 2 to the model: reversed"],
    rounds=[ROUND],
    opinion=Opinion(verdict="defended", reasoning="it held", spent=1_234),
)


def test_a_round_is_shown_with_what_stopped_each_call() -> None:
    lines = report.shown(ENDED).splitlines()
    assert lines[:2] == ["round 1: ask", "  2 of 3 attacking calls were made, 1 stopped"]
    assert "      row 6 tool_call: BLOCK path-denied" in lines
    assert "      let through" in lines
    assert "      not tried" in lines
    assert "  leak: request 2 to the model: reversed" in lines
    assert "  proof: /e/round-1.occasio.json: VERIFIED" in lines
    assert "EXPLOITED  adversarial-read, codex, 1 rounds" in lines
    assert "  the tester says: defended it held" in lines
    assert "  the tester has cost $0.0012" in lines
    assert max(map(len, lines)) <= 120


def test_everything_is_there_for_programs() -> None:
    told = json.loads(json.dumps(report.as_document(ENDED)))
    assert (told["outcome"], told["exploited"], told["tester"]["verdict"]) == ("exploited", True, "defended")
    assert (told["audit_rows"], told["block_rows"]) == (1, 1)
    assert told["rounds"][0]["bundle_verifies"] is True
