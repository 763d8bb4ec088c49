"""How often and by which dice: a few rounds in the suite, many by `make faults`, and a seed that repeats a failure."""

from __future__ import annotations

import os
import random

IS_LONG = os.environ.get("OCCASIO_SLOW_TESTS") == "1"


def rounds(few: int, many: int) -> int:
    """Return how often something is to be tried: a few times, or `many` where there is time (OCCASIO_SLOW_TESTS=1)."""
    return many if IS_LONG else few


def seed() -> int:
    """Return a seed by chance, or that of OCCASIO_SEED, and print it: pytest shows what a test that failed has printed."""
    given = os.environ.get("OCCASIO_SEED")
    chosen = int(given) if given else random.SystemRandom().randrange(2**32)
    print(f"OCCASIO_SEED={chosen}")
    return chosen
