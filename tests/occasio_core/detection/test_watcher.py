"""Every row comes to every detector once, with what is known of its run; a detector that fails says so itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from occasio_core import Detection, DetectorSettings, Finding, Json, Observation, Severity, Watch
from occasio_core.detection.watcher import FAILED, MOST_RUNS, Watcher


@dataclass
class Says:
    """A detector, its watch, and what it has seen."""

    say: Callable[[Observation], Iterable[Finding]]
    name: str = "says"
    options: Mapping[str, Json] = field(default_factory=lambda: {"at_least": 3, "more": 4})
    seen: list[Observation] = field(default_factory=list)
    told: list[DetectorSettings] = field(default_factory=list)

    def open(self, settings: DetectorSettings, /) -> Watch:
        self.told.append(settings)
        return self

    def observe(self, row: Observation, /) -> Iterable[Finding]:
        self.seen.append(row)
        return self.say(row)


def row(
    kind: str = "tool_call", run: str | None = "r", ts: str = "1970-01-01T00:00:09.000Z", **more: Json
) -> dict[str, Json]:
    return {"kind": kind, "run_id": run, "ts": ts, "hash": f"{kind}-hash", "agent": "a", **more}


def watched(detector: Says, policy: Detection | None = None) -> Watcher:
    return Watcher({"p.says": detector}, policy or Detection())


def quiet() -> Says:
    return Says(lambda seen: ())


def fails() -> Says:
    def say(seen: Observation) -> Iterable[Finding]:
        raise ZeroDivisionError("secret words")

    return Says(say)


def test_a_finding_has_its_detector_its_time_and_its_run() -> None:
    said = Finding(severity=Severity.LOW, message="odd", rows=("x",), tags=("t",), hint="do", observed=3, expected=1)
    (found,) = watched(Says(lambda seen: [said])).observe(row())
    assert (found.detector, found.at, found.run_id) == ("p.says", 9.0, "r")
    assert found.members() == {
        "detector": "p.says",
        "severity": "low",
        "message": "odd",
        "rows": ["x"],
        "tags": ["t"],
        "hint": "do",
        "observed": 3,
        "expected": 1,
    }


def test_a_run_is_known_by_what_started_it_and_not_by_what_its_rows_call_themselves() -> None:
    detector = quiet()
    watcher = watched(detector)
    watcher.observe(row("run_started", command="claude", cwd="/p", agent="occasio"))
    watcher.observe(row(agent="somebody else"))
    watcher.observe(row("run_ended"))
    watcher.observe(row(agent="late"))
    assert [(seen.agent, seen.project) for seen in detector.seen] == [("claude", "/p")] * 3 + [("late", "")]


def test_runs_that_never_end_are_forgotten_in_the_end() -> None:
    watcher = watched(quiet())
    for number in range(MOST_RUNS + 10):
        watcher.observe(row("run_started", run=str(number), command="c", cwd="/p"))
    assert len(watcher._runs) == MOST_RUNS


def test_a_finding_leads_to_no_other() -> None:
    detector = Says(lambda seen: [Finding(severity=Severity.HIGH, message="again")])
    assert watched(detector).observe(row("finding")) == []
    assert detector.seen == []


def test_a_watch_that_fails_is_a_finding_without_the_words_of_the_failure_and_is_asked_no_more() -> None:
    detector = fails()
    watcher = watched(detector)
    (found,) = watcher.observe(row())
    assert found.finding.message == "the detector failed with ZeroDivisionError and sees nothing any more"
    assert (found.finding.tags, found.finding.severity) == ((FAILED,), Severity.MEDIUM)
    assert "p.says" in found.finding.hint
    assert watcher.observe(row()) == []
    assert len(detector.seen) == 1


def test_a_watch_that_says_what_is_no_finding_has_failed() -> None:
    (found,) = watched(Says(lambda seen: ["odd"])).observe(row())  # type: ignore[list-item]
    assert "TypeError" in found.finding.message


def test_one_that_fails_halts_no_other() -> None:
    other = quiet()
    watcher = Watcher({"p.a": fails(), "p.b": other}, Detection())
    watcher.observe(row())
    watcher.observe(row())
    assert len(other.seen) == 2


def test_a_detector_that_cannot_be_opened_is_a_finding() -> None:
    class Broken(Says):
        def open(self, settings: DetectorSettings, /) -> Watch:
            raise KeyError("x")

    watcher = watched(Broken(lambda seen: ()))
    assert [found.finding.tags for found in watcher.observe(row())] == [(FAILED,)]
    assert watcher.observe(row()) == []


def test_a_detector_is_told_what_the_policy_says_and_the_defaults() -> None:
    detector = quiet()
    watched(detector, Detection(window_seconds=60, threshold_percent=150, options={"p.says": {"more": 9}}))
    assert detector.told == [DetectorSettings(window=60, multiplier=1.5, options={"at_least": 3, "more": 9})]


def test_a_detector_that_is_off_is_not_opened() -> None:
    detector = quiet()
    watched(detector, Detection(disabled=("p.says",))).observe(row())
    assert detector.told == detector.seen == []


def test_a_finding_names_a_bounded_number_of_rows() -> None:
    said = Finding(severity=Severity.LOW, message="many", rows=tuple("abcdefghijklmnopqrstuvwxyz"))
    (found,) = watched(Says(lambda seen: [said])).observe(row())
    assert found.members()["rows"] == list("abcdefghijklmnop")


def test_a_watch_that_names_kinds_is_shown_no_others() -> None:
    class Narrow(Says):
        kinds = frozenset({"request"})

    narrow, wide = Narrow(lambda seen: ()), quiet()
    watcher = Watcher({"p.a": narrow, "p.b": wide}, Detection())
    for kind in ("tool_call", "request", "tool_call", "checkpoint"):
        watcher.observe(row(kind))
    assert [seen.kind for seen in narrow.seen] == ["request"]
    assert len(wide.seen) == 4
