"""Times as people and rows write them, in milliseconds since 1970 (UTC).

Pure: knows no clock; what is relative is so to a time that the caller brings.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from occasio_core.errors import UsageError

MINUTE = 60_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_AGO = re.compile(r"([0-9]{1,9})([smhdw])")
_UNITS = {"s": 1_000, "m": MINUTE, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)


def moment(text: str, now: int) -> int:
    """Return the time that a person means: RFC 3339 (UTC where it names no zone), a date, or how long before `now`.

    `2h`, `7d`, `90m`, `30s`, `2w`.  Raises `UsageError` for anything else.
    """
    if found := _AGO.fullmatch(text):
        return now - int(found[1]) * _UNITS[found[2]]
    try:
        if not _RFC3339.fullmatch(text):
            raise ValueError  # fromisoformat reads more than that
        read = datetime.fromisoformat(text.upper())
        return (read.replace(tzinfo=read.tzinfo or UTC) - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        raise UsageError(
            f"`{text}` is no time", hint="write it as 2026-01-31T08:30:00Z, 2026-01-31, or 2h, 7d before now"
        ) from None


def milliseconds(ts: str) -> int:
    """Return the time of a row's `ts` (SPEC section 4.2)."""
    return _minute(ts[:16]) + int(ts[17:19]) * 1_000 + int(ts[20:23])


@lru_cache(maxsize=1024)  # rows come in the order of time, mostly
def _minute(text: str) -> int:
    return (datetime.fromisoformat(f"{text}:00+00:00") - _EPOCH) // _MILLISECOND


def timestamp(at: int) -> str:
    """Return `at` as a row's `ts`.  Raises `OverflowError` beyond the years 1 to 9999."""
    read = _EPOCH + at * _MILLISECOND
    return f"{read.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
