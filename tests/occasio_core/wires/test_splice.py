"""Changing values inside a JSON text: what is meant changes, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.wires.splice import JsonPath, spans, spliced, with_members, without, written

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)
STYLES: list[dict[str, Any]] = [{}, {"indent": 1}, {"separators": (",", ":"), "ensure_ascii": False}]


def leaves(value: Any, path: JsonPath = ()) -> list[JsonPath]:
    """Return the path of every value in `value` that holds no others."""
    if isinstance(value, list) and value:
        return [leaf for at, element in enumerate(value) for leaf in leaves(element, (*path, at))]
    if isinstance(value, dict) and value:
        return [leaf for name, member in value.items() for leaf in leaves(member, (*path, name))]
    return [path]


def at(value: Any, path: JsonPath) -> Any:
    for step in path:
        value = value[step]
    return value


def replaced(value: Any, paths: set[JsonPath], new: Any, path: JsonPath = ()) -> Any:
    """Return `value` with what stands at each of `paths` replaced, done the slow way."""
    if path in paths:
        return new
    if isinstance(value, list):
        return [replaced(element, paths, new, (*path, at)) for at, element in enumerate(value)]
    if isinstance(value, dict):
        return {name: replaced(member, paths, new, (*path, name)) for name, member in value.items()}
    return value


@given(VALUES, st.sampled_from(STYLES))
@settings(deadline=None, max_examples=200)
def test_a_span_holds_exactly_the_value(value: Any, style: dict[str, Any]) -> None:
    text = json.dumps(value, **style)
    found = spans(text, leaves(value))
    assert set(found) == set(leaves(value))
    assert all(json.loads(text[start:end]) == at(value, path) for path, (start, end) in found.items())
    assert all(text[start:end].strip() == text[start:end] for start, end in found.values())


@given(VALUES, st.sampled_from(STYLES), st.data())
@settings(deadline=None, max_examples=300)
def test_only_what_is_named_changes(value: Any, style: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(value, **style)
    paths = data.draw(st.sets(st.sampled_from(leaves(value))))
    changed = spliced(text, dict.fromkeys(paths, '{"new":[1]}'))
    assert json.loads(changed) == replaced(value, paths, {"new": [1]})


@given(VALUES, st.sampled_from(STYLES))
@settings(deadline=None, max_examples=200)
def test_putting_back_what_was_there_gives_the_same_text(value: Any, style: dict[str, Any]) -> None:
    text = json.dumps(value, **style)
    assert spliced(text, {path: text[start:end] for path, (start, end) in spans(text, leaves(value)).items()}) == text


@pytest.mark.parametrize("number", ["1.0", "1e-3", "-0", "0.10", "1E+400", "9" * 5000])
def test_numbers_beside_a_change_keep_their_spelling(number: str) -> None:
    text = f'{{ "temperature" : {number} , "a" : ["x" , {number}] }}'
    assert spliced(text, {("a", 0): '"y"'}) == text.replace('"x"', '"y"')


def test_escapes_beside_a_change_keep_their_spelling() -> None:
    text = r'{"\u0061":"\u00e9\/","b":"x"}'
    assert spliced(text, {("b",): "1"}) == r'{"\u0061":"\u00e9\/","b":1}'


def test_a_name_is_found_however_it_is_escaped() -> None:
    assert spliced(r'{"\u0061":1}', {("a",): "2"}) == r'{"\u0061":2}'


def test_a_path_that_leads_nowhere_changes_nothing() -> None:
    text = '{"a":[1],"b":"c"}'
    assert spliced(text, {("a", 1): "2", ("b", "c"): "2", ("z",): "2", ("b", 0): "2"}) == text


def test_members_are_put_into_their_places_or_at_the_end() -> None:
    block = {"type": "t", "content": [1.0], "cache": None}
    assert with_members(block, {"content": '"n"', "is_error": "true"}) == (
        '{"type":"t","content":"n","cache":null,"is_error":true}'
    )


def test_text_is_written_as_it_is() -> None:
    assert written({"é": 'a"\n'}) == '{"é":"a\\"\\n"}'


@given(st.lists(VALUES, max_size=6), st.sampled_from(STYLES), st.data())
@settings(deadline=None, max_examples=100)
def test_what_is_taken_out_of_a_list_leaves_the_others_as_they_were(
    elements: list[Any], style: dict[str, Any], data: st.DataObject
) -> None:
    value = {"before": [1], "list": elements}
    out = data.draw(st.sets(st.integers(0, max(0, len(elements) - 1))))
    left = without(json.dumps(value, **style), {("list", position) for position in out})
    kept = [element for position, element in enumerate(elements) if position not in out]
    assert json.loads(left) == {"before": [1], "list": kept}


def test_what_stays_in_a_list_keeps_its_spelling() -> None:
    assert without('{"a" : [ 1.0 , {"x":"\\u0061"},2e3 ] }', {("a", 0)}) == '{"a" : [{"x":"\\u0061"},2e3] }'


def test_nothing_is_taken_out_where_there_is_nothing() -> None:
    assert without('{"a": [1]}', {("b", 0), ("a", 7)}) == '{"a": [1]}'
