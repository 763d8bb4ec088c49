"""Every surface says a clear word, and ends as documented, on a log that is empty, damaged, or long."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from occasio_core import home as places
from tests.surfaces.conftest import Run
from tests.surfaces.served import served
from tests.surfaces.shown import SURFACES, Surface

each = pytest.mark.parametrize(
    "surface", [one for one in SURFACES if not one.only_snapshot], ids=lambda surface: surface.name
)


def assert_no_traceback(text: str) -> None:
    assert "Traceback" not in text
    assert "unforeseen" not in text


@each
@pytest.mark.parametrize("exists", [False, True], ids=["no log", "an empty log"])
def test_a_log_that_is_empty_is_told(surface: Surface, exists: bool, occasio: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    if exists:
        home.mkdir(mode=0o700)
        places.log_path(home).touch(0o600)
    for arguments in (surface.arguments, [*surface.arguments, "--json"]):
        ended = occasio(home, *arguments)
        assert ended.code == surface.empty
        assert "nothing is recorded yet" in ended.err
        assert "hint: start a run with " in ended.err
        assert_no_traceback(ended.out + ended.err)
    assert home.exists() == exists


@each
def test_what_an_empty_log_comes_to_is_json(surface: Surface, occasio: Run, tmp_path: Path) -> None:
    ended = occasio(tmp_path / "home", *surface.arguments, "--json")
    if ended.code == 0:
        surface.read(ended.out)


def a_changed_row(log: Path) -> None:
    data = log.read_bytes()
    log.write_bytes(data.replace(b'"detector":"deny-rate"', b'"detector":"deny-rats"'))


def a_torn_tail(log: Path) -> None:
    log.write_bytes(log.read_bytes()[:-7])


def a_first_row_that_is_none(log: Path) -> None:
    log.write_bytes(b"{}\n" + log.read_bytes())


def a_binary_file(log: Path) -> None:
    log.write_bytes(bytes(range(256)) * 64)


@each
@pytest.mark.parametrize("damage", [a_changed_row, a_torn_tail, a_first_row_that_is_none, a_binary_file])
def test_a_damaged_log_is_told_in_one_line(
    surface: Surface, damage: object, every_kind_home: Path, occasio: Run, tmp_path: Path
) -> None:
    assert callable(damage)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(places.log_path(every_kind_home), places.log_path(home))
    damage(places.log_path(home))
    ended = occasio(home, *surface.arguments)
    assert ended.code == surface.damaged
    said = [line for line in ended.err.splitlines() if "the log is damaged at line" in line]
    assert len(said) == 1
    assert said[0].startswith("occasio: ")
    assert "hint: occasio audit verify says more" in ended.err
    assert_no_traceback(ended.out + ended.err)


@each
def test_a_long_log_is_shown_on_a_screen_of_80_columns(surface: Surface, occasio: Run, long_home: Path) -> None:
    ended = occasio(long_home, *surface.arguments)
    assert ended.code == surface.long
    assert ended.out or surface.long
    assert not surface.is_screen or max(map(len, ended.out.splitlines()), default=0) <= 80
    assert_no_traceback(ended.out + ended.err)


@each
def test_a_run_that_is_not_there_is_wrong_use(surface: Surface, occasio: Run, every_kind_home: Path) -> None:
    if surface.takes_run:
        ended = occasio(every_kind_home, *surface.arguments, "--run", "ffffffff")
        assert (ended.code, ended.out) == (2, "")
        assert "no run `ffffffff` in the log" in ended.err


@each
def test_a_time_that_is_none_is_wrong_use(surface: Surface, occasio: Run, every_kind_home: Path) -> None:
    if surface.takes_run:
        ended = occasio(every_kind_home, *surface.arguments, "--since", "yesterday")
        assert (ended.code, ended.out) == (2, "")


def test_the_dashboard_shows_an_empty_a_damaged_and_a_long_log(
    every_kind_home: Path, long_home: Path, tmp_path: Path
) -> None:
    with served(tmp_path / "none") as asked:
        assert asked("state")["health"]["exists"] is False
        assert asked("rows")["rows"] == []
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(places.log_path(every_kind_home), places.log_path(home))
    a_changed_row(places.log_path(home))
    with served(home) as asked:
        assert "the log is damaged at line" in asked("state")["health"]["warning"]
        assert asked("rows")["rows"]
    with served(long_home) as asked:
        assert len(asked("rows?show=all&before=10000&limit=1000")["rows"]) == 200
    assert not (tmp_path / "none").exists()
