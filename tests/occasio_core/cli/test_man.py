"""`occasio man` prints the manual page, with every command and option that there is."""

from __future__ import annotations

import shutil
import subprocess

import click
import pytest

from occasio_core.cli import exit_code, occasio
from occasio_core.version import __version__

pytestmark = pytest.mark.usefixtures("home")


def page(capsys: pytest.CaptureFixture[str]) -> str:
    assert exit_code(["man"]) == 0
    return capsys.readouterr().out


def ends(group: click.Group, path: str) -> list[str]:
    """Return the full names of all commands that are no groups."""
    context, names = click.Context(group, info_name=path), []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        names += ends(command, f"{path} {name}") if isinstance(command, click.Group) else [f"{path} {name}"]
    return names


def test_every_command_has_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(capsys).replace("\\-", "-")
    titles = [line.removeprefix(".SS ") for line in shown.splitlines() if line.startswith(".SS ")]
    missing = [
        name for name in ends(occasio, "occasio") if not any(f"{title} ".startswith(f"{name} ") for title in titles)
    ]
    assert not missing


def test_a_group_that_is_a_command_itself_is_among_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert ".SS occasio attest\n" in page(capsys)


def test_the_page_is_of_this_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert f'"occasio {__version__}"' in page(capsys).splitlines()[0]


def test_the_same_commit_gives_the_same_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert '"2026-01-01"' in page(capsys).splitlines()[0]


def test_no_line_of_ours_is_a_request_by_chance(capsys: pytest.CaptureFixture[str]) -> None:
    requests = {line.split()[0] for line in page(capsys).splitlines() if line.startswith((".", "'"))}
    assert requests == {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".BR", ".I", ".IR", ".RI", ".nf", ".fi"}


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff")
def test_groff_has_nothing_to_object_to(capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(capsys)
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8"], input=shown, capture_output=True, text=True, check=True)
    assert done.stderr == ""
