"""The runs of the self-test are governed runs, and what is asked of them is there or is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import OccasioError
from occasio_harness.trial import Run, Trial


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(tmp_path_factory.mktemp("trial").resolve())


def test_a_run_has_its_rows_and_what_the_model_got(trial: Trial) -> None:
    assert trial.first.of("read")["action"] == "BLOCK"
    assert "Refused by policy" in trial.first.result("read")


def test_what_is_not_there_is_an_error(trial: Trial) -> None:
    with pytest.raises(OccasioError, match="0 rows of kind tool_call name nothing"):
        trial.first.of("nothing")
    with pytest.raises(OccasioError, match="no result"):
        trial.first.result("nothing")


def test_a_changed_bundle_differs_in_one_byte(trial: Trial) -> None:
    before, after = trial.bundle.read_bytes(), trial.changed().read_bytes()
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_a_run_that_fails_is_an_error(tmp_path: Path) -> None:
    trial = Trial(tmp_path.resolve())
    trial.strict.policy.write_text("version: 2\n", encoding="utf-8")
    with pytest.raises(OccasioError, match="the run ended with 2"):
        assert isinstance(trial.second, Run)
