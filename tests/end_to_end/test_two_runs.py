"""Two agents at once under one Occasio home: one log, two runs in it, and a bundle of each that shows nothing of the other."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Answer, Call, Turn
from occasio_verify import Row
from tests.end_to_end.place import Place, ended, prepared
from tests.node_rules import log_problems
from tests.real_agents import Finished, headless, require_claude_code, run

pytestmark = pytest.mark.agents

JAVASCRIPT = Path(__file__).parents[2] / "conformance" / "javascript" / "cli.js"


class PacedModel(ScriptedModel):
    """A scripted model for several conversations: nobody gets an answer before everybody has asked for it."""

    def __init__(self, turns: Sequence[Answer], conversations: int) -> None:
        super().__init__(turns)
        self._together = threading.Barrier(conversations, timeout=60)

    def answer(self, request: Request) -> Answer:
        if request.json.get("tools"):
            self._together.wait()
        return super().answer(request)


@dataclass(frozen=True, slots=True)
class Both:
    """Two runs that were under way at once: how they ended, and the rows of each by its id."""

    place: Place
    finished: Sequence[Finished]
    rows: dict[str, list[Row]]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Two agents at once; each reads an allowed file and tries the denied one."""
    place = prepared(tmp_path_factory.mktemp("both"), require_claude_code())
    allowed = Call("Read", {"file_path": str(place.work / "notes.txt")})
    denied = Call("Read", {"file_path": str(place.work / "private" / "plans.txt")})
    with PacedModel([Turn(calls=[allowed, denied]), Turn(text="so be it")], conversations=2) as model:
        command = ["run", "--upstream", model.url, "--", *headless("claude", "go")]
        with place.begun(*command) as first, place.begun(*command) as second:
            finished = [ended(first), ended(second)]
    rows: dict[str, list[Row]] = {}
    for row in place.rows():
        rows.setdefault(str(row.run_id), []).append(row)
    return Both(place, finished, rows)


def test_both_runs_come_to_their_end_and_the_log_holds_them_interleaved(both: Both) -> None:
    assert [finished.returncode for finished in both.finished] == [0, 0]
    first, second = both.rows.values()
    assert first[0].seq < second[0].seq < first[-1].seq
    assert len(both.place.rows()) == len(first) + len(second)
    assert log_problems(both.place.log.read_bytes()) == []


def test_each_run_has_its_own_calls(both: Both) -> None:
    for rows in both.rows.values():
        assert [row.fields["action"] for row in rows if row.kind == "tool_call"] == ["PASS", "BLOCK"]


def test_the_bundle_of_each_holds_its_rows_alone_and_verifies_in_both_implementations(both: Both, node: str) -> None:
    for run_id, rows in both.rows.items():
        sealed = both.place.seal("--run", run_id)
        assert [row["hash"] for row in json.loads(sealed.data)["chain_slice"]] == [row.hash for row in rows]
        key = ["--key", str(sealed.key)]
        assert both.place.verifier(sealed.bundle, *key).returncode == 0
        javascript = run(
            [node, str(JAVASCRIPT), str(sealed.bundle), *key],
            environment=both.place.environment,
            directory=both.place.work,
        )
        assert javascript.returncode == 0, javascript.stdout
    assert both.place.occasio("audit", "verify").returncode == 0
