"""Data goes to stdout, talk to stderr."""

from __future__ import annotations

import json

import pytest

from occasio_core.cli.output import printed, talk


def test_what_programs_read_is_on_stdout_alone(capsys: pytest.CaptureFixture[str]) -> None:
    printed({"rows": 1, "signed": True})
    assert capsys.readouterr() == ('{\n  "rows": 1,\n  "signed": true\n}\n', "")


@pytest.mark.parametrize("text", ["Ж", "\x1b[31m", "\u2028", "\ud800"])
def test_json_can_be_printed_on_every_terminal(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed([text])
    out = capsys.readouterr().out
    assert json.loads(out) == [text]
    assert out.isascii()
    assert out.replace("\n", "").isprintable()


def test_talk_is_on_stderr_alone(capsys: pytest.CaptureFixture[str]) -> None:
    talk("sealed")
    assert capsys.readouterr() == ("", "sealed\n")
