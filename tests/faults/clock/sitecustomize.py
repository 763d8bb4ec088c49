"""A clock that jumps: each reading of the time of day is off by as much as OCCASIO_TEST_CLOCK's dice say, days at most.

Python imports this by its name where its directory is in PYTHONPATH.  The monotonic clock is left alone, as systems do.
"""

from __future__ import annotations

import datetime
import os
import random
import time

_dice = random.Random(int(os.environ.get("OCCASIO_TEST_CLOCK", "0")))
_time = time.time


def _jumping() -> float:
    return _time() + _dice.choice([0.0, -3600.0, -86_400.0, 5.0, 3600.0])


class _Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
        return datetime.datetime.fromtimestamp(_jumping(), tz)


if "OCCASIO_TEST_CLOCK" in os.environ:
    time.time = _jumping
    datetime.datetime = _Jumping  # type: ignore[misc]
