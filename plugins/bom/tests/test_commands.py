"""`occasio bom export` on a whole log, one run, a damaged log, and none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from occasio_bom import occasio_register_commands
from tests.occasio_core.cli.commands import occasio
from tests.occasio_core.reading.logs import OTHER, every_kind, written
from tests.samples import RUN

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def log(home: Path) -> Path:
    return written(home, every_kind())


def test_the_group_is_called_bom(home: Path) -> None:
    assert [command.name for command in occasio_register_commands(home=home)] == ["bom"]


@pytest.mark.usefixtures("log")
def test_it_is_printed(capsys: Captured) -> None:
    assert occasio("bom", "export") == 0
    text = capsys.readouterr().out
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    assert {part["bom-ref"] for part in document["components"]} >= {f"run:{RUN}", f"run:{OTHER}", "model:m2"}


@pytest.mark.usefixtures("log")
def test_it_is_of_one_run_and_in_a_file(tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "bom.json"
    assert occasio("bom", "export", "--run", OTHER[:4], "--out", out) == 0
    assert str(out) in capsys.readouterr().err
    runs = [part["bom-ref"] for part in json.loads(out.read_text())["components"] if part["name"].startswith("run ")]
    assert runs == [f"run:{OTHER}"]


@pytest.mark.usefixtures("log")
def test_two_documents_are_two(capsys: Captured) -> None:
    serials = set()
    for _ in range(2):
        assert occasio("bom", "export") == 0
        serials.add(json.loads(capsys.readouterr().out)["serialNumber"])
    assert len(serials) == 2


def test_a_damaged_log_is_listed_up_to_the_damage_and_said_so(log: Path, capsys: Captured) -> None:
    log.write_bytes(log.read_bytes().replace(b'"seq":5', b'"seq":6', 1))
    assert occasio("bom", "export") == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert "the log is damaged" in err
    assert document["compositions"][0]["aggregate"] == "incomplete"
    assert f"run:{OTHER}" not in out


@pytest.mark.usefixtures("home")
def test_no_log_is_a_document_of_nothing(capsys: Captured) -> None:
    assert occasio("bom", "export") == 0
    assert json.loads(capsys.readouterr().out)["components"] == []


@pytest.mark.usefixtures("log")
def test_wrong_use_is_exit_2(capsys: Captured) -> None:
    assert occasio("bom", "export", "--run", "ffff") == 2
    assert "no run `ffff`" in capsys.readouterr().err
