"""`occasio export` on a whole log, a part of one, one that is damaged, and none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from occasio_exports import occasio_register_commands
from tests.occasio_core.cli.commands import occasio
from tests.occasio_core.reading.logs import OTHER, every_kind, written
from tests.receiver_of_otlp import Receiver, receiving

ROWS = len(every_kind().rows)

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def log(home: Path) -> Path:
    return written(home, every_kind())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def lines(captured: Captured) -> list[Any]:
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def damage(log: Path) -> None:
    """Change one row in the middle of the log, as no crash would."""
    data = log.read_bytes().split(b"\n")
    data[9] = data[9].replace(b"claude-code", b"claude-codf")
    log.write_bytes(b"\n".join(data))


def test_the_command_is_called_export(home: Path) -> None:
    assert [command.name for command in occasio_register_commands(home=home)] == ["export"]


@pytest.mark.usefixtures("log")
def test_ocsf_is_an_event_a_line(capsys: Captured) -> None:
    assert occasio("export", "--format", "ocsf") == 0
    events = lines(capsys)
    assert [event["metadata"]["sequence"] for event in events] == list(range(ROWS))
    assert {event["metadata"]["version"] for event in events} == {"1.8.0"}


@pytest.mark.usefixtures("log")
def test_otlp_is_logs_or_traces(capsys: Captured) -> None:
    assert occasio("export", "--format", "otlp") == 0
    (logs,) = lines(capsys)
    assert len(logs["resourceLogs"][0]["scopeLogs"][0]["logRecords"]) == ROWS
    assert occasio("export", "--format", "otlp", "--signal", "traces") == 0
    (traces,) = lines(capsys)
    names = [span["name"] for span in traces["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    assert names.count("invoke_agent claude") == 2


@pytest.mark.usefixtures("log")
def test_a_file_is_written_and_told_of(tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "t.parquet"
    assert occasio("export", "--format", "parquet", "--out", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["rows"], told["out"], told["bytes"]) == ("parquet", ROWS, str(out), out.stat().st_size)
    assert told["log"]["sound"] is True
    assert pq.read_table(out).num_rows == ROWS


@pytest.mark.usefixtures("log")
def test_a_part_is_one_run_or_a_span_of_time(capsys: Captured) -> None:
    assert occasio("export", "--format", "ocsf", "--run", OTHER[:6]) == 0
    assert {event["metadata"]["correlation_uid"] for event in lines(capsys)} == {OTHER}
    assert (
        occasio("export", "--format", "ocsf", "--since", "2026-01-02T00:00:05Z", "--until", "2026-01-02T00:00:07Z") == 0
    )
    assert [event["metadata"]["sequence"] for event in lines(capsys)] == [5, 6]


@pytest.mark.usefixtures("log")
def test_everything_is_sent_to_a_collector(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret")
    assert occasio("export", "--format", "otlp", "--endpoint", receiver.base, "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["batches"] == 1
    assert "s3cret" not in said.out + said.err
    assert len(receiver.records) == ROWS
    assert receiver.headers[0]["api-key"] == "s3cret"


@pytest.mark.usefixtures("log")
def test_a_collector_that_rejects_some_is_exit_1(receiver: Receiver, capsys: Captured) -> None:
    receiver.rejected = 2
    assert occasio("export", "--format", "otlp", "--endpoint", receiver.base) == 1
    assert "rejected 2 of what was sent: too old" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["ocsf", "otlp"])
def test_a_damaged_log_is_written_up_to_the_damage_and_said_so(form: str, log: Path, capsys: Captured) -> None:
    damage(log)
    assert occasio("export", "--format", form) == 1
    out, err = capsys.readouterr()
    told = [json.loads(line) for line in out.splitlines()]
    count = len(told) if form == "ocsf" else len(told[0]["resourceLogs"][0]["scopeLogs"][0]["logRecords"])
    assert count == 9
    assert "the log is damaged at line 10 (row-hash)" in err


def test_a_table_of_a_damaged_log_is_there_and_said_to_be_a_part(log: Path, tmp_path: Path, capsys: Captured) -> None:
    damage(log)
    out = tmp_path / "t.parquet"
    assert occasio("export", "--format", "parquet", "--out", out, "--json") == 1
    assert json.loads(capsys.readouterr().out)["log"]["damage"]["line"] == 10
    assert pq.read_table(out).num_rows == 9


def test_a_row_that_was_changed_after_it_was_verified_is_not_exported(
    log: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert occasio("export", "--format", "ocsf", "--run", OTHER) == 0
    damage(log)
    out = tmp_path / "x.jsonl"
    assert occasio("export", "--format", "ocsf", "--out", out) == 1
    assert "row 9" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.usefixtures("home")
def test_no_log_is_no_event_and_no_error(capsys: Captured) -> None:
    assert occasio("export", "--format", "ocsf") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "nothing is recorded yet" in err


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--format"),
        (["--format", "csv"], "csv"),
        (["--format", "parquet"], "no text for a terminal"),
        (["--format", "ocsf", "--endpoint", "http://127.0.0.1:1"], "only otlp"),
        (["--format", "otlp", "--endpoint", "http://127.0.0.1:1", "--out", "x"], "not both"),
        (["--format", "otlp", "--endpoint", "127.0.0.1:4317"], "not the address of a collector"),
        (["--format", "ocsf", "--run", "ffff"], "no run `ffff`"),
    ],
)
def test_wrong_use_is_exit_2(arguments: list[str], said: str, capsys: Captured) -> None:
    assert occasio("export", *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


@pytest.mark.usefixtures("log")
def test_a_file_that_was_there_stays_when_something_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "x.jsonl"
    out.write_text("before", encoding="utf-8")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("occasio_exports.commands.ocsf_events", broken)
    assert occasio("export", "--format", "ocsf", "--out", out) == 2
    assert out.read_text(encoding="utf-8") == "before"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []
