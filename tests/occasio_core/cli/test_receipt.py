"""`occasio receipt` prints what a run came to, and signs it where a key is named."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from occasio_core.views.receipt import PAYLOAD_TYPE
from occasio_verify import load_public_key, pae
from tests.occasio_core.cli.commands import Captured, occasio
from tests.occasio_core.reading.logs import OTHER, every_kind, written
from tests.samples import RUN


@pytest.fixture(autouse=True)
def _made(home: Path) -> None:
    written(home, every_kind())


def test_a_receipt_is_of_the_newest_run_or_of_the_one_that_is_named(capsys: Captured) -> None:
    assert occasio("receipt") == 0
    assert capsys.readouterr().out.startswith(f"receipt    run {OTHER}\n")
    assert occasio("receipt", "--run", RUN[:8], "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["run_id"]) == ("occasio-receipt/v1", RUN)


def test_a_receipt_can_be_written_to_a_file(tmp_path: Path, capsys: Captured) -> None:
    assert occasio("receipt", "--out", str(tmp_path / "r.json")) == 0
    assert json.loads((tmp_path / "r.json").read_bytes())["run_id"] == OTHER
    assert capsys.readouterr().out == ""


def test_a_signed_receipt_verifies_under_its_key(home: Path, capsys: Captured, tmp_path: Path) -> None:
    assert occasio("receipt", "--key", "default") == 0
    envelope = json.loads(capsys.readouterr().out)
    payload = base64.b64decode(envelope["payload"])
    assert json.loads(payload)["run_id"] == OTHER
    assert envelope["payloadType"] == PAYLOAD_TYPE
    assert occasio("key", "export", "default") == 0
    key = load_public_key(capsys.readouterr().out.encode())
    (signature,) = envelope["signatures"]
    assert key.verify(base64.b64decode(signature["sig"]), pae(PAYLOAD_TYPE, payload))


def test_a_key_that_is_not_there_is_wrong_use(capsys: Captured) -> None:
    assert occasio("receipt", "--key", "nobody") == 2
    assert "no key `nobody`" in capsys.readouterr().err
