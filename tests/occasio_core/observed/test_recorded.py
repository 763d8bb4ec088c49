"""The hosts that calls were let through to are those of the log, and refused calls name none."""

from __future__ import annotations

from pathlib import Path

from occasio_core.observed.recorded import addresses_of, recorded_hosts
from tests.occasio_core.reading.logs import written
from tests.occasio_core.views.rows import Run
from tests.samples import RUN


def test_the_hosts_of_calls_that_were_let_through_are_told(tmp_path: Path) -> None:
    run = Run().call("a", effects=["execute curl", "connect Example.com", "connect u:p@b.example:8443"])
    run.call("b", "BLOCK", effects=["connect evil.example"]).call("c", effects=["connect [2001:db8::1]:80", "connect "])
    run.call("d", effects=["connect example.com", "connect [", "read /connect x"])
    written(tmp_path, run.log)
    assert recorded_hosts(tmp_path, [RUN]) == ["example.com", "b.example", "2001:db8::1"]
    assert recorded_hosts(tmp_path, ["another"]) == []


def test_a_home_without_a_log_names_none(tmp_path: Path) -> None:
    assert recorded_hosts(tmp_path, [RUN]) == []


def test_addresses_are_those_of_the_first_host_that_has_them() -> None:
    known = {"a.example": ["192.0.2.1", "192.0.2.2"], "b.example": ["192.0.2.2"], "gone.example": []}
    assert addresses_of(list(known), known.__getitem__) == {"192.0.2.1": "a.example", "192.0.2.2": "a.example"}


def test_names_are_asked_for_as_programs_do() -> None:
    assert addresses_of(["127.0.0.1", "x" * 300, "no such name"]) == {"127.0.0.1": "127.0.0.1"}
