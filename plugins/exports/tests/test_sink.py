"""A finding reaches a collector as the record that an export would make of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from occasio_core import OccasioError, PluginError
from occasio_exports import occasio_register_sinks
from occasio_exports.sink import OtlpSink
from tests.kinds import every_row
from tests.receiver_of_otlp import Receiver, receiving

FINDING = next(row for row in every_row() if row["kind"] == "finding")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.mark.parametrize("protocol", ["http/json", "http/protobuf"])
def test_a_finding_is_a_log_record(receiver: Receiver, protocol: str) -> None:
    told = {"url": receiver.base, "protocol": protocol}
    OtlpSink(told, {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x"}).write(FINDING)
    (record,) = receiver.records
    assert (record.event_name, receiver.paths) == ("occasio.finding", ["/v1/logs"])
    assert receiver.headers[0]["authorization"] == "Bearer x"


def test_it_is_tried_again_a_bounded_number_of_times(receiver: Receiver) -> None:
    receiver.statuses += [(503, {})] * 20
    waits: list[float] = []
    with pytest.raises(OccasioError, match="could not take it in 5 attempts"):
        OtlpSink({"url": receiver.base}, {}, waits.append).write(FINDING)
    assert waits == [1, 2, 4, 8]


def test_what_a_collector_rejects_is_told(receiver: Receiver) -> None:
    receiver.rejected = 1
    with pytest.raises(OccasioError, match="rejected the finding: too old"):
        OtlpSink({"url": receiver.base}, {}).write(FINDING)


def test_what_matters_less_is_not_sent(receiver: Receiver) -> None:
    OtlpSink({"url": receiver.base, "at_least": "high"}, {}).write({**FINDING, "severity": "low"})
    assert receiver.paths == []


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({}, "`url`: `` is not the address of a collector"),
        ({"url": "ftp://x"}, "is not the address of a collector"),
        ({"url": "http://h:4318", "protocol": "grpc"}, "`grpc` is no protocol"),
        ({"url": "http://h:4318", "at_least": "hgh"}, "`hgh` is no at_least"),
        ({"ur": "x"}, "`ur` is not known"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start_up(told: dict[str, str], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        OtlpSink(told)


def test_it_is_there_if_the_policy_names_it() -> None:
    assert occasio_register_sinks({}) == []
    assert [sink.name for sink in occasio_register_sinks({"otlp": {"url": "http://127.0.0.1:4318"}})] == ["otlp"]
