"""What every surface prints at 80 columns, to the byte, with and without colour."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
import pytest

from tests.surfaces.conftest import Run
from tests.surfaces.shown import SCREENS, Surface

SNAPSHOTS = Path(__file__).parent / "snapshots"
WRITE = os.environ.get("OCCASIO_SNAPSHOTS") == "write"

each = pytest.mark.parametrize("surface", SCREENS, ids=lambda surface: surface.name)


def shown(surface: Surface, occasio: Run, home: Path, *, colour: bool) -> str:
    ended = occasio(home, *surface.arguments, colour=colour)
    assert ended.code == surface.shown, ended.err
    out = ended.out.replace(str(home), "HOME")
    for varying in surface.varies:
        out = re.sub(varying, "VARIES", out)
    return out


@each
@pytest.mark.parametrize("colour", [False, True], ids=["plain", "colour"])
def test_a_surface_prints_what_its_snapshot_has(
    surface: Surface, colour: bool, occasio: Run, every_kind_home: Path
) -> None:
    path = SNAPSHOTS / f"{surface.name}{'.colour' if colour else ''}.txt"
    out = shown(surface, occasio, every_kind_home, colour=colour)
    if WRITE:
        path.write_text(out, encoding="utf-8")
    assert out == path.read_text(encoding="utf-8")


@each
def test_without_colour_nothing_but_text_is_printed(surface: Surface, occasio: Run, every_kind_home: Path) -> None:
    plain = shown(surface, occasio, every_kind_home, colour=False)
    assert "\x1b" not in plain
    assert click.unstyle(shown(surface, occasio, every_kind_home, colour=True)) == plain
    assert max(map(len, plain.splitlines())) <= 80


def test_no_snapshot_is_left_over() -> None:
    names = {f"{surface.name}{end}" for surface in SCREENS for end in (".txt", ".colour.txt")}
    assert {path.name for path in SNAPSHOTS.iterdir()} == names
