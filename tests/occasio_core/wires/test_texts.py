"""Every text that is not skipped is found and can be replaced, whatever the shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from occasio_core.wires.texts import texts, with_texts
from occasio_verify import Json

VALUES = st.recursive(
    st.text(max_size=4) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "kind"]), inner, max_size=3),
    max_leaves=8,
)


def skip(container: Mapping[str, Json], name: str) -> bool:
    return name == "kind"


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def test_texts_come_in_order_with_their_paths_and_without_what_is_skipped() -> None:
    value: Json = {"a": ["x", {"kind": "no", "b": "y"}], "n": 1}
    assert list(texts(value, ("p",), skip)) == [(("p", "a", 0), "x"), (("p", "a", 1, "b"), "y")]


@given(VALUES)
def test_a_text_stands_at_its_path(value: Any) -> None:
    assert [at(value, path) for path, _ in texts(value, (), skip)] == [text for _, text in texts(value, (), skip)]


@given(VALUES)
def test_others_take_the_places_of_the_texts(value: Any) -> None:
    found = [text for _, text in texts(value, (), skip)]
    changed = with_texts(value, iter([f"<{text}>" for text in found]), skip)
    assert [text for _, text in texts(changed, (), skip)] == [f"<{text}>" for text in found]
    assert with_texts(changed, iter(found), skip) == value
