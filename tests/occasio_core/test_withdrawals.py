"""What was withdrawn in one run is known in the next, without secrets, and only to its owner."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from occasio_core.wires.memory import Withdrawn
from occasio_core.withdrawals import KEPT_SECONDS, SIZE_LIMIT, Withdrawals

CALL = "toolu_01A09q90qw90lq917835lq9"
REFUSED = Withdrawn(
    tool="Read",
    input='{"file_path": "/w/.env", "n": 1.50}',
    result="no: deny_paths",
    is_error=True,
    said={"type": "tool_use", "input": {"file_path": ["/w/.env", 1, None]}},
)


def opened(place: Path) -> Withdrawals:
    return Withdrawals(place, lambda text: text.replace("hunter2", "[REDACTED:word]"))


def kept(place: Path, withdrawn: Withdrawn, call: str = CALL) -> Withdrawn | None:
    """Return what another run finds of the call."""
    first = opened(place)
    first.keep(call, withdrawn)
    first.close()
    return opened(place).find(call)


def files(place: Path) -> list[Path]:
    return list((place / "withdrawn").iterdir())


def test_another_run_finds_exactly_what_was_said(tmp_path: Path) -> None:
    assert kept(tmp_path, REFUSED) == REFUSED


def test_an_input_that_nobody_knows_any_more_stays_unknown(tmp_path: Path) -> None:
    withdrawn = Withdrawn(tool="Read", input=None, result="", is_error=False)
    assert kept(tmp_path, withdrawn) == withdrawn


def test_what_was_never_kept_is_not_found(tmp_path: Path) -> None:
    assert opened(tmp_path).find(CALL) is None
    kept(tmp_path, REFUSED)
    assert opened(tmp_path).find(CALL + "x") is None


def test_the_later_of_two_stands(tmp_path: Path) -> None:
    kept(tmp_path, REFUSED)
    later = Withdrawn(tool="Write", input="{}", result="no", is_error=True)
    assert kept(tmp_path, later) == later
    assert len(files(tmp_path)) == 1


def test_no_secret_is_kept_wherever_it_stands(tmp_path: Path) -> None:
    said = {"hunter2": ["hunter2", {"a": "hunter2"}]}
    withdrawn = Withdrawn(
        tool="Bash", input='{"command":"echo hunter2"}', result="a hunter2", is_error=False, said=said
    )
    found = kept(tmp_path, withdrawn)
    assert found is not None
    assert found.input == '{"command":"echo [REDACTED:word]"}'
    assert found.result == "a [REDACTED:word]"
    (file,) = files(tmp_path)
    assert b': "hunter2' not in file.read_bytes()
    assert found.said == {"hunter2": ["[REDACTED:word]", {"a": "[REDACTED:word]"}]}


def test_an_input_that_is_broken_without_its_secret_is_not_kept(tmp_path: Path) -> None:
    withdrawals = Withdrawals(tmp_path, lambda text: text.replace('"', "[REDACTED:quote]"))
    withdrawals.keep(CALL, REFUSED)
    withdrawals.close()
    found = opened(tmp_path).find(CALL)
    assert found is not None
    assert found.input is None


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_it_is_its_owners_alone(tmp_path: Path) -> None:
    kept(tmp_path, REFUSED)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "withdrawn", *files(tmp_path))] == [0o700, 0o600]


def test_no_name_tells_which_call_it_is_and_none_leads_out(tmp_path: Path) -> None:
    assert kept(tmp_path, REFUSED, "../../escape-from-here/" + CALL) == REFUSED
    (file,) = files(tmp_path)
    assert "escape" not in file.name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"tool":1,"input":null,"result":"","is_error":true,"said":{}}',
        b"\xff\xfe",
        b"[" * 9999,
    ],
)
def test_what_cannot_be_read_is_as_if_it_was_never_kept(tmp_path: Path, data: bytes) -> None:
    kept(tmp_path, REFUSED)
    (file,) = files(tmp_path)
    file.write_bytes(data)
    assert opened(tmp_path).find(CALL) is None


def test_what_cannot_be_written_is_as_if_it_was_never_kept(tmp_path: Path) -> None:
    (tmp_path / "withdrawn").write_text("a file is in the way", encoding="utf-8")
    assert kept(tmp_path, REFUSED) is None


def test_a_call_beyond_the_limit_is_not_kept(tmp_path: Path) -> None:
    assert kept(tmp_path, Withdrawn(tool="Read", input="{}", result="x" * SIZE_LIMIT, is_error=False)) is None


def test_what_nobody_asks_for_is_dropped_and_what_is_asked_for_stays(tmp_path: Path) -> None:
    kept(tmp_path, REFUSED)
    kept(tmp_path, REFUSED, CALL + "x")
    for file in files(tmp_path):
        os.utime(file, (1_000, 1_000))
    withdrawals = opened(tmp_path)
    assert withdrawals.find(CALL) == REFUSED
    withdrawals.forget(1_001 + KEPT_SECONDS)
    assert withdrawals.find(CALL) == REFUSED
    assert withdrawals.find(CALL + "x") is None
