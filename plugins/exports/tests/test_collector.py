"""A collector gets every batch once, as JSON or protobuf; what it does not take is never passed over."""

from __future__ import annotations

import builtins
import json
import socket
from collections.abc import Iterator

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData

from occasio_core import OccasioError, UsageError
from occasio_exports.collector import ATTEMPTS, Collector, Encoding, Signal, headers_of, protobuf
from occasio_exports.otlp import Object, log_records, logs_data, traces_data
from occasio_exports.spans import spans
from tests.kinds import every_row
from tests.receiver_of_otlp import Receiver, receiving

ROWS = every_row()
LOGS = next(logs_data(log_records(ROWS), "0.1.0"))
TRACES = next(traces_data(spans(ROWS), "0.1.0"))

both = pytest.mark.parametrize("encoding", list(Encoding))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def collector(
    base: str, signal: Signal = Signal.LOGS, encoding: Encoding = Encoding.JSON
) -> tuple[Collector, list[float]]:
    waits: list[float] = []
    return Collector(base, signal, encoding, waits.append, {"authorization": "Bearer x"}), waits


@both
def test_a_receiver_reads_every_record(receiver: Receiver, encoding: Encoding) -> None:
    one, _ = collector(receiver.base, Signal.LOGS, encoding)
    one.send(LOGS)
    assert [record.event_name for record in receiver.records] == [f"occasio.{row['kind']}" for row in ROWS]
    assert receiver.paths == ["/v1/logs"]
    assert receiver.headers[0]["authorization"] == "Bearer x"
    assert one.rejected == 0


@both
def test_a_receiver_reads_every_span(receiver: Receiver, encoding: Encoding) -> None:
    one, _ = collector(f"{receiver.base}/", Signal.TRACES, encoding)
    one.send(TRACES)
    assert receiver.paths == ["/v1/traces"]
    assert "invoke_agent claude" in [span.name for span in receiver.spans]


def test_ids_are_the_same_bytes_in_both_encodings() -> None:
    (record, *_) = LOGS["resourceLogs"][0]["scopeLogs"][0]["logRecords"]  # type: ignore[index, call-overload, misc]
    message = LogsData.FromString(protobuf(LOGS, Signal.LOGS))
    first = message.resource_logs[0].scope_logs[0].log_records[0]
    assert (first.trace_id.hex(), first.span_id.hex()) == (record["traceId"], record["spanId"])  # type: ignore[call-overload, index]
    assert first.time_unix_nano == int(str(record["timeUnixNano"]))  # type: ignore[call-overload, index]


def test_a_collector_that_is_busy_is_asked_again(receiver: Receiver) -> None:
    receiver.statuses = [(503, {}), (429, {"Retry-After": "7"}), (502, {"Retry-After": "86400"})]
    one, waits = collector(receiver.base)
    one.send(LOGS)
    assert waits == [1.0, 7.0, 30.0]
    assert len(receiver.records) == len(ROWS)


def test_a_collector_that_stays_busy_is_an_error(receiver: Receiver) -> None:
    receiver.statuses = [(503, {})] * ATTEMPTS
    one, waits = collector(receiver.base)
    with pytest.raises(OccasioError, match="could not take it in 5 attempts: status 503"):
        one.send(LOGS)
    assert len(waits) == ATTEMPTS - 1


@pytest.mark.parametrize("status", [400, 401, 413, 500])
def test_another_status_is_an_error_at_once(receiver: Receiver, status: int) -> None:
    receiver.statuses = [(status, {})]
    one, waits = collector(receiver.base)
    with pytest.raises(OccasioError, match=f"status {status}"):
        one.send(LOGS)
    assert waits == []


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.statuses = [
        (307, {"Location": f"{receiver.base}/v1/logs"}),
        (302, {"Location": f"{receiver.base}/v1/logs"}),
    ]
    one, _ = collector(receiver.base)
    for status in (307, 302):
        with pytest.raises(OccasioError, match=f"status {status}"):
            one.send(LOGS)
    assert receiver.records == []


@both
def test_what_is_rejected_is_counted_with_its_reason(receiver: Receiver, encoding: Encoding) -> None:
    receiver.rejected = 3
    one, _ = collector(receiver.base, Signal.LOGS, encoding)
    one.send(LOGS)
    one.send(LOGS)
    assert (one.rejected, one.said) == (6, "too old")


@both
@pytest.mark.parametrize("answer", [b"\xff<html>", b"[1]", b'{"partialSuccess": 3}', b"[" * 100_000])
def test_an_answer_that_is_none_is_an_error(receiver: Receiver, encoding: Encoding, answer: bytes) -> None:
    receiver.answer = answer
    one, _ = collector(receiver.base, Signal.LOGS, encoding)
    with pytest.raises(OccasioError, match="not one of OTLP"):
        one.send(LOGS)


def test_an_empty_answer_is_a_full_success(receiver: Receiver) -> None:
    receiver.answer = b""
    one, _ = collector(receiver.base)
    one.send(LOGS)
    assert one.rejected == 0


def test_nobody_there_is_one_line() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        one, _ = collector(f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(OccasioError, match="cannot be reached") as refused:
            one.send(LOGS)
    assert refused.value.hint


@pytest.mark.parametrize("base", ["collector:4317", "ftp://h", "http://", "file:///etc/passwd", "http://h/?q", ""])
def test_what_is_no_address_is_wrong_use(base: str) -> None:
    with pytest.raises(UsageError, match="not the address of a collector"):
        collector(base)


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("", {}),
        ("api-key=abc", {"api-key": "abc"}),
        ("a=1, b = x%20y ,", {"a": "1", "b": "x y"}),
        ("a=b=c", {"a": "b=c"}),
    ],
)
def test_headers_are_read_as_opentelemetry_writes_them(text: str, headers: dict[str, str]) -> None:
    assert headers_of(text) == headers


@pytest.mark.parametrize("text", ["s3cret", "a=1,s3cret", "a b=s3cret", "=s3cret", "a=s3cret%0d%0aX: y"])
def test_headers_that_are_none_are_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="not name=value") as refused:
        headers_of(text)
    assert "s3cret" not in str(refused.value) + refused.value.hint


def test_headers_are_not_shown() -> None:
    assert "Bearer" not in repr(collector("http://h")[0])


def test_without_its_messages_protobuf_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def importing(name: str, *others: object) -> object:
        if name.startswith(("google", "opentelemetry")):
            raise ImportError(name)
        return real(name, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(UsageError) as refused:
        protobuf(LOGS, Signal.LOGS)
    assert "occasio[otlp]" in refused.value.hint


def test_json_is_what_was_made(receiver: Receiver) -> None:
    data: Object = json.loads(json.dumps(LOGS))
    assert protobuf(data, Signal.LOGS) == protobuf(LOGS, Signal.LOGS)
