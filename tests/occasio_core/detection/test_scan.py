"""One pass over a log, and what it comes to."""

from __future__ import annotations

from pathlib import Path

from occasio_core import Detection, Finding, Severity
from occasio_core.detection.recorded import Recording
from occasio_core.detection.scan import FAILURE, NOTHING, ONLY_LOW, SERIOUS, Scan, exit_code
from occasio_core.detection.watcher import FAILED, Found, Watcher
from occasio_core.ledger import Ledger
from tests.occasio_core.detection.test_watcher import Says
from tests.occasio_core.logs import clock, run_id, started


def found(severity: Severity, *tags: str) -> Found:
    return Found(detector="p.d", at=0, run_id="r", finding=Finding(severity=severity, message="m", tags=tags))


def test_the_exit_code_is_that_of_the_worst() -> None:
    low, medium, high = (found(severity) for severity in (Severity.LOW, Severity.MEDIUM, Severity.HIGH))
    failed = found(Severity.MEDIUM, FAILED)
    assert exit_code([], is_damaged=False) == NOTHING
    assert exit_code([low], is_damaged=False) == ONLY_LOW
    assert exit_code([low, medium], is_damaged=False) == exit_code([high, failed], is_damaged=False) == SERIOUS
    assert exit_code([failed], is_damaged=False) == exit_code([low, failed], is_damaged=False) == FAILURE
    assert exit_code([], is_damaged=True) == SERIOUS


def test_of_one_run_only_its_own_findings_are_told_and_all_rows_are_looked_at(tmp_path: Path) -> None:
    with Ledger(tmp_path / "log", clock=clock()) as ledger:
        for number in range(3):
            ledger.append(started(run_id(number)))
    detector = Says(lambda seen: [Finding(severity=Severity.LOW, message="m")])
    looked = Scan(Recording(tmp_path / "log"), Watcher({"p.d": detector}, Detection()), run=run_id(1))
    assert [one.run_id for one in looked.found()] == [run_id(1)]
    assert len(detector.seen) == 3
    assert looked.last - looked.first == 2
