"""The clock goes back, by seconds, an hour or a day: rows say what it said, and the order of the log is another matter."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.end_to_end.place import prepared
from tests.faults import clock
from tests.faults.chance import seed
from tests.faults.evidence import evidence
from tests.faults.watched import Endless, Watched, assert_nothing_without_its_row


def test_a_run_under_a_clock_that_goes_back_is_recorded_and_its_bundle_verifies(tmp_path: Path) -> None:
    place, watched = prepared(tmp_path), Watched(tmp_path / "given")
    jumps = {"OCCASIO_TEST_CLOCK": str(seed()), "PYTHONPATH": str(Path(next(iter(clock.__path__))))}
    with Endless() as model:
        command = watched.command(threads=2, turns=6)
        done = place.occasio("run", "--upstream", model.url, "--", *command, **jumps)
        assert done.returncode == 0, done.stderr
        found = evidence(place)
        assert_nothing_without_its_row(found, watched, model)
    times = [str(row.fields["ts"]) for row in found.rows]
    assert any(later < earlier for earlier, later in pairwise(times)), "the clock did not go back"
    sealed = place.seal()
    assert place.verifier(sealed.bundle, "--key", sealed.key).returncode == 0
