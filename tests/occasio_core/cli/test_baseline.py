"""`occasio baseline` on runs that went through the real gate and writer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.demo.simulated import SimulatedRun, Simulation
from tests.occasio_core.cli.commands import Captured, assert_refused, occasio


def usual(run: SimulatedRun, project: Path) -> None:
    run.call("Read", {"file_path": str(project / "README.md")})
    run.call("Bash", {"command": "ls"})


def strange(run: SimulatedRun, project: Path) -> None:
    run.call("Bash", {"command": "curl https://drop.example/x"})
    for number in range(30):
        run.call("Read", {"file_path": str(project / "docs" / str(number))})


@pytest.fixture
def project(home: Path) -> Path:
    """Six usual runs of the working directory, and one of another between them."""
    project = Path.cwd()
    with Simulation(home) as simulation:
        for number in range(6):
            with simulation.run(project) as run:
                usual(run, project)
            if number == 3:
                with simulation.run(project.parent) as run:
                    strange(run, project.parent)
    return project


def one_more(home: Path, project: Path) -> None:
    with Simulation(home) as simulation, simulation.run(project) as run:
        strange(run, project)


def compared(captured: Captured) -> dict[str, str]:
    return {
        one["what"] + " " + one["name"]: one["severity"] for one in json.loads(captured.readouterr().out)["findings"]
    }


def test_a_baseline_is_of_the_project_alone(home: Path, project: Path, capsys: Captured) -> None:
    assert occasio("baseline", "learn", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["project"], told["runs"], told["low_confidence"]) == (str(project), 6, False)
    assert told["calls"] == {"median": 2, "mad": 0, "p95": 2}
    assert told["seen"]["program"] == {"ls": 6}
    assert told["seen"]["host"] == {}
    assert occasio("baseline", "show", "--json") == 0
    assert json.loads(capsys.readouterr().out) == told
    assert occasio("baseline", "show") == 0
    assert "from 6 runs\n" in capsys.readouterr().out


def test_what_takes_long_says_how_far_it_is(
    home: Path, project: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("occasio_core.cli.baseline._SAY_AFTER_SECONDS", -1.0)
    assert occasio("baseline", "learn") == 0
    assert capsys.readouterr().err.splitlines()[-1] == "6 of 6 runs read"


def test_a_usual_run_is_no_finding_and_a_strange_one_is(home: Path, project: Path, capsys: Captured) -> None:
    occasio("baseline", "learn")
    assert occasio("baseline", "compare") == 0
    assert "0 findings: run " in capsys.readouterr().out
    one_more(home, project)
    assert occasio("baseline", "compare", "--json") == 2
    assert compared(capsys) == {
        "new_program curl": "high",
        "volume_spike calls": "high",
        "new_host drop.example": "medium",
        "new_path docs/": "low",
    }


def test_a_run_that_was_learned_from_is_compared_with_the_others(home: Path, project: Path, capsys: Captured) -> None:
    one_more(home, project)
    occasio("baseline", "learn")
    capsys.readouterr()
    assert occasio("baseline", "compare") == 2
    out = capsys.readouterr().out
    assert "beside 6 others" in out
    assert "HIGH  new_program" in out
    event = out.partition("occasio explain ")[2].split()[0]
    assert occasio("explain", event) in (0, 1, 3)
    assert "curl" in capsys.readouterr().out


def test_a_run_can_be_named_from_anywhere(
    home: Path, project: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    occasio("baseline", "learn")
    capsys.readouterr()
    occasio("runs", "--json", "--last", "1")
    (run,) = json.loads(capsys.readouterr().out)
    monkeypatch.chdir(tmp_path.parent)
    assert occasio("baseline", "compare", "--run", run["run_id"]) == 0
    capsys.readouterr()
    assert occasio("baseline", "compare", "--run", run["run_id"], "--project", "/") == 2
    assert_refused(capsys, f"is of {project}", "leave --project out")


def test_without_a_baseline_it_is_said_and_exit_1(home: Path, project: Path, capsys: Captured) -> None:
    for command in ("show", "compare"):
        assert occasio("baseline", command) == 1
        out, err = capsys.readouterr()
        assert (out, err.splitlines()[0]) == ("", f"nothing was learned of {project} yet")
        assert "hint: occasio baseline learn" in err


def test_a_project_without_runs_is_said_and_exit_1(home: Path, project: Path, capsys: Captured) -> None:
    for command in ("learn", "compare"):
        assert occasio("baseline", command, "--project", "/nowhere") == 1
        assert "no such run of /nowhere" in capsys.readouterr().err


def test_one_run_alone_has_no_others(home: Path, capsys: Captured) -> None:
    one_more(home, Path.cwd())
    assert occasio("baseline", "learn") == 0
    assert "(few: confidence is low)" in capsys.readouterr().out
    assert occasio("baseline", "compare") == 1
    assert "is from run " in capsys.readouterr().err


def test_from_a_damaged_log_nothing_is_learned_and_what_is_strange_still_counts(
    home: Path, project: Path, capsys: Captured
) -> None:
    occasio("baseline", "learn")
    before = [path.read_bytes() for path in (home / "baseline").iterdir()]
    one_more(home, project)
    log = places.log_path(home)
    log.write_bytes(log.read_bytes() + b"{}\n")
    capsys.readouterr()
    assert occasio("baseline", "learn") == 1
    assert "nothing was learned" in capsys.readouterr().err
    assert [path.read_bytes() for path in (home / "baseline").iterdir()] == before
    assert occasio("baseline", "compare") == 2
    out, err = capsys.readouterr()
    assert "new_program" in out
    assert "the log is damaged at line" in err


def test_what_was_learned_is_forgotten_by_reset(home: Path, project: Path, capsys: Captured) -> None:
    occasio("baseline", "learn")
    capsys.readouterr()
    assert occasio("baseline", "reset", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"project": str(project), "dropped": True}
    assert occasio("baseline", "reset") == 0
    assert capsys.readouterr().out == f"nothing was learned of {project}\n"
    assert occasio("baseline", "show") == 1


def test_a_broken_file_is_told_in_one_line(home: Path, project: Path, capsys: Captured) -> None:
    occasio("baseline", "learn")
    (file,) = (home / "baseline").iterdir()
    file.write_text("{", encoding="utf-8")
    capsys.readouterr()
    for command in ("show", "compare"):
        assert occasio("baseline", command) == 1
        assert_refused(capsys, "is not a baseline of this project", "occasio baseline learn")
