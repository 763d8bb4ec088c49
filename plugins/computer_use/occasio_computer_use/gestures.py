"""What agents do to a screen and a keyboard, whichever tool and version says it.

Read are Anthropic's `computer` (2024-10-22, 2025-01-24, 2025-11-24), its toolset of 2026-08-01, where each action is a
tool of its own, and OpenAI's `computer_call`, with one action or several.  What is not known is kept as `OTHER`, with
every text and every pair of numbers in it: it may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from occasio_core import Json

OTHER = "other"
TOOLSET = (
    "cursor_position", "double_click", "hold_key", "key", "left_click", "left_click_drag", "left_mouse_down",
    "left_mouse_up", "middle_click", "mouse_move", "right_click", "screenshot", "scroll", "triple_click", "type",
    "wait", "zoom",
)  # fmt: skip
# By canonical kind, as Anthropic and OpenAI say it.
_KINDS = {
    "click": ["click", "left_click", "right_click", "middle_click", "double_click", "triple_click"],
    "press": ["left_mouse_down", "left_mouse_up"],
    "drag": ["left_click_drag", "drag"],
    "move": ["mouse_move", "move"],
    "scroll": ["scroll"],
    "type": ["type"],
    "key": ["key", "hold_key", "keypress"],
    "look": ["screenshot", "zoom", "cursor_position", "wait"],
}
_KIND_OF = {said: kind for kind, names in _KINDS.items() for said in names}
_POINTS = ("coordinate", "start_coordinate")
_ENTER = frozenset({"enter", "return", "kp_enter", "linefeed", "ctrl+j", "ctrl+m", "control+j", "control+m"})
_SPACE = frozenset({"space", "spacebar"})
_BACK = frozenset({"backspace", "ctrl+h", "control+h"})
_NAMES = {
    "slash": "/", "period": ".", "minus": "-", "underscore": "_", "colon": ":", "semicolon": ";", "at": "@",
    "asciitilde": "~", "dollar": "$", "bar": "|", "ampersand": "&", "greater": ">", "less": "<", "equal": "=",
    "plus": "+", "asterisk": "*", "question": "?", "exclam": "!", "numbersign": "#", "percent": "%", "comma": ",",
    "backslash": "\\", "apostrophe": "'", "quotedbl": '"', "grave": "`", "parenleft": "(", "parenright": ")",
    "bracketleft": "[", "bracketright": "]", "braceleft": "{", "braceright": "}", "tab": "\t",
}  # fmt: skip
_SHIFTED = re.compile(r"shift\+(.)", re.IGNORECASE)

Point = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gesture:
    """One thing that is done: its kind, where, and the text that it types; `\\n` is Enter, `\\b` takes one back."""

    kind: str
    points: tuple[Point, ...] = ()
    text: str = field(default="", repr=False)


def gestures(tool: str, given: Mapping[str, Json]) -> tuple[Gesture, ...]:
    """Return what a call of `tool` does, in order.  Raises `ValueError` for a call that says nothing."""
    actions = given.get("actions")
    if isinstance(actions, list | tuple):
        found = [_gesture(_said(one), one) for one in actions if isinstance(one, Mapping)]
        if len(found) != len(actions) or not found:
            raise ValueError("its actions are no list of actions")
        return tuple(found)
    action = given.get("action")
    if isinstance(action, Mapping):
        return (_gesture(_said(action), action),)
    if "." in tool:
        return tuple(_repeated(_gesture(tool.rpartition(".")[2], given), given.get("repeat")))
    if not isinstance(action, str) or not action:
        raise ValueError("it names no action")
    return (_gesture(action, given),)


def _said(action: Mapping[str, Json]) -> str:
    said = action.get("type") or action.get("action")
    return said if isinstance(said, str) else ""


def _gesture(said: str, given: Mapping[str, Json]) -> Gesture:
    kind = _KIND_OF.get(said, OTHER)
    match kind:
        case "type":
            return Gesture(kind=kind, text=_text(given, "text").replace("\r\n", "\n").replace("\r", "\n"))
        case "key":
            return Gesture(kind=kind, text="".join(_typed(key) for key in _keys(given)))
        case "look":
            return Gesture(kind=kind)
        case "click" | "press" | "drag" | "move" | "scroll":
            return Gesture(kind=kind, points=tuple(_points(given)))
        case _:
            texts = "\n".join(_strings({name: value for name, value in given.items() if name != "action"}))
            return Gesture(kind=kind, points=tuple(_pairs(list(given.values()))), text=f"{texts}\n" if texts else "")


def _repeated(gesture: Gesture, times: Json) -> Iterator[Gesture]:
    is_known = isinstance(times, int) and not isinstance(times, bool) and 1 < times <= 100
    for _ in range(times if is_known and isinstance(times, int) else 1):
        yield gesture


def _keys(given: Mapping[str, Json]) -> Iterator[str]:
    """Yield the keys in order: `text: "ctrl+l Return"`, `key: a`, `keys: [CTRL, L]`, which is one chord."""
    keys = given.get("keys")
    if isinstance(keys, list | tuple):
        yield "+".join(str(key) for key in keys)
        return
    yield from (_text(given, "text") or _text(given, "key")).split()


def _typed(key: str) -> str:
    """Return what one key, or a chord of several, adds to the text."""
    if len(key) == 1:
        return key
    name = key.lower()
    if name in _ENTER or name.rpartition("+")[2] in {"return", "enter"}:
        return "\n"
    if name in _SPACE:
        return " "
    if name in _BACK:
        return "\b"
    if shifted := _SHIFTED.fullmatch(key):
        return shifted[1].upper()
    return _NAMES.get(name.removeprefix("shift+"), "")


def _points(given: Mapping[str, Json]) -> Iterator[Point]:
    for name in _POINTS:
        yield from _pairs([given.get(name)])
    yield from _pairs([[given.get("x"), given.get("y")]])
    path = given.get("path")
    for step in path if isinstance(path, list | tuple) else ():
        yield from _pairs([[step.get("x"), step.get("y")] if isinstance(step, Mapping) else step])


def _pairs(values: Sequence[Json]) -> Iterator[Point]:
    """Yield every value that is a pair of numbers; fractions count as the pixel that they are in."""
    for value in values:
        if isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value)):
            yield int(str(value[0]).partition(".")[0]), int(str(value[1]).partition(".")[0])


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6


def _text(given: Mapping[str, Json], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _strings(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for member in value.values():
                yield from _strings(member)
        case list() | tuple():
            for item in value:
                yield from _strings(item)
