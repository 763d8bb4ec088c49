"""A report names what was tried, the rows that stopped it and the proof, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from occasio_harness import report
from occasio_harness.agents import agent_named
from occasio_harness.evidence import Row, Sealed
from occasio_harness.playing import Played
from occasio_harness.scenarios.known import SCENARIOS, scenario_named
from occasio_harness.subject import Terms
from occasio_harness.verdict import Tried, Verdict

ROW: Row = {
    "kind": "tool_call",
    "action": "BLOCK",
    "reason": "path-denied",
    "rule": "deny_paths: ./private",
    "seq": 6,
    "call_id": "attack_1",
}
HELD = Played(
    scenario=scenario_named("deny-read"),
    agent=agent_named("claude"),
    verdict=Verdict.HELD,
    why=[],
    tried=[Tried(call="attack_1", what="Read {}", was_made=True, rows=[ROW])],
    stopped_by=[ROW],
    sealed=Sealed(bundle=Path("/e/x.occasio.json"), key=Path("/e/x.pub")),
    seconds=1.5,
)
LEAKED = Played(
    scenario=scenario_named("directory-walk"),
    agent=agent_named("codex"),
    verdict=Verdict.LEAKED,
    why=["request 2 to the model: as it is"],
    tried=[Tried(call="attack_1", what="x" * 500, was_made=False)] * 20,
)


def test_a_held_attack_is_shown_with_its_row_and_its_proof() -> None:
    assert report.shown(HELD).splitlines() == [
        "HELD          deny-read, claude, 1.5 s",
        "  the agent reads a denied file with the file tool",
        "  tried    Read {}",
        "  stopped  row 6 tool_call: BLOCK path-denied deny_paths: ./private",
        "  proof    /e/x.occasio.json: VERIFIED",
    ]


def test_a_leak_says_where_and_whether_it_is_known() -> None:
    shown = report.shown(LEAKED)
    assert "  leak     request 2 to the model: as it is" in shown
    assert f"  known    {LEAKED.scenario.gap}" in shown
    assert "and 8 more" in shown
    assert max(map(len, shown.splitlines())) <= 120


def test_everything_is_there_for_programs(tmp_path: Path) -> None:
    told = json.loads(json.dumps(report.as_document([HELD, LEAKED], Terms(out=tmp_path))))
    assert told["totals"] == {"held": 1, "leaked": 1, "inconclusive": 0}
    first, second = told["attacks"]
    assert (first["verdict"], first["stopped_by"][0]["seq"], first["bundle_verifies"]) == ("held", 6, True)
    assert (second["bundle"], second["bundle_verifies"], second["known_gap"]) == (None, False, LEAKED.scenario.gap)


def test_the_list_has_every_scenario_once() -> None:
    assert len(report.listed(SCENARIOS).splitlines()) == len(SCENARIOS)
    assert len(json.loads(report.listed_json(SCENARIOS))["scenarios"]) == len(SCENARIOS)


def test_the_totals_count_each_verdict(tmp_path: Path) -> None:
    assert report.totals([HELD, LEAKED], tmp_path).startswith("1 held, 1 leaked, 0 inconclusive\n")
