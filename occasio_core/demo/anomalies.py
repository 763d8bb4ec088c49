"""The demonstration of detectors: three quiet hours, and then everything that the seed's four detectors look for.

All of it goes through the real gate and the real writer by a made-up clock; only then the log is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from occasio_core import home as places
from occasio_core.demo.simulated import SimulatedRun, Simulation
from occasio_core.detection.recorded import Recording
from occasio_core.detection.scan import Scan
from occasio_core.detection.telling import lines
from occasio_core.detection.watcher import Watcher
from occasio_core.engine import engine
from occasio_core.policy import load_policy

EXPECTED = ("deny-rate", "input-shape", "read-volume", "secret-rate")
_QUIET_CALLS = 150
_SECOND = 72.0  # seconds between two of them: three hours in all


def anomalies_demo(place: Path, say: Callable[[str], object]) -> bool:
    """Make the log below `place`, tell what is found in it, and return whether each of the four has found something.

    Raises `OccasioError`.
    """
    project, home = place / "project", place / "home"
    project.mkdir(parents=True, exist_ok=True)
    with Simulation(home) as simulation, simulation.run(project) as run:
        _quiet(simulation, run, project)
        say("three quiet hours, then: 12 refused commands, 60 files, a shell with an environment of its own, 8 secrets")
        _strange(simulation, run, project)
    policy = load_policy(None, home, project)
    registry = engine(policy, home).registry
    looked = Scan(Recording(places.log_path(home)), Watcher(registry.detectors, policy.detectors))
    found = list(looked.found())
    for one in found:
        say("\n".join(lines(one)))
    say(f"the log: {places.log_path(home)}")
    say(f"look at it yourself: occasio anomalies --file {places.log_path(home)}")
    return {one.detector.partition(".")[2] for one in found} >= set(EXPECTED)


def _quiet(simulation: Simulation, run: SimulatedRun, project: Path) -> None:
    for number in range(_QUIET_CALLS):
        if number % 3:
            run.call("Read", {"file_path": str(project / f"src/{number % 5}.py")}, "def f(): ...")
        else:
            run.call("Bash", {"command": "git status"}, "nothing to commit")
        simulation.wait(_SECOND)


def _strange(simulation: Simulation, run: SimulatedRun, project: Path) -> None:
    for number in range(60):
        run.call("Read", {"file_path": str(project / f"customers/{number}.csv")}, "name,town")
        simulation.wait(3)
    for _ in range(12):
        run.call("Bash", {"command": "cat ~/.ssh/id_rsa"})
        simulation.wait(10)
    run.call("Bash", {"command": "make", "env": {"LD_PRELOAD": "/tmp/x.so"}}, "made")  # noqa: S108 - a text, no file
    for number in range(8):
        token = "ghp_" + f"{number:02}" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4h"  # made up; whole it would alarm scanners
        run.call("Read", {"file_path": str(project / f"deploy-{number}.log")}, f"deploying with {token}")
        simulation.wait(10)
