"""A real run, exported in every form, is read by what reads that form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from opentelemetry.proto_json.logs.v1.logs import LogsData
from opentelemetry.proto_json.trace.v1.trace import TracesData

from tests.ocsf_schema import problems
from tests.receiver_of_otlp import receiving


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `occasio demo attest` leaves: a real gate, log and seal around a scripted agent and model."""
    place = tmp_path_factory.mktemp("exports") / "demo"
    command = [sys.executable, "-m", "occasio_core", "demo", "attest", "--out", str(place)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return place


def rows(demo: Path) -> list[dict[str, Any]]:
    log = demo / "home" / "pipeline-events.jsonl"
    return [json.loads(line) for line in log.read_bytes().splitlines()]


def occasio(demo: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "occasio_core", *arguments]
    environment = {**os.environ, "OCCASIO_HOME": str(demo / "home")}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_ocsf(demo: Path) -> None:
    events = [json.loads(line) for line in occasio(demo, "export", "--format", "ocsf").splitlines()]
    assert [event["metadata"]["sequence"] for event in events] == [row["seq"] for row in rows(demo)]
    assert [problem for event in events for problem in problems(event)] == []
    denied = [event for event in events if event["metadata"]["event_code"] == "tool_call" and event["action_id"] == 2]
    assert len(denied) == sum(row.get("action") == "BLOCK" for row in rows(demo)) > 0


def test_opentelemetry(demo: Path) -> None:
    for signal, message in (("logs", LogsData), ("traces", TracesData)):
        text = occasio(demo, "export", "--format", "otlp", "--signal", signal)
        for line in text.splitlines():
            assert json.loads(message.from_json(line).to_json()) == json.loads(line)


@pytest.mark.parametrize("protocol", ["http/json", "http/protobuf"])
def test_a_collector(demo: Path, protocol: str) -> None:
    with receiving() as receiver:
        sent = ["--endpoint", receiver.base, "--protocol", protocol]
        occasio(demo, "export", "--format", "otlp", *sent)
        occasio(demo, "export", "--format", "otlp", "--signal", "traces", *sent)
    assert len(receiver.records) == len(rows(demo))
    calls = {row["call_id"] for row in rows(demo) if row["kind"] == "tool_call"}
    assert sum(span.name.startswith("execute_tool ") for span in receiver.spans) == len(calls)


def test_parquet(demo: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "log.parquet")
    occasio(demo, "export", "--format", "parquet", "--out", path)
    with duckdb.connect() as database:
        found = database.execute("SELECT seq, hash, kind FROM read_parquet(?) ORDER BY seq", [path]).fetchall()
    assert found == [(row["seq"], row["hash"], row["kind"]) for row in rows(demo)]


def test_cyclonedx(demo: Path) -> None:
    text = occasio(demo, "bom", "export")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    files = {part["name"] for part in json.loads(text)["components"] if part["type"] == "file"}
    allowed = {
        effect.removeprefix("read ")
        for row in rows(demo)
        if row["kind"] == "tool_call" and row["action"] != "BLOCK"
        for effect in row["effects"]
    }
    assert files == allowed
    assert not any("salaries" in name for name in files)


@pytest.mark.parametrize("name", ["eu-ai-act", "iso-42001", "nist-ai-rmf", "soc2"])
def test_compliance(demo: Path, name: str) -> None:
    document = json.loads(occasio(demo, "compliance", "export", "--framework", name, "--json"))
    hashes = {row["seq"]: row["hash"] for row in rows(demo)}
    named = [row for claim in document["claims"].values() for row in claim["rows"]]
    assert named
    assert all(hashes[row["seq"]] == row["hash"] for row in named)
    # a row that a control rests on can be proved to be in the log
    row = named[0]["hash"]
    occasio(demo, "log", "prove", row, "--out", str(demo / "row.tlog-proof"), "--row-out", str(demo / "row.json"))
    checked = [sys.executable, "-m", "occasio_verify", str(demo / "row.json"), "--proof", str(demo / "row.tlog-proof")]
    assert subprocess.run(checked, capture_output=True, timeout=60).returncode in (0, 3)  # 3: by a key nobody named
