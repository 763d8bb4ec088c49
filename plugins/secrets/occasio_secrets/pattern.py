"""What one kind of secret looks like, and how it is found: by a hint, then by an expression tried only there.

No expression may try the same text twice: each part ends where the next cannot begin, or has an upper limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from occasio_secrets.values import is_varied

ALNUM = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
URL_SAFE = ALNUM | frozenset("-_")

# What no key may be followed by: it would be a piece of something longer.
_END = "(?![A-Za-z0-9])"
_CLASS = re.compile(r"(?P<characters>\[[^\]]+\])\{(?P<least>[0-9]+)")
_LOOKED_AT = 6  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One kind of secret.

    `hints` are expressions of RE2, each with a literal at its beginning that is in `begins`, of which one is in every
    match; `regex` is tried `back` characters before it.  `after` are the characters that must not stand before a match.
    The secret is the group `secret` or `bare` if there is one, else the whole match, and only what `is_real` says
    is one.  What `is_generic` gives way to a pattern that knows better what it is.
    """

    label: str
    begins: tuple[str, ...]
    hints: tuple[str, ...]
    regex: re.Pattern[str]
    back: tuple[int, ...] = (0,)
    after: frozenset[str] = ALNUM
    any_case: bool = False
    is_generic: bool = False
    is_real: Callable[[str], bool] = is_varied


def form(label: str, begins: str, rest: str, *, end: str = _END, after: frozenset[str] = ALNUM) -> Pattern:
    """Return the pattern of keys that begin with one of the words of `begins`, and go on as `rest` says."""
    literals = tuple(begins.split())
    escaped = tuple(map(re.escape, literals))
    regex = re.compile(f"(?:{'|'.join(escaped)}){rest}{end}")
    more = _first(rest)
    return Pattern(label=label, begins=literals, hints=tuple(one + more for one in escaped), regex=regex, after=after)


def inner(label: str, hint: str, begins: str, back: tuple[int, ...], whole: str, *, end: str = _END) -> Pattern:
    """Return the pattern of keys that are known by what stands `back` characters behind their beginning."""
    regex = re.compile(whole + end)
    return Pattern(label=label, begins=tuple(begins.split()), hints=(hint,), regex=regex, back=back, after=URL_SAFE)


def _first(rest: str) -> str:
    """Return what RE2 may already ask for of `rest`: short words are in many texts, and few go on like a key."""
    start = _CLASS.match(rest)
    return f"{start['characters']}{{{min(int(start['least']), _LOOKED_AT)}}}" if start else ""
