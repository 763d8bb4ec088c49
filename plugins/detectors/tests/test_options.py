"""Options have the type that a detector counts on."""

from __future__ import annotations

import pytest

from occasio_core import UsageError
from occasio_detectors.options import number


def test_a_number_is_a_whole_one() -> None:
    assert number({"a": 3}, "a") == 3
    for other in ("3", None, True, 1.5):
        with pytest.raises(UsageError, match="`a` is no whole number"):
            number({"a": other}, "a")
