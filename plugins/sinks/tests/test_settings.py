"""Settings have their types, or the start-up stops with what to write."""

from __future__ import annotations

import pytest

from occasio_core import PluginError, Severity
from occasio_sinks.settings import checked, line, matters, text, threshold


def test_a_text_must_be_there_unless_it_has_a_default() -> None:
    assert text("s", {"url": "x"}, "url") == "x"
    assert text("s", {}, "url", "y") == "y"
    for told in ({}, {"url": 7}, {"url": ""}):
        with pytest.raises(PluginError, match="`url` is a text") as error:
            text("s", told, "url")
        assert error.value.hint == "write `s: {url: …}`"


def test_known_keys_are_named_where_none_is_near() -> None:
    assert checked("s", {"url": 1}, ("url",)) == {"url": 1}
    with pytest.raises(PluginError) as error:
        checked("s", {"zzz": 1}, ("url",))
    assert error.value.hint == "known are at_least, url"


def test_everything_matters_unless_the_policy_says_less() -> None:
    assert threshold("s", {}) is Severity.INFO
    assert threshold("s", {"at_least": "high"}) is Severity.HIGH
    assert matters({"severity": "high"}, Severity.HIGH)
    assert not matters({"severity": "medium"}, Severity.HIGH)


def test_a_line_is_one_line() -> None:
    assert line({"severity": "low", "detector": "d", "message": "a\n\tb\u2028c"}) == "LOW d: a b c"
