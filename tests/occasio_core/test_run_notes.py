"""Beside its rows a run keeps how long its requests took, and what was shortened only where the policy says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from occasio_core.commands import Record
from occasio_core.daylog import DISTILLED, LOGS, files, said_in
from occasio_core.model import RunId
from occasio_core.run_notes import RunNotes
from occasio_verify import Json

MEMBERS: dict[str, Json] = {
    "call_id": "toolu_1",
    "content_digest": "0" * 64,
    "result_kind": "transform",
    "shaped_by": ["distill-output"],
    "size": 9000,
}
RESULT = Record(kind="tool_result", agent="a", protocol="p", session="s", members=MEMBERS)


def kept(place: Path, folder: str) -> list[dict[str, Json]]:
    return [{**said, "ts": ""} for path in files(place / folder) for said in said_in(path)]


def test_a_request_is_noted_with_its_run(tmp_path: Path) -> None:
    notes = RunNotes(tmp_path, RunId("run-1"))
    notes.note({"kind": "request", "ms": 3})
    notes.close()
    assert kept(tmp_path, LOGS) == [{"ts": "", "run_id": "run-1", "kind": "request", "ms": 3}]


def test_what_was_shortened_is_kept_when_the_row_has_it(tmp_path: Path) -> None:
    notes = RunNotes(tmp_path, RunId("run-1"))
    notes.keep(RESULT)
    notes.keep(replace(RESULT, raw=("all of it",)))
    notes.close()
    assert kept(tmp_path, DISTILLED) == [
        {
            "ts": "",
            "run_id": "run-1",
            "call_id": "toolu_1",
            "content_digest": "0" * 64,
            "shaped_by": ["distill-output"],
            "size": 9000,
            "texts": ["all of it"],
        }
    ]


def test_nothing_is_made_where_there_is_nothing_to_note(tmp_path: Path) -> None:
    RunNotes(tmp_path, RunId("run-1")).close()
    assert list(tmp_path.iterdir()) == []
