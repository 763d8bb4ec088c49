"""Which lines of a long output stay."""

from __future__ import annotations

import re
from enum import Enum

_MATCHES = 50
_LISTING = 100
_TESTS = 100  # a test run of more lines than that is shortened
_END = 15  # its last lines, where the summary stands
_FAILURE = re.compile(
    r"fail|error|exception|traceback|assert|panic|not ok|\u2717|\u2715|\u2718|\u00d7|^E  |^> ", re.IGNORECASE
)


class Kind(Enum):
    """What an output is."""

    MATCHES = "matches"
    LISTING = "listing"
    TESTS = "tests"


def distilled(text: str, kind: Kind) -> str:
    """Return `text`, or what stays of it and a note; a text that would not become shorter stays as it is.

    Of matches the first 50 lines stay, of a listing the first 100.  Of a test run of more than 100 lines those that
    tell of a failure, with one line before and after each, and the last 15.
    """
    lines = text.split("\n")
    count = len(lines) - (lines[-1] == "")  # what follows the last line break is no line
    kept = _of_tests(lines, count) if kind is Kind.TESTS else _head(lines, count, kind)
    shorter = f"{kept}\n[distilled by Occasio: {kept.count(chr(10)) + 1:,} of {count:,} lines]" if kept else text
    return min(text, shorter, key=len)


def _head(lines: list[str], count: int, kind: Kind) -> str:
    most = _MATCHES if kind is Kind.MATCHES else _LISTING
    return "\n".join(lines[:most]) if count > most else ""


def _of_tests(lines: list[str], count: int) -> str:
    if count <= _TESTS:
        return ""
    wanted = set(range(count - _END, count))
    for number in range(count):
        if _FAILURE.search(lines[number]):
            wanted |= {number - 1, number, number + 1}
    return "\n".join(lines[number] for number in sorted(wanted) if 0 <= number < count)
