"""The corpus keeps its figures: what README.md reports does not get worse unnoticed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def script(name: str) -> ModuleType:
    """Return the script of that name beside this file, which is in no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


forge = script("forge")
measure = script("measure")

FORMS = forge.lines("providers")


@pytest.mark.parametrize("line", FORMS, ids=lambda line: line.split("\t")[0])
@pytest.mark.parametrize("context", ["@@", "API_KEY=@@", 'x "@@" y', "log\\n@@\\nmore"])
def test_every_published_form_is_found_whole_under_its_label(line: str, context: str) -> None:
    sample = forge.provider(line, context)
    start = sample.text.index(sample.secret)
    spans = [one for one in measure.found(sample.text, measure.scanners()) if one.start <= start < one.end]
    assert sample.label in {one.label for one in spans}
    assert measure.is_kept(sample, measure.scanners())


def test_there_are_more_than_forty_providers() -> None:
    assert len({line.split("\t")[0] for line in FORMS}) > 100


def test_on_the_half_that_was_tuned_on_the_figures_hold() -> None:
    total, right, _ = measure.measured("tuned")
    assert right["providers' keys"] == total["providers' keys"]
    assert right["by name"] >= 0.97 * total["by name"]
    assert right["benign"] == total["benign"]


def test_on_the_other_half_the_figures_hold() -> None:
    total, right, _ = measure.measured("unseen")
    assert right["providers' keys"] >= 0.99 * total["providers' keys"]
    assert right["by name"] >= 0.9 * total["by name"]
    assert right["benign"] >= 0.96 * total["benign"]


def test_both_halves_are_about_as_large() -> None:
    tuned, _, _ = measure.measured("tuned")
    unseen, _, _ = measure.measured("unseen")
    assert all(0.35 < tuned[kind] / (tuned[kind] + unseen[kind]) < 0.65 for kind in tuned)


@pytest.mark.parametrize("way", forge.lines("encodings"))
def test_a_key_is_found_however_it_is_spelled(way: str) -> None:
    texts = [text for name, text in measure.spellings("tuned") if name == way]
    assert texts
    assert [text for text in texts if not measure.found(text, measure.scanners())] == []


@pytest.mark.parametrize("name", ["providers", "contexts", "assignments", "benign", "encodings"])
def test_no_file_of_the_corpus_holds_what_would_be_found(name: str) -> None:
    text = "\n".join(forge.lines(name))
    kinds = {one.label for one in measure.found(text, measure.scanners())}
    assert kinds - {"password", "token", "api-key", "db-url", "url-password", "aws-secret-key"} == set()


def test_the_same_seed_makes_the_same_texts() -> None:
    assert [forge.filled(line, "a") for line in FORMS] == [forge.filled(line, "a") for line in FORMS]
    assert forge.filled(FORMS[0], "a") != forge.filled(FORMS[0], "b")
