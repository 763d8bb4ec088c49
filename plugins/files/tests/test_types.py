"""Kinds of files have names; that they are ripgrep's is seen in test_like_ripgrep.py."""

from __future__ import annotations

import pytest

from occasio_files.globs import glob_pattern
from occasio_files.types import known_types, names_of_type


@pytest.mark.parametrize("name", known_types())
def test_a_known_type_has_names_that_are_patterns(name):
    assert all(glob_pattern(text) for text in names_of_type(name))
    assert names_of_type(name)


@pytest.mark.parametrize("name", ["", "zzz", "PY"])
def test_an_unknown_type_has_none(name):
    assert names_of_type(name) == ()
