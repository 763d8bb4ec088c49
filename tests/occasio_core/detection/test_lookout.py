"""While runs write to the log it is watched, and what is found becomes a row of the run that it was found in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from occasio_core import Detection, Finding, Json, Observation, Severity
from occasio_core.detection import lookout
from occasio_core.detection.lookout import Lookout
from occasio_core.errors import LedgerError
from occasio_core.ledger import Entry, Ledger
from occasio_verify import Row
from tests.occasio_core.detection.test_outlets import Keeps
from tests.occasio_core.detection.test_watcher import Says, fails
from tests.occasio_core.logs import checked, clock, ended, noted, run_id, started


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here depends on how busy the machine is."""
    monkeypatch.setattr(lookout, "PATIENCE_SECONDS", 60.0)


class Log:
    """A log, and how a finding is written to a run of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ledger = Ledger(path, clock=clock())

    def write(self, run: str, kind: str, members: Mapping[str, Json]) -> Row:
        entry = Entry(kind=kind, agent="occasio", protocol="internal", run_id=run, session_id=run, fields=members)
        return self.ledger.append(entry)

    def findings(self) -> list[object]:
        return [(row["run_id"], row["message"]) for row in checked(self.path).rows if row["kind"] == "finding"]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    one = Log(tmp_path / "log")
    yield one
    one.ledger.close()


def on_bad(seen: Observation) -> Iterable[Finding]:
    if seen.fields.get("text") == "bad":
        yield Finding(severity=Severity.LOW, message=f"bad in {seen.agent}", rows=(seen.hash,))


def watched(log: Log, detector: Says, sink: Keeps | None = None) -> Lookout:
    sinks = {"keeps": sink} if sink else {}
    return Lookout(log.path, {"p.says": detector}, Detection(), sinks)


def joined(watching: Lookout, log: Log, run: str) -> None:
    log.ledger.append(started(run))
    watching.join(run, lambda kind, members: log.write(run, kind, members))


def test_a_finding_is_a_row_of_its_run_before_the_run_ends(log: Log) -> None:
    watching = watched(log, Says(on_bad))
    joined(watching, log, run_id())
    for text in ("good", "bad", "good"):
        log.ledger.append(noted(run_id(), text))
        watching.wake()
    watching.leave(run_id())
    log.ledger.append(ended(run_id()))
    watching.close()
    assert log.findings() == [(run_id(), "bad in agent")]
    assert checked(log.path).kinds()[-1] == "run_ended"


def test_sinks_get_the_row_as_it_was_written(log: Log) -> None:
    sink = Keeps()
    sink.may.set()
    watching = watched(log, Says(on_bad), sink)
    joined(watching, log, run_id())
    log.ledger.append(noted(run_id(), "bad"))
    watching.leave(run_id())
    watching.close()
    assert [row["hash"] for row in sink.rows] == [
        row["hash"] for row in checked(log.path).rows if row["kind"] == "finding"
    ]


def test_what_others_write_is_looked_at_and_not_told_here(log: Log) -> None:
    detector = Says(on_bad)
    watching = watched(log, detector)
    log.ledger.append(started(run_id(1)))
    log.ledger.append(noted(run_id(1), "bad"))
    joined(watching, log, run_id())
    watching.leave(run_id())
    watching.close()
    assert (log.findings(), len(detector.seen)) == ([], 3)


def test_a_detector_that_fails_is_a_finding(log: Log) -> None:
    watching = watched(log, fails())
    joined(watching, log, run_id())
    watching.leave(run_id())
    watching.close()
    assert log.findings() == [(run_id(), "the detector failed with ZeroDivisionError and sees nothing any more")]


def test_a_finding_leads_to_no_other(log: Log) -> None:
    detector = Says(lambda seen: [Finding(severity=Severity.LOW, message="always")])
    watching = watched(log, detector)
    joined(watching, log, run_id())
    watching.leave(run_id())
    watching.close()
    assert len(log.findings()) == len(detector.seen) == 1


def test_a_log_that_is_tampered_with_is_told_and_not_watched_any_more(log: Log) -> None:
    watching = watched(log, Says(on_bad))
    log.ledger.append(started(run_id(1)))
    log.ledger.append(noted(run_id(1), "one"))
    log.path.write_bytes(log.path.read_bytes().replace(b'"text":"one"', b'"text":"two"'))
    told: list[Mapping[str, Json]] = []

    def write(kind: str, members: Mapping[str, Json]) -> Row:
        told.append(members)
        raise LedgerError("it takes no rows")

    watching.join(run_id(), write)
    watching.leave(run_id())
    watching.close()
    assert [(one["severity"], "row-hash" in str(one["message"])) for one in told] == [("medium", True)]


def test_without_detectors_nothing_is_started(log: Log) -> None:
    watching = Lookout(log.path, {"p.says": fails()}, Detection(disabled=("p.says",)), {})
    joined(watching, log, run_id())
    watching.leave(run_id())
    watching.close()
    assert watching._thread is None
