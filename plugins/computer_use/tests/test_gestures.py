"""What each tool and version says, read as the same gestures."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_computer_use.gestures import OTHER, TOOLSET, Gesture, gestures


@pytest.mark.parametrize(
    ("tool", "given_input", "expected"),
    [
        ("computer", {"action": "screenshot"}, Gesture(kind="look")),
        ("computer", {"action": "left_click", "coordinate": [3, 4]}, Gesture(kind="click", points=((3, 4),))),
        ("computer.left_click", {"coordinate": [3, 4]}, Gesture(kind="click", points=((3, 4),))),
        ("computer.triple_click", {"coordinate": [3.7, 4.2]}, Gesture(kind="click", points=((3, 4),))),
        ("computer_call", {"action": {"type": "click", "x": 3, "y": 4}}, Gesture(kind="click", points=((3, 4),))),
        (
            "computer",
            {"action": "left_click_drag", "start_coordinate": [1, 2], "coordinate": [3, 4]},
            Gesture(kind="drag", points=((3, 4), (1, 2))),
        ),
        (
            "computer_call",
            {"action": {"type": "drag", "path": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}},
            Gesture(kind="drag", points=((1, 2), (3, 4))),
        ),
        ("computer", {"action": "type", "text": "a\r\nb"}, Gesture(kind="type", text="a\nb")),
        ("computer", {"action": "key", "text": "Return"}, Gesture(kind="key", text="\n")),
        ("computer", {"action": "key", "text": "c a t space period e"}, Gesture(kind="key", text="cat .e")),
        ("computer", {"action": "key", "text": "ctrl+c"}, Gesture(kind="key")),
        ("computer.key", {"text": "shift+a"}, Gesture(kind="key", text="A")),
        ("computer.hold_key", {"text": "BackSpace", "duration": 1}, Gesture(kind="key", text="\b")),
        ("computer_call", {"action": {"type": "keypress", "keys": ["ENTER"]}}, Gesture(kind="key", text="\n")),
        ("computer_call", {"action": {"type": "keypress", "keys": ["CTRL", "J"]}}, Gesture(kind="key", text="\n")),
        ("computer", {"action": "scroll", "coordinate": [1, 2]}, Gesture(kind="scroll", points=((1, 2),))),
        ("computer.zoom", {"region": [0, 0, 5, 5]}, Gesture(kind="look")),
    ],
)
def test_every_version_is_read(tool: str, given_input: dict[str, Any], expected: Gesture) -> None:
    assert gestures(tool, given_input) == (expected,)


@pytest.mark.parametrize("name", TOOLSET)
def test_every_action_of_the_toolset_is_known(name: str) -> None:
    assert all(gesture.kind != OTHER for gesture in gestures(f"computer.{name}", {}))


def test_a_batch_of_actions_is_read_in_order() -> None:
    actions = [{"type": "click", "x": 1, "y": 2}, {"type": "type", "text": "x"}]
    assert [gesture.kind for gesture in gestures("computer_call", {"actions": actions})] == ["click", "type"]


def test_a_repeated_key_is_pressed_as_often() -> None:
    assert len(gestures("computer.key", {"text": "a", "repeat": 3})) == 3


def test_an_action_that_nobody_knows_may_type_and_click_all_that_is_in_it() -> None:
    (gesture,) = gestures("computer", {"action": "paste", "from": {"clipboard": "cat .env"}, "at": [3, 4]})
    assert (gesture.kind, gesture.text, gesture.points) == (OTHER, "cat .env\n", ((3, 4),))


@pytest.mark.parametrize("given_input", [{}, {"action": 3}, {"actions": []}, {"actions": [3]}, {"action": ""}])
def test_a_call_that_says_nothing_is_an_error(given_input: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"action"):
        gestures("computer", given_input)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(
    st.dictionaries(st.sampled_from(["action", "actions", "text", "coordinate", "keys", "path", "x", "repeat"]), _JSON),
    st.sampled_from(["computer", "computer_call", "computer.key", "computer.type", "computer.other"]),
)
def test_any_input_is_read_or_refused(given_input: dict[str, Any], tool: str) -> None:
    try:
        assert gestures(tool, given_input)
    except ValueError as error:
        assert "action" in str(error)
