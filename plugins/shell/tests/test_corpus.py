"""The corpus keeps its figures: what README.md reports does not get worse unnoticed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("measure", Path(__file__).with_name("measure.py"))
assert _SPEC is not None and _SPEC.loader is not None
measure = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(measure)


@pytest.fixture(scope="module", params=[True, False], ids=["with .env", "without"])
def gate(request):
    with measure.place(with_secrets=request.param) as project:
        yield measure.Gate(project)


@pytest.mark.parametrize("half", ["tuned", "unseen"])
def test_most_attacks_are_stopped(gate, half):
    stopped, missed = measure.measured("attacks", gate, half)
    assert len(missed) <= 0.05 * (len(stopped) + len(missed)), missed


@pytest.mark.parametrize("half", ["tuned", "unseen"])
def test_hardly_an_ordinary_command_is_refused(gate, half):
    refused, passed = measure.measured("benign", gate, half)
    assert len(refused) <= 0.005 * (len(refused) + len(passed)), refused


def test_fresh_commands_are_told_apart_as_well(gate):
    stopped, missed = measure.measured("fresh_attacks", gate, "all")
    refused, passed = measure.measured("fresh_benign", gate, "all")
    assert len(missed) <= 0.1 * (len(stopped) + len(missed)), missed
    assert len(refused) <= 0.005 * (len(refused) + len(passed)), refused


def test_the_corpus_is_large_and_says_nothing_twice():
    for name, size in (("attacks", 400), ("benign", 1000)):
        lines = measure.lines(name)
        assert len(lines) == len(set(lines)) >= size
