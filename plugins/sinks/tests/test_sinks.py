"""Sinks that the policy names are there, and hand a finding on."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import OccasioError, PluginError
from occasio_sinks import SINKS, Stderr, occasio_register_sinks

ROW = {"kind": "finding", "severity": "medium", "detector": "p.d", "message": "12 calls\nwere \x1b[31mrefused"}
LINE = "occasio: MEDIUM p.d: 12 calls were ?[31mrefused\n"


def test_a_sink_is_there_if_the_policy_names_it() -> None:
    assert occasio_register_sinks({}) == []
    assert [sink.name for sink in occasio_register_sinks({"stderr": {}, "other": {}})] == ["stderr"]
    assert set(SINKS) == {"stderr", "syslog", "webhook"}


def test_standard_error_gets_one_line_that_moves_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Stderr({}).write(ROW)
    assert capsys.readouterr() == ("", LINE)


def test_what_matters_less_is_not_handed_on(capsys: pytest.CaptureFixture[str]) -> None:
    Stderr({"at_least": "high"}).write(ROW)
    Stderr({"at_least": "medium"}).write(ROW)
    assert capsys.readouterr().err == LINE


@pytest.mark.parametrize("name", sorted(SINKS))
def test_a_setting_that_is_not_known_stops_the_start_up(name: str) -> None:
    with pytest.raises(PluginError, match=f"sinks: {name}: `at_lest` is not known") as error:
        SINKS[name]({"at_lest": "low"})
    assert error.value.hint == "did you mean `at_least`?"


def test_a_severity_that_there_is_not_stops_the_start_up(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="`hgh` is no severity"):
        Stderr({"at_least": "hgh"})
    assert issubclass(PluginError, OccasioError)
