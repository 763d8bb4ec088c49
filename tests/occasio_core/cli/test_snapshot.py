"""`occasio` alone says what was refused, what can be done about it, and what comes next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, assert_refused, occasio, written
from tests.samples import RUN, Log, call, end, start


@pytest.fixture
def refused(home: Path) -> Log:
    """A run that was refused one file twice and another once."""
    home.mkdir(mode=0o700)
    log = Log()
    start(log)
    for number, name in enumerate(("a", "b", "a")):
        call(log, number, action="BLOCK", path=f"/home/ada/.ssh/{name}")
    end(log)
    return written(home, log)


@pytest.mark.usefixtures("refused")
def test_what_was_refused_is_told_once_the_last_first_with_what_to_do(capsys: Captured) -> None:
    assert occasio("--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["target"], one["times"]) for one in told["refused"]] == [
        ("/home/ada/.ssh/a", 2),
        ("/home/ada/.ssh/b", 1),
    ]
    assert {one["remedy"] for one in told["refused"]} == {
        'add `- "!~/.ssh"` to `deny_paths` in policy.yml if agents may use it'
    }


def test_the_command_that_explains_is_of_the_last_refusal(refused: Log, capsys: Captured) -> None:
    assert occasio() == 0
    shown = capsys.readouterr().out
    assert f"next       occasio explain {refused.rows[-2]['event_id']} why" in shown
    assert f"occasio bundle --run {RUN}" in shown
    assert shown.count("to `deny_paths` in policy.yml") == 1


@pytest.mark.usefixtures("refused")
def test_what_is_told_can_be_explained(capsys: Captured) -> None:
    assert occasio("--json") == 0
    event_id = json.loads(capsys.readouterr().out)["refused"][0]["event_id"]
    assert occasio("explain", event_id) == 0


@pytest.mark.usefixtures("home")
def test_without_a_run_it_says_how_to_begin(capsys: Captured) -> None:
    assert occasio() == 0
    assert "occasio claude" in capsys.readouterr().out


@pytest.mark.usefixtures("refused")
def test_options_before_a_command_are_refused_and_not_ignored(capsys: Captured) -> None:
    assert occasio("--run", RUN, "status") == 2
    assert_refused(capsys, "options stand behind the command", "occasio status --help")


@pytest.mark.usefixtures("refused")
def test_nothing_in_a_row_can_speak_to_the_terminal(home: Path, refused: Log, capsys: Captured) -> None:
    start(refused, "0a1b2c3d-0000-4000-8000-000000000000")
    call(refused, 7, action="BLOCK", path="/a\x1b[2Jb\nc", run="0a1b2c3d-0000-4000-8000-000000000000")
    written(home, refused)
    assert occasio() == 0
    shown = capsys.readouterr().out
    assert "read_file /a?[2Jb?c" in shown
    assert "\x1b" not in shown
