"""Frozen JSON says the same and cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import Json, canonical, frozen

_SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
)


def _mutable_parts(value: Json) -> list[Json]:
    match value:
        case Mapping():
            inner = [part for member in value.values() for part in _mutable_parts(member)]
        case list() | tuple():
            inner = [part for item in value for part in _mutable_parts(item)]
        case _:
            inner = []
    return [value, *inner] if isinstance(value, list | dict) else inner


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_a_frozen_value_has_the_same_canonical_form(value):
    assert canonical(frozen(value)) == canonical(value)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_nothing_in_a_frozen_value_can_be_changed(value):
    assert _mutable_parts(frozen(value)) == []


def test_a_frozen_value_does_not_follow_later_changes_of_the_original():
    original = {"a": [1]}
    copy = frozen(original)
    original["a"].append(2)
    original["b"] = 3
    assert canonical(copy) == b'{"a":[1]}'


def test_a_frozen_object_refuses_a_new_member():
    with pytest.raises(TypeError):
        frozen({"a": 1})["b"] = 2
