"""Expressions that go over whole texts: by RE2, once, in time that grows with the text alone."""

from __future__ import annotations

import re
from functools import cache
from typing import cast

_MEMORY = 64 << 20  # bytes that one automaton may take


@cache
def compiled(expression: bytes) -> re.Pattern[bytes]:
    """Return the expression, without groups, for texts of a byte a character."""
    import re2  # loads a library: not before there is a text

    options = re2.Options()
    options.max_mem = _MEMORY
    options.never_capture = True
    return cast("re.Pattern[bytes]", re2.compile(expression, options))
