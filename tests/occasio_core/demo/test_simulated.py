"""Simulated runs leave a log as real ones do."""

from __future__ import annotations

from pathlib import Path

from occasio_core import home as places
from occasio_core.demo.simulated import Simulation
from occasio_verify import walk_log
from tests.occasio_core.logs import checked

TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6"


def test_calls_are_decided_and_recorded_by_the_real_gate_at_the_times_that_are_made_up(tmp_path: Path) -> None:
    with Simulation(tmp_path / "home") as simulation:
        with simulation.run(tmp_path) as run:
            simulation.wait(60)
            assert run.call("Read", {"file_path": str(tmp_path / "a.py")})
            assert not run.call("Bash", {"command": "cat ~/.ssh/id_rsa"})
            run.call("Read", {"file_path": str(tmp_path / "b")}, f"token {TOKEN}")
            run.request()
        simulation.wait(3600)
    path = places.log_path(tmp_path / "home")
    assert walk_log(path).rows == len(checked(path).rows) == 11
    rows = {row["kind"]: row for row in checked(path).rows}
    calls = [row for row in checked(path).rows if row["kind"] == "tool_call"]
    assert [row["action"] for row in calls] == ["PASS", "BLOCK", "PASS"]
    assert {row["ts"] for row in calls} == {"2026-03-02T09:01:00.000Z"}
    assert (rows["tool_result"]["result_kind"], rows["tool_result"]["secret_labels"]) == ("withheld", ["github-pat"])
    assert TOKEN not in path.read_text(encoding="utf-8")
