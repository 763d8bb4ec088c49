"""`occasio log`: what it prints and writes, and that others can check it without the log."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_verify import main as verify
from occasio_verify import parse_checkpoint, parse_note, parse_vkey
from tests.occasio_core.cli.commands import Captured, assert_refused, occasio
from tests.occasio_core.test_timestamp import Authority, listening

pytestmark = pytest.mark.usefixtures("log")


def printed(capsys: Captured, *arguments: str | Path) -> str:
    assert occasio(*arguments) == 0
    return capsys.readouterr().out


def test_a_checkpoint_is_printed_kept_and_extended_by_the_log(home: Path, capsys: Captured) -> None:
    note = printed(capsys, "log", "checkpoint")
    assert parse_checkpoint(parse_note(note.encode()).text).size > 1
    assert places.checkpoint_path(home).read_text(encoding="utf-8") == note
    assert json.loads(printed(capsys, "log", "checkpoint", "--json"))["note"] == note
    assert occasio("log", "checkpoint", "--out", "mine") == 0
    assert Path("mine").read_text(encoding="utf-8") == note
    assert occasio("audit", "verify", "--checkpoint", "mine") == 0


def test_a_row_is_proved(capsys: Captured) -> None:
    told = json.loads(printed(capsys, "log", "prove", "2", "--json"))
    assert (told["index"], told["proof"], told["row"]) == (2, "2.tlog-proof", "2.json")
    assert verify(["2.json", "--proof", "2.tlog-proof"]) == 0
    by_hash = json.loads(Path("2.json").read_bytes())["hash"]
    assert occasio("log", "prove", by_hash, "--out", "p", "--row-out", "r") == 0
    assert Path("p").read_bytes() == Path("2.tlog-proof").read_bytes()


def test_the_log_proves_that_it_goes_on(home: Path, capsys: Captured) -> None:
    assert occasio("log", "checkpoint", "--out", "old") == 0
    assert occasio("log", "consistency", "old", "--out", "proof") == 0
    capsys.readouterr()
    assert verify(["--consistency", "proof", "--checkpoint", "old"]) == 0
    data = Path("old").read_text(encoding="utf-8")
    places.log_path(home).unlink()
    places.log_path(home).with_name("pipeline-events.jsonl.head").unlink()
    assert occasio("log", "checkpoint") == 2
    assert data == places.checkpoint_path(home).read_text(encoding="utf-8")


def test_the_key_of_the_log_is_a_vkey(capsys: Captured) -> None:
    key = parse_vkey(printed(capsys, "log", "vkey").strip())
    assert key.name.startswith("occasio.local/")


def test_what_is_no_checkpoint_is_wrong_use(capsys: Captured) -> None:
    Path("old").write_text("scribble", encoding="utf-8")
    assert occasio("log", "consistency", "old") == 2
    assert "is no checkpoint" in capsys.readouterr().err
    assert occasio("log", "prove", "4711") == 2
    assert_refused(capsys, "has no row `4711`", "audit verify")


def test_nobody_to_cosign_is_told(capsys: Captured) -> None:
    assert occasio("log", "cosign", "--witness", "http://127.0.0.1:1") == 2
    assert_refused(capsys, "no witness is known", "--vkey")


def test_the_log_is_exported_as_tiles(capsys: Captured) -> None:
    told = json.loads(printed(capsys, "log", "export", "--tiles", "tiles", "--json"))
    assert told["written"] == 2
    assert parse_checkpoint(parse_note(Path("tiles/checkpoint").read_bytes()).text).size == told["size"]
    assert json.loads(printed(capsys, "log", "export", "--tiles", "tiles", "--json"))["written"] == 0
    assert occasio("log", "export", "--tiles", "hashes", "--no-entries") == 0
    assert not Path("hashes/tile/entries").exists()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_checkpoint_is_stamped_and_openssl_verifies_it(home: Path, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "tsa").mkdir()
    authority = Authority(tmp_path / "tsa")
    with listening(authority) as url:
        assert occasio("log", "timestamp", "--tsa", url) == 0
    assert "openssl ts -verify" in capsys.readouterr().err
    stamped = places.checkpoint_path(home)
    authority.verify(stamped, stamped.with_suffix(".tsr"))
    assert occasio("log", "timestamp", "--tsa", url) == 1
    assert "cannot be asked" in capsys.readouterr().err
