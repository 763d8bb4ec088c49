"""Finds secrets that stand in a text as they are, by all patterns at once.

RE2 goes over the text once and stops where a secret of some kind may be; only there that kind's expression is tried.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from occasio_core import Secret
from occasio_secrets.assignments import ASSIGNMENTS
from occasio_secrets.formats import FORMS
from occasio_secrets.headers import HEADERS
from occasio_secrets.hints import compiled
from occasio_secrets.pattern import Pattern

PATTERNS = (*FORMS, *HEADERS, *ASSIGNMENTS)

# What may end right before a key though it looks like a piece of it: an escape of JSON, of a URL, of a terminal.
_ESCAPE = re.compile(
    r"(?:\\[abefnrtv0]|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|%[0-9A-Fa-f]{2}|\x1b\[[0-9;]{0,12}[A-Za-z])\Z"
)
_LONGEST_ESCAPE = 16


class Tokens:
    """Finds secrets of all patterns given."""

    name = "tokens"

    def __init__(self, patterns: Sequence[Pattern] = PATTERNS) -> None:
        self._hints = "|".join(dict.fromkeys(hint for pattern in patterns for hint in pattern.hints)).encode()
        self._by_start = _by_start(patterns)

    def scan(self, text: str, /) -> Iterator[Secret]:
        """Yield every match of every pattern."""
        yield from settled(self._found(text))

    def _found(self, text: str) -> Iterator[tuple[Secret, Pattern]]:
        data = text.encode("ascii", "replace")  # a byte for each character, so that places are the same in both
        ends: dict[int, int] = {}
        position = 0
        hints = compiled(self._hints)
        while hit := hints.search(data, position):
            start = hit.start()
            tried = self._by_start.get(text[start : start + 2].lower()) or self._by_start.get(text[start], ())
            for number, pattern in tried:
                if ends.get(number, 0) <= start and (match := _tried(pattern, text, start)):
                    ends[number] = match.end()
                    first, last = _span(match)
                    if pattern.is_real(text[first:last]):
                        yield Secret(label=pattern.label, start=first, end=last), pattern
            position = start + 1


def settled(found: Iterable[tuple[Secret, Pattern]]) -> Iterator[Secret]:
    """Yield what was found, each once.

    What a general pattern found goes by the label of a better one that found a part of it, and is left out where the
    better one found all of it.
    """
    general: set[Secret] = set()
    special: set[Secret] = set()
    for secret, pattern in found:
        (general if pattern.is_generic else special).add(secret)
    yield from special
    known = sorted(special, key=lambda secret: secret.start)
    starts = [secret.start for secret in known]
    for secret in general:
        before = bisect_right(starts, secret.start) - 1
        inside = known[bisect_left(starts, secret.start) : bisect_left(starts, secret.end)]
        near = [*(known[before : before + 1] if before >= 0 else []), *inside]
        over = [one for one in near if one.start < secret.end and secret.start < one.end]
        if not over:
            yield secret
        elif not any(one.start <= secret.start and secret.end <= one.end for one in over):
            yield Secret(label=over[0].label, start=secret.start, end=secret.end)


def _tried(pattern: Pattern, text: str, hit: int) -> re.Match[str] | None:
    """Return the match of the pattern around a hit of its hint, if there is one that stands free."""
    for back in pattern.back:
        start = hit - back
        if start >= 0 and _stands_free(pattern, text, start) and (match := pattern.regex.match(text, start)):
            return match
    return None


def _stands_free(pattern: Pattern, text: str, start: int) -> bool:
    if start == 0 or text[start - 1] not in pattern.after:
        return True
    return bool(_ESCAPE.search(text[max(0, start - _LONGEST_ESCAPE) : start]))


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Return where the secret in `match` is: its named group, or all of it."""
    groups = match.re.groupindex
    for name in ("secret", "bare"):
        if name in groups and match.start(name) >= 0:
            return match.span(name)
    return match.span()


def _by_start(patterns: Sequence[Pattern]) -> Mapping[str, Sequence[tuple[int, Pattern]]]:
    """Return the patterns by the first two characters of their hints, in lower case; by one where there is but one."""
    by_start: defaultdict[str, dict[int, Pattern]] = defaultdict(dict)
    for number, pattern in enumerate(patterns):
        for begin in pattern.begins:
            by_start[begin[:2].lower()][number] = pattern
    for start, found in by_start.items():
        found.update(by_start.get(start[:1], {}))
    return {start: tuple(found.items()) for start, found in by_start.items()}
