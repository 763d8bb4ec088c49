"""`occasio scan` says where secrets stand, never what they are, by its exit code too."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, assert_refused, occasio

pytestmark = pytest.mark.usefixtures("home")

TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text(f"nothing here\nDB_PASSWORD=tr0ub4dor\n  {TOKEN} and {TOKEN}\n", encoding="utf-8")
    return path


def test_secrets_are_told_by_kind_and_place_and_exit_1(file: Path, capsys: Captured) -> None:
    assert occasio("scan", "--file", file) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"{file}:2:13: password",
        f"{file}:3:3: github-pat",
        f"{file}:3:{3 + len(TOKEN) + 5}: github-pat",
    ]
    assert err == "3 secrets\n"


def test_the_secret_itself_is_never_printed(file: Path, capsys: Captured) -> None:
    occasio("scan", "--file", file)
    occasio("scan", "--file", file, "--json")
    out, err = capsys.readouterr()
    assert not any(part in out + err for part in ("tr0ub4dor", TOKEN[:12], TOKEN[-8:]))


def test_a_file_without_secrets_exits_0(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a").write_text("nothing\n", encoding="utf-8")
    assert occasio("scan", "--file", tmp_path / "a") == 0
    assert capsys.readouterr() == ("", "no secrets\n")


def test_programs_get_json(file: Path, capsys: Captured) -> None:
    assert occasio("scan", "--file", file, "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["source"], said["count"]) == (str(file), 3)
    assert said["findings"][0] == {"label": "password", "line": 2, "column": 13}


def test_standard_input_is_read(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
    assert occasio("scan", "--stdin") == 1
    assert capsys.readouterr().out.splitlines()[0] == "-:2:13: password"


def test_a_file_of_bytes_is_looked_at(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 40 + TOKEN.encode() + b"\x00\xff" * 900)
    assert occasio("scan", "--file", tmp_path / "a.bin") == 1
    assert capsys.readouterr().out.endswith(": github-pat\n")


def test_a_secret_over_the_border_of_two_pieces_is_found(tmp_path: Path, capsys: Captured) -> None:
    for shift in (0, 11, 39):
        at = (256 << 10) * 4 - shift
        (tmp_path / "big").write_bytes(b"x" * (at - 1) + b" " + TOKEN.encode() + b" " * (1 << 20))
        assert occasio("scan", "--file", tmp_path / "big") == 1
        assert capsys.readouterr().out == f"{tmp_path / 'big'}:1:{at + 1}: github-pat\n"


def test_the_policys_own_patterns_count(tmp_path: Path, file: Path, capsys: Captured) -> None:
    (tmp_path / "p.yml").write_text("deny_patterns: {word: 'nothing'}\n", encoding="utf-8")
    occasio("scan", "--file", file, "--policy", tmp_path / "p.yml")
    assert capsys.readouterr().out.splitlines()[0] == f"{file}:1:1: word"


def test_what_is_random_is_looked_for_if_asked(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a").write_text("x aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF\n", encoding="utf-8")
    (tmp_path / "p.yml").write_text("entropy_secret_detection: true\n", encoding="utf-8")
    assert occasio("scan", "--file", tmp_path / "a") == 0
    assert occasio("scan", "--file", tmp_path / "a", "--entropy") == 1
    assert occasio("scan", "--file", tmp_path / "a", "--policy", tmp_path / "p.yml") == 1
    capsys.readouterr()


def test_a_long_list_is_cut_and_counted(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a").write_text(f"{TOKEN}\n" * 10_001, encoding="utf-8")
    assert occasio("scan", "--file", tmp_path / "a") == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 10_000
    assert err == "10,001 secrets; the first 10,000 are shown\n"


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_cannot_be_read_exits_2(tmp_path: Path, name: str, capsys: Captured) -> None:
    assert occasio("scan", "--file", tmp_path / name) == 2
    assert_refused(capsys, str(tmp_path), "")


@pytest.mark.parametrize("arguments", [[], ["--stdin", "--file", "a"]])
def test_one_thing_is_scanned(arguments: list[str], capsys: Captured) -> None:
    assert occasio("scan", *arguments) == 2
    assert_refused(capsys, "scan one thing", "occasio scan --file")


def test_an_unknown_flag_is_told_with_the_nearest(capsys: Captured) -> None:
    assert occasio("scan", "--fil", "a") == 2
    assert_refused(capsys, "--file", "occasio scan --help")


def test_a_policy_that_cannot_be_used_exits_2(tmp_path: Path, file: Path, capsys: Captured) -> None:
    (tmp_path / "p.yml").write_text("deny_path: []\n", encoding="utf-8")
    assert occasio("scan", "--file", file, "--policy", tmp_path / "p.yml") == 2
    assert_refused(capsys, "deny_path", "deny_paths")
