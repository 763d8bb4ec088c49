"""`occasio sigma` at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.cli import exit_code
from plugins.sigma.tests.gate import Written

FIRING = (
    "title: it\nlevel: {level}\nlogsource: {{product: occasio}}\ndetection: {{s: {{executes: cat}}, condition: s}}\n"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    place = places.prepared(tmp_path / "occasio")
    monkeypatch.setenv("OCCASIO_HOME", str(place))
    monkeypatch.chdir(tmp_path)
    yield place


def logged(home: Path, tmp_path: Path, *commands: str) -> None:
    written = Written(tmp_path)
    for command in commands:
        written.bash(command)
    (tmp_path / "log.jsonl").rename(places.log_path(home))


def rule(home: Path, level: str = "low") -> None:
    (home / "sigma").mkdir()
    (home / "sigma" / "it.yml").write_text(FIRING.format(level=level), encoding="utf-8")


def test_nothing_is_told_and_is_exit_0(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logged(home, tmp_path, "true")
    assert exit_code(["sigma", "run"]) == 0
    assert capsys.readouterr().out == "no row fits any of 10 rules\n"


@pytest.mark.parametrize(("level", "code"), [("low", 1), ("high", 2)])
def test_own_rules_are_run_and_the_level_is_the_exit_code(
    level: str, code: int, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logged(home, tmp_path, "cat notes.txt")
    rule(home, level)
    assert exit_code(["sigma", "run", "--no-shipped"]) == code
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{level.upper():<7} it"
    assert second.endswith("row 1  PASS shell_bash cat notes.txt")


def test_programs_get_json(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logged(home, tmp_path, "cat notes.txt")
    rule(home)
    assert exit_code(["sigma", "run", "--json"]) == 1
    (hit,) = json.loads(capsys.readouterr().out)
    assert (hit["rule"]["title"], hit["row"]["seq"], hit["about"]) == ("it", 1, "cat notes.txt")


def test_low_ones_can_be_left_out(home: Path, tmp_path: Path) -> None:
    logged(home, tmp_path, "cat notes.txt")
    rule(home)
    assert exit_code(["sigma", "run", "--level", "medium"]) == 0


def test_a_damaged_log_is_told(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logged(home, tmp_path, "cat notes.txt", "true")
    path = places.log_path(home)
    path.write_bytes(path.read_bytes().replace(b"notes.txt", b"motes.txt"))
    assert exit_code(["sigma", "run"]) == 1
    assert "damaged" in capsys.readouterr().err


def test_an_empty_log_is_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["sigma", "run"]) == 0
    assert "no row fits" in capsys.readouterr().out


def test_rules_are_checked_without_a_log(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule(home)
    assert exit_code(["sigma", "check", str(home / "sigma")]) == 0
    assert capsys.readouterr().out == "1 rule can be run\n"
    (tmp_path / "empty").mkdir()
    assert exit_code(["sigma", "check", str(tmp_path / "empty")]) == 2


def test_lists_are_complete(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule(home)
    assert exit_code(["sigma", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 11
    assert exit_code(["sigma", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 11
    assert exit_code(["sigma", "fields"]) == 0
    assert "  connects " in capsys.readouterr().out


def test_without_the_extra_it_says_what_to_install(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sigma.collection", None)
    assert exit_code(["sigma", "list"]) == 2
    assert "pip install 'occasio[sigma]'" in capsys.readouterr().err
