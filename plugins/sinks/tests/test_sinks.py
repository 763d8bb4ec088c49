"""Sinks that the policy names are there, and hand a finding on."""

from __future__ import annotations

import pytest

from occasio_sinks import Stderr, occasio_register_sinks

ROW = {"kind": "finding", "severity": "high", "detector": "p.d"}


def test_a_sink_is_there_if_the_policy_names_it() -> None:
    assert occasio_register_sinks({}) == []
    assert [sink.name for sink in occasio_register_sinks({"stderr": {}, "other": {}})] == ["stderr"]


@pytest.mark.parametrize("text", ["12 calls\nwere refused", "12 calls were refused"])
def test_standard_error_gets_one_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Stderr().write({**ROW, "message": text})
    assert capsys.readouterr() == ("", "occasio: HIGH p.d: 12 calls were refused\n")
