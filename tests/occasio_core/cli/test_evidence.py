"""Evidence on the command line: what `attest`, `bundle` and `verify` print, write and refuse."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from occasio_core import home as places
from occasio_core.cli import progress
from occasio_verify import predicate
from tests.occasio_core.cli.commands import NO_RUN, OTHER, Captured, assert_refused, occasio, written
from tests.samples import POLICY, RUN, Log, run_of, sha256

READERS: list[tuple[str, ...]] = [("attest",), ("bundle", "--no-sign"), ("bundle", "--json")]
readers = pytest.mark.parametrize("command", READERS, ids=" ".join)


def attested(log: Log, run: str) -> dict[str, Any]:
    rows = [row for row in log.rows if row["run_id"] == run]
    return {**predicate(rows), "signature": None}


@readers
def test_without_a_log_the_person_is_told_how_to_get_one(
    home: Path, command: tuple[str, ...], capsys: Captured
) -> None:
    assert occasio(*command) == 2
    assert_refused(capsys, f"no log at {places.log_path(home)}", "occasio run -- COMMAND")


@readers
@pytest.mark.usefixtures("log")
def test_a_run_that_is_not_in_the_log_is_named(command: tuple[str, ...], capsys: Captured) -> None:
    assert occasio(*command, "--run", NO_RUN) == 1
    assert_refused(capsys, f"no run `{NO_RUN}`", "occasio audit verify")


@readers
def test_a_log_without_a_run_has_none_to_seal(home: Path, command: tuple[str, ...], capsys: Captured) -> None:
    places.prepared(home)
    places.log_path(home).touch()
    assert occasio(*command) == 1
    assert_refused(capsys, "has no run", "occasio run -- COMMAND")


@readers
def test_a_run_that_is_open_is_not_sealed(home: Path, log: Log, command: tuple[str, ...], capsys: Captured) -> None:
    log.rows.pop()
    written(home, log)
    assert occasio(*command) == 1
    assert_refused(capsys, "run-end", "occasio audit repair")


@readers
def test_a_log_that_does_not_verify_is_not_sealed(
    home: Path, log: Log, command: tuple[str, ...], capsys: Captured
) -> None:
    places.log_path(home).write_bytes(log.data.replace(b'"PASS"', b'"BLOCK"', 1))
    assert occasio(*command) == 1
    assert_refused(capsys, "row-hash: line 3", "occasio audit verify")


@readers
def test_a_log_that_was_cut_since_the_last_bundle_is_not_sealed(
    home: Path, log: Log, command: tuple[str, ...], capsys: Captured
) -> None:
    assert occasio("bundle", "--out", "x") == 0
    capsys.readouterr()
    written(home, run_of(3))
    assert occasio(*command) == 1
    assert_refused(capsys, "does not extend its last checkpoint", "occasio audit verify")


@readers
@pytest.mark.usefixtures("log")
def test_a_refusal_leaves_no_file(command: tuple[str, ...]) -> None:
    assert occasio(*command, "--out", "out", "--run", NO_RUN) == 1
    assert list(Path.cwd().iterdir()) == []


@readers
@pytest.mark.usefixtures("log")
def test_a_place_that_cannot_be_written_to_is_named(command: tuple[str, ...], capsys: Captured) -> None:
    assert occasio(*command, "--out", "nowhere/out") == 2
    assert capsys.readouterr() == ("", "occasio: nowhere/out: No such file or directory\n")


@pytest.mark.parametrize(("at_terminal", "shown"), [(True, True), (False, False)])
@pytest.mark.usefixtures("log")
def test_progress_of_a_long_log_is_for_terminals(
    at_terminal: bool, shown: bool, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_AFTER_SECONDS", -1)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: at_terminal, raising=False)
    assert occasio("attest") == 0
    out, err = capsys.readouterr()
    assert ("reading the log" in err) == shown
    assert json.loads(out)


def test_an_attestation_is_printed_and_nothing_else(log: Log, capsys: Captured) -> None:
    assert occasio("attest") == 0
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == (attested(log, OTHER), "")


@pytest.mark.parametrize("option", ["--run", "--run-id"])
def test_a_run_is_chosen_by_its_id(log: Log, option: str, capsys: Captured) -> None:
    assert occasio("attest", option, RUN) == 0
    assert json.loads(capsys.readouterr().out) == attested(log, RUN)


def test_a_log_elsewhere_can_be_named(home: Path, capsys: Captured) -> None:
    elsewhere = run_of(1)
    elsewhere.write(Path("copy.jsonl"))
    assert occasio("attest", "--log", "copy.jsonl") == 0
    assert json.loads(capsys.readouterr().out) == attested(elsewhere, RUN)
    assert not home.exists()


def test_an_attestation_in_a_file_is_the_one_that_would_be_printed(log: Log, capsys: Captured) -> None:
    assert occasio("attest") == 0
    printed = capsys.readouterr().out
    assert occasio("attest", "--out", "run.json") == 0
    assert Path("run.json").read_text(encoding="utf-8") == printed
    assert capsys.readouterr() == ("", f"attestation of run {OTHER}: run.json\n")


@pytest.mark.usefixtures("log")
def test_a_bundle_verifies_on_the_machine_that_made_it(capsys: Captured) -> None:
    assert occasio("bundle", "--out", "run.occasio.json") == 0
    capsys.readouterr()
    assert occasio("verify", "run.occasio.json") == 0
    assert capsys.readouterr().out.startswith("VERIFIED")


@pytest.mark.usefixtures("log")
def test_only_the_place_of_the_bundle_is_data(capsys: Captured) -> None:
    assert occasio("bundle", "--out", "out") == 0
    out, err = capsys.readouterr()
    assert out == "out\n"
    assert err.splitlines() == [
        f"run {OTHER}: 5 rows, signed by key `default`",
        "check it with: python -m occasio_verify out",
    ]


@pytest.mark.usefixtures("log")
def test_a_bundle_is_named_after_its_run(capsys: Captured) -> None:
    assert occasio("bundle", "--run", RUN) == 0
    assert capsys.readouterr().out == f"{RUN}.occasio.json\n"
    assert json.loads(Path(f"{RUN}.occasio.json").read_bytes())["run_id"] == RUN


@pytest.mark.parametrize(("option", "signed"), [((), True), (("--no-sign",), False)])
def test_a_bundle_is_described_for_programs(log: Log, option: tuple[str, ...], signed: bool, capsys: Captured) -> None:
    assert occasio("bundle", "--json", "--run", RUN, "--out", "out", *option) == 0
    rows = sum(row["run_id"] == RUN for row in log.rows)
    out, err = capsys.readouterr()
    assert json.loads(out) == {"bundle": "out", "run_id": RUN, "rows": rows, "signed": signed}
    assert err == ""


@pytest.mark.usefixtures("log")
def test_an_unsigned_bundle_is_intact_and_says_so(capsys: Captured) -> None:
    assert occasio("bundle", "--no-sign", "--out", "out") == 0
    assert "5 rows, not signed" in capsys.readouterr().err
    assert occasio("verify", "out") == 3


@pytest.mark.usefixtures("log")
def test_a_bundle_can_be_signed_by_a_key_of_ones_choice(capsys: Captured) -> None:
    assert occasio("key", "new", "release") == 0
    assert occasio("bundle", "--key", "release", "--out", "out") == 0
    capsys.readouterr()
    assert occasio("verify", "out", "--json") == 0
    signer = next(check for check in json.loads(capsys.readouterr().out)["checks"] if check["name"] == "signer")
    assert "release" in signer["detail"]


@pytest.mark.usefixtures("log")
def test_a_key_that_is_not_there_is_named_with_those_that_are(capsys: Captured) -> None:
    assert occasio("key", "new", "release") == 0
    capsys.readouterr()
    assert occasio("bundle", "--key", "relaese") == 2
    assert_refused(capsys, "no key `relaese`", "`occasio key new relaese`; there are: default, release")


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("key", ["log", "sign_key.log"])
def test_the_key_of_the_log_signs_no_bundle(capsys: Captured, key: str) -> None:
    assert occasio("bundle", "--key", key, "--out", "out") == 2
    assert_refused(capsys, f"the key `{key}` signs checkpoints and nothing else", "leave --key out")
    assert not Path("out").exists()


def lost(copy: Path) -> None:
    copy.unlink()


def garbled(copy: Path) -> None:
    copy.write_bytes(b"\xff\xfe")


@pytest.mark.parametrize("happened", [lost, garbled])
@pytest.mark.usefixtures("log")
def test_without_the_policy_that_was_in_force_there_is_no_bundle(
    home: Path, happened: Callable[[Path], None], capsys: Captured
) -> None:
    copy = places.policy_copy_path(home, sha256(POLICY.encode()))
    happened(copy)
    assert occasio("bundle") == 1
    assert_refused(capsys, "is not kept any more", str(copy))


@pytest.mark.usefixtures("log")
def test_another_policy_in_its_place_is_noticed(home: Path, capsys: Captured) -> None:
    places.policy_copy_path(home, sha256(POLICY.encode())).write_text("version: 1\n", encoding="utf-8")
    assert occasio("bundle") == 1
    assert "policy-mismatch" in capsys.readouterr().err
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.usefixtures("log")
def test_verify_fails_a_bundle_in_which_a_byte_differs(capsys: Captured) -> None:
    assert occasio("bundle", "--out", "out") == 0
    Path("out").write_bytes(Path("out").read_bytes().replace(b"/home/ada/project", b"/home/ada/projecu", 1))
    capsys.readouterr()
    assert occasio("verify", "out") == 1
    assert capsys.readouterr().out.startswith("FAILED")


@pytest.mark.usefixtures("home")
def test_verify_explains_itself_as_the_verifier_does(capsys: Captured) -> None:
    assert occasio("verify", "--help") == 0
    assert "occasio_verify" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("arguments", [(), ("nowhere",), ("--nonsense", "x")])
def test_verify_tells_wrong_use_in_one_line(arguments: tuple[str, ...], capsys: Captured) -> None:
    assert occasio("verify", *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0] for line in err.splitlines()] == ["occasio_verify", "hint"]
