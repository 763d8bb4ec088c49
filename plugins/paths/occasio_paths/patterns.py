"""Whether two patterns can name the same file: what a call says it will touch, and what an entry of a list says.

Knows text only.  A pattern is a tuple of parts; `*` is any text within one part, `?` one character, `[...]` is taken
for one character too, and a part `**` is any number of parts.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MARKS = re.compile(r"\[[^\]/]*\]|[*?]")
_WILD = frozenset("*?[")
_REMEMBERED = 8192  # parts of paths, which come again and again, with every entry of every list
MIN_TOLD = 3  # letters that a part must have to reach a hidden name that it does not begin as


def parts_of(path: str) -> tuple[str, ...]:
    """Return the parts of a path or pattern."""
    return tuple(part for part in path.split("/") if part)


def meet(pattern: tuple[str, ...], form: tuple[str, ...]) -> bool:
    """Return whether `pattern` can name what `form` names, or something below it.

    A form that begins with `**` holds anywhere, and is met only from a part of the pattern that says something.
    """
    if form[:1] == ("**",):
        return any(_says(part) and _from(pattern[start:], form[1:]) for start, part in enumerate(pattern))
    return _from(pattern, form)


@lru_cache(_REMEMBERED)
def parts_meet(one: str, other: str) -> bool:
    """Return whether the two parts of paths can be the same name."""
    if _WILD.isdisjoint(one) and _WILD.isdisjoint(other):
        return one == other
    if other.startswith(".") and one[:1] in _WILD:
        if len(_told(one)) < MIN_TOLD:
            return False  # the star of a shell does not stand for a leading dot
        other = _MARKS.sub("x", other)  # or `*.json` would meet `.env.*`
    return _letters_meet(_MARKS.sub(_mark, one), _MARKS.sub(_mark, other))


def _from(pattern: tuple[str, ...], form: tuple[str, ...]) -> bool:
    """Return whether `pattern`, from its first part on, can name what `form` names or something below."""
    if not form:
        return True  # everything below what is named falls under it
    if not pattern:
        return False
    if form[0] == "**":
        return any(_from(pattern[skipped:], form[1:]) for skipped in range(len(pattern)))
    if pattern[0] == "**":
        if len(pattern) == 1:
            return True
        return any(_from(pattern[1:], form[skipped:]) for skipped in range(len(form)))
    return parts_meet(pattern[0], form[0]) and _from(pattern[1:], form[1:])


@lru_cache(_REMEMBERED)
def _says(part: str) -> bool:
    """Return whether a part holds more than stars, dots and letters that it does not want."""
    return bool(re.sub(r"\[[!^][^]]*\]|[*.]", "", part))


def _told(part: str) -> str:
    return _MARKS.sub("", part).replace(".", "")


def _mark(found: re.Match[str]) -> str:
    return "*" if found[0] == "*" else "?"


def _letters_meet(one: str, other: str) -> bool:
    """Return whether two parts with wildcards share a name: a table of which beginnings can be equal."""
    reached = [index == 0 or not one[:index].strip("*") for index in range(len(one) + 1)]
    for theirs in other:
        before = reached
        reached = [theirs == "*" and before[0]]
        for index, ours in enumerate(one, 1):
            if ours == "*" or theirs == "*":
                either = before[index] or reached[index - 1]
                reached.append(either or (before[index - 1] and "*" in {ours, theirs}))
            else:
                reached.append(before[index - 1] and (ours == theirs or "?" in {ours, theirs}))
    return reached[-1]
