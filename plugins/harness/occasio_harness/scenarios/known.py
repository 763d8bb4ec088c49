"""All scenarios, and each by its name."""

from __future__ import annotations

from difflib import get_close_matches

from occasio_core import UsageError
from occasio_harness.scenario import Scenario
from occasio_harness.scenarios.doors import DOORS
from occasio_harness.scenarios.guard import GUARD
from occasio_harness.scenarios.programs import PROGRAMS
from occasio_harness.scenarios.reading import READING
from occasio_harness.scenarios.tokens import LEAVING

SCENARIOS: tuple[Scenario, ...] = (*READING, *PROGRAMS, *LEAVING, *DOORS, *GUARD)


def scenario_named(name: str) -> Scenario:
    """Return the scenario of that name.  Raises `UsageError`, with the nearest name."""
    found = {scenario.name: scenario for scenario in SCENARIOS}
    if name not in found:
        near = get_close_matches(name, found, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "occasio harness --list names them"
        raise UsageError(f"there is no scenario `{name}`", hint=hint)
    return found[name]
