"""Times, lengths of time and how they are written: what rows say, and what people say on the command line.

Knows no clock.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from occasio_core.errors import UsageError

_LENGTH = re.compile(r"([1-9][0-9]{0,6})([smhd]?)")
_FIRST, _LAST = -62135596800.0, 253402300799.0  # the years 1 to 9999
_UNITS = {"s": 1, "m": 60, "": 60, "h": 3600, "d": 86400}


def seconds(ts: str) -> float:
    """Return a time as seconds since 1970; one without a zone is of UTC.  Raises `ValueError` for what is no time."""
    moment = datetime.fromisoformat(ts)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def length(text: str) -> int:
    """Return a length of time in seconds: a whole number with `s`, `m`, `h` or `d` behind it; minutes without.

    Raises `UsageError`.
    """
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise UsageError(f"`{text}` is no length of time", hint="write it as 90s, 15m, 2h or 7d")
    return int(found[1]) * _UNITS[found[2]]


def since(text: str, newest: float) -> float:
    """Return the time that `text` names, in seconds since 1970: itself, or how long before `newest`.

    Raises `UsageError`.
    """
    if _LENGTH.fullmatch(text):
        return newest - length(text)
    try:
        return seconds(text)
    except ValueError:
        hint = "write it as 2026-01-31T09:00:00Z, or as 2h or 7d before the newest row"
        raise UsageError(f"`{text}` is no time", hint=hint) from None


def shown(at: float) -> str:
    """Return a time for people: UTC, to the second, within the years that a row may have."""
    moment = datetime.fromtimestamp(min(max(at, _FIRST), _LAST), UTC)
    return f"{moment.isoformat(sep=' ')[:19]}Z"
