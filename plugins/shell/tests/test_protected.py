"""What is protected in every policy is protected from the shell as well, and ordinary work beside it goes on."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("measure", Path(__file__).with_name("measure.py"))
assert _SPEC is not None and _SPEC.loader is not None
measure = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(measure)

_PATCH = "--- a/{0}\n+++ b/{0}\n@@ -1 +1 @@\n-x\n+y\n"
_PATCHES = {
    "fix.patch": _PATCH.format(".claude/settings.json"),
    "fix.mbox": "From 0 Mon Sep 17 00:00:00 2001\n" + _PATCH.format(".claude/settings.json"),
    "fix0.patch": _PATCH.format(".claude/settings.json").replace(" a/", " ").replace(" b/", " "),
    "ok.patch": _PATCH.format("src/app.py"),
}


@pytest.fixture(scope="module")
def gate():
    with measure.place(with_secrets=False) as project:
        for folder in (project, project.parent):
            (folder / ".claude").mkdir()
            (folder / ".claude" / "settings.json").write_text("{}", encoding="utf-8")
        for name, text in _PATCHES.items():
            (project / name).write_text(text, encoding="utf-8")
        yield measure.Gate(project)


@pytest.mark.parametrize("command", measure.lines("protected"))
def test_what_is_protected_does_not_change(gate, command):
    assert gate.refuses(command)


@pytest.mark.parametrize("command", measure.lines("beside_protected"))
def test_ordinary_work_goes_on(gate, command):
    assert not gate.refuses(command)
