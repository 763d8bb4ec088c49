"""`occasio anomalies` tells what detectors find in a log, by its exit code too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.cli import anomalies
from occasio_core.demo.simulated import Simulation
from tests.occasio_core.cli.commands import Captured, assert_refused, occasio

KEY = {"command": "cat ~/.ssh/id_rsa"}


@pytest.fixture
def calm(home: Path, tmp_path: Path) -> Path:
    """A home with five hours of ordinary work."""
    with Simulation(home) as simulation:
        for _ in range(2):
            with simulation.run(tmp_path) as run:
                for number in range(75):
                    simulation.wait(120)
                    run.call("Read", {"file_path": str(tmp_path / f"{number % 7}.py")})
    return home


@pytest.fixture
def denied(calm: Path, tmp_path: Path) -> Path:
    """The same, and then ten calls that are refused; that they are the same call is for no detector to tell here."""
    (calm / "policy.yml").write_text("detectors: {disabled: [detectors.loop]}\n", encoding="utf-8")
    with Simulation(calm) as simulation:
        simulation.wait(6 * 3600)
        with simulation.run(tmp_path) as run:
            for _ in range(10):
                simulation.wait(5)
                run.call("Bash", KEY)
    return calm


@pytest.mark.usefixtures("calm")
def test_ordinary_work_is_no_finding_and_exits_0(capsys: Captured) -> None:
    assert occasio("anomalies") == 0
    out, err = capsys.readouterr()
    assert out.startswith("0 findings from 2026-03-02 13:45:00Z to 2026-03-02 14:00:00Z; ")
    assert err == ""


@pytest.mark.usefixtures("denied")
def test_what_is_unlike_the_rest_is_told_with_rows_and_what_to_do_and_exits_2(capsys: Captured) -> None:
    assert occasio("anomalies") == 2
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("LOW     2026-03-02 15:00:30Z  detectors.deny-rate  run ")
    assert "MEDIUM  2026-03-02 15:00:45Z  detectors.deny-rate" in out
    assert "9 calls were refused within 15 minutes; 0 is ordinary here" in out
    assert "hint: " in out
    assert "rows: " in out
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith("2 findings from ")
    assert err == ""


def test_programs_get_json(denied: Path, capsys: Captured) -> None:
    assert occasio("anomalies", "--json") == 2
    said = json.loads(capsys.readouterr().out)
    assert [one["severity"] for one in said["findings"]] == ["low", "medium"]
    assert (said["log"], said["damage"]) == (str(places.log_path(denied)), None)
    assert all(len(row) == 64 for one in said["findings"] for row in one["rows"])


@pytest.mark.usefixtures("denied")
def test_thresholds_can_be_multiplied(capsys: Captured) -> None:
    assert occasio("anomalies", "--threshold-multiplier", "1.6") == 1
    assert occasio("anomalies", "--threshold-multiplier", "2") == 0
    capsys.readouterr()
    assert occasio("anomalies", "--threshold-multiplier", "0") == 2
    assert_refused(capsys, "--threshold-multiplier is 0.0", "0.01 to 1000")


@pytest.mark.usefixtures("denied")
def test_a_window_of_another_length_is_another_question() -> None:
    assert occasio("anomalies", "--window", "10s") == 0


def test_a_file_is_looked_at_whole_and_the_home_for_its_last_window(denied: Path, tmp_path: Path) -> None:
    with Simulation(denied) as simulation:
        simulation.wait(48 * 3600)
        with simulation.run(tmp_path):
            pass
    log = places.log_path(denied)
    assert occasio("anomalies") == 0
    assert occasio("anomalies", "--since", "7d") == 2
    assert occasio("anomalies", "--since", "2026-03-02T15:00:40Z") == 2
    assert occasio("anomalies", "--file", log) == 2
    assert occasio("anomalies", "--file", log, "--since", "1h") == 0


def test_of_one_run_only_what_was_found_in_it(denied: Path, capsys: Captured) -> None:
    rows = [json.loads(line) for line in places.log_path(denied).read_bytes().splitlines()]
    assert occasio("anomalies", "--run", rows[0]["run_id"][:8]) == 0
    assert occasio("anomalies", "--run", rows[-1]["run_id"][:8]) == 2
    capsys.readouterr()
    assert occasio("anomalies", "--run", "ffffffff") == 2
    assert_refused(capsys, "no run `ffffffff` in the log", "occasio runs")


def test_a_log_that_does_not_verify_is_read_as_far_as_it_does_and_exits_2(denied: Path, capsys: Captured) -> None:
    path = places.log_path(denied)
    path.write_bytes(path.read_bytes().replace(b'"action":"BLOCK"', b'"action":"PASS"', 1))
    assert occasio("anomalies", "--file", path) == 2
    out, err = capsys.readouterr()
    assert out.startswith("0 findings from ")
    assert "occasio: the log is damaged at line " in err
    assert "hint: occasio audit verify says more" in err
    assert "row-hash" in err
    assert occasio("anomalies", "--file", path, "--json") == 2
    assert json.loads(capsys.readouterr().out)["damage"]["line"] > 300


def test_without_a_log_nothing_is_recorded_yet(home: Path, capsys: Captured) -> None:
    assert occasio("anomalies") == 0
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[0]) == ("", f"nothing is recorded yet: no row in {places.log_path(home)}")
    assert not home.exists()


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path, capsys: Captured) -> None:
    assert occasio("anomalies", "--file", tmp_path / "none") == 2
    assert_refused(capsys, f"no log at {tmp_path / 'none'}", "--file")


def test_an_empty_log_has_nothing_to_tell(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "log").write_bytes(b"")
    assert occasio("anomalies", "--file", tmp_path / "log") == 0
    assert capsys.readouterr().err.startswith("nothing is recorded yet: no row in ")


@pytest.mark.usefixtures("denied")
def test_a_detector_that_is_off_finds_nothing(home: Path) -> None:
    (home / "policy.yml").write_text("detectors: {disabled: [detectors.deny-rate, detectors.loop]}\n", encoding="utf-8")
    assert occasio("anomalies") == 0


def test_what_the_policy_says_of_no_detector_is_told_at_its_place(calm: Path, capsys: Captured) -> None:
    policy = calm / "policy.yml"
    policy.write_text("detectors:\n  options:\n    detectors.deny-rate: {at_lest: 3}\n", encoding="utf-8")
    assert occasio("anomalies") == 2
    assert_refused(capsys, f"{policy}:3:27: the key `at_lest` is not known", "at_least")


def test_the_detectors_are_listed_with_their_options(home: Path, capsys: Captured) -> None:
    assert occasio("anomalies", "--list") == 0
    assert "detectors.deny-rate  {" in capsys.readouterr().out
    assert occasio("anomalies", "--list", "--json") == 0
    assert "detectors.deny-rate" in [one["name"] for one in json.loads(capsys.readouterr().out)]


def test_it_goes_on_with_rows_that_come(
    calm: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) > 1:
            raise KeyboardInterrupt
        with Simulation(calm) as simulation:
            simulation.wait(6 * 3600)
            with simulation.run(tmp_path) as run:
                for _ in range(7):
                    run.call("Bash", KEY)

    monkeypatch.setattr(anomalies.time, "sleep", wait)
    assert occasio("anomalies", "--follow", "--json") == 130
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["detector"] == "detectors.deny-rate"
