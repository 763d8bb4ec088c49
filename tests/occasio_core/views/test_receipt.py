"""A receipt says what a run came to, names its rows, is small, and holds no path."""

from __future__ import annotations

import json
from pathlib import Path

from occasio_core.reading import open_reader
from occasio_core.views.receipt import receipt_of
from occasio_verify import canonical
from tests.occasio_core.reading.logs import every_kind, written
from tests.samples import RUN


def test_a_receipt_has_the_runs_numbers_and_hashes_and_no_path(tmp_path: Path) -> None:
    log = every_kind()
    written(tmp_path, log)
    rows = [row for row in log.rows if row["run_id"] == RUN]
    with open_reader(tmp_path) as reader:
        told = receipt_of(reader.run(RUN), rows[0]["hash"], "2026-01-03T00:00:00.000Z")
    assert told["chain"] == {"first_hash": rows[0]["hash"], "last_hash": rows[-1]["hash"], "rows": len(rows)}
    assert told["tools"] == {
        "total": 5,
        "passed": 2,
        "local": 1,
        "transformed": 1,
        "blocked": 1,
        "results_withheld": 1,
        "results_changed": 1,
        "secrets_redacted": 8,
    }
    accounting = told["accounting"]
    assert isinstance(accounting, dict)
    assert (accounting["requests"], accounting["cost_micro_usd"], accounting["unpriced_requests"]) == (2, 1500, 1)
    assert "/home" not in json.dumps(told)
    assert len(canonical(told)) < 2048
