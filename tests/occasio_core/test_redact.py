"""A secret that any scanner finds does not reach the model, and what could not be scanned is not shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import CallId, Policy, Secret, SessionId, ToolResult
from occasio_core.redact import (
    Shaped,
    masked,
    merged,
    raw_of,
    redact,
    scan_texts,
    told_without_secrets,
    without_secrets,
)

POLICY = Policy(source="user", path=None, text="", sha256="0" * 64)
TEXT = "abcdefgh"


class Finds:
    """Finds what it was told."""

    name = "finds"

    def __init__(self, *spans):
        self.spans = spans

    def scan(self, text, /):
        return [Secret(label=label, start=start, end=end) for label, start, end in self.spans]


class FindsWord:
    """Finds every `KEY`."""

    name = "word"

    def scan(self, text, /):
        position = text.find("KEY")
        while position >= 0:
            yield Secret(label="key", start=position, end=position + 3)
            position = text.find("KEY", position + 3)


class Fails:
    """Fails after it has found something."""

    name = "fails"

    def scan(self, text, /):
        yield Secret(label="key", start=0, end=1)
        raise RuntimeError


def result(*texts):
    return ToolResult(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool="T",
        texts=texts,
        digest="0" * 64,
        size=1,
    )


def spans_in(text):
    def ordered(pair):
        return Secret(label="x", start=min(pair), end=max(pair) + 1)

    places = st.integers(0, len(text) - 1)
    return st.lists(st.tuples(places, places).map(ordered), max_size=6)


@pytest.mark.parametrize(
    ("spans", "redacted"),
    [
        ([], "abcdefgh"),
        ([("k", 0, 2)], "[REDACTED:k]cdefgh"),
        ([("k", 6, 8), ("j", 0, 1)], "[REDACTED:j]bcdef[REDACTED:k]"),
        ([("k", 1, 4), ("j", 3, 6)], "a[REDACTED:k]gh"),
        ([("k", 1, 6), ("j", 2, 3)], "a[REDACTED:k]gh"),
        ([("k", 1, 3), ("j", 3, 5)], "a[REDACTED:k][REDACTED:j]fgh"),
        ([("k", 0, 8)], "[REDACTED:k]"),
    ],
)
def test_spans_are_replaced_and_those_that_overlap_are_joined(spans, redacted):
    assert redact(TEXT, Finds(*spans).scan(TEXT)) == redacted


@settings(max_examples=200, deadline=None)
@given(st.text("ab\U0001f600", min_size=1, max_size=20).flatmap(lambda text: st.tuples(st.just(text), spans_in(text))))
def test_what_is_left_is_exactly_what_no_span_covers(case):
    text, spans = case
    covered = {place for span in spans for place in range(span.start, span.end)}
    left = "".join(character for place, character in enumerate(text) if place not in covered)
    assert redact(text, spans).replace("[REDACTED:x]", "") == left


@settings(max_examples=100, deadline=None)
@given(spans_in(TEXT), st.randoms())
def test_the_order_of_the_spans_does_not_matter(spans, random):
    shuffled = list(spans)
    random.shuffle(shuffled)
    assert merged(shuffled) == merged(spans)


def test_every_occurrence_in_every_text_is_found():
    scans = scan_texts(["KEY and KEY", "none", "KEY"], {"w": FindsWord()})
    assert [len(spans) for spans in scans] == [2, 0, 1]


def test_matches_of_all_scanners_count():
    scanners = {"a": Finds(("k", 0, 1)), "b": Finds(("j", 4, 5))}
    assert [span.label for span in scan_texts([TEXT], scanners)[0]] == ["k", "j"]


@pytest.mark.parametrize("scanner", [Fails(), Finds(("k", 3, 99)), Finds(("k", -1, 2)), Finds(("k", 2, 2))])
def test_a_scanner_that_fails_or_points_outside_withholds_the_result(scanner):
    shaped = without_secrets(result(TEXT, "other"), POLICY, {"x": scanner})
    assert (shaped.texts, shaped.labels) == ((), ("unscanned",))
    assert TEXT not in shaped.notice


def test_a_scanner_that_returns_something_else_withholds_the_result():
    class Odd:
        name = "odd"

        def scan(self, text, /):
            return [(0, 3)]

    assert without_secrets(result(TEXT), POLICY, {"x": Odd()}).notice is not None


def test_a_result_without_secrets_is_returned_as_it_is():
    shaped = without_secrets(result("a", "b"), POLICY, {"w": FindsWord()})
    assert (shaped.texts, shaped.notice, shaped.labels, shaped.count) == (("a", "b"), None, (), 0)


def test_a_result_with_a_secret_is_withheld_by_default_and_the_notice_names_the_kinds():
    shaped = without_secrets(result("a KEY", "b"), POLICY, {"w": FindsWord()})
    assert shaped.notice == "[withheld by Occasio: it holds secrets (key)]"
    assert (shaped.texts, shaped.labels, shaped.count) == ((), ("key",), 1)


@pytest.mark.parametrize("block", [True, False])
def test_redacting_wins_whether_blocking_is_on_or_not(block):
    policy = replace(POLICY, block_secrets_in_tool_results=block, redact_secrets_in_tool_results=True)
    shaped = without_secrets(result("a KEY", "b"), policy, {"w": FindsWord()})
    assert (shaped.texts, shaped.notice, shaped.count) == (("a [REDACTED:key]", "b"), None, 1)


def test_a_call_with_the_transform_is_redacted_whatever_the_switches_say():
    shaped = without_secrets(result("a KEY"), POLICY, {"w": FindsWord()}, redacts=True)
    assert shaped.texts == ("a [REDACTED:key]",)


def test_with_both_switches_off_the_text_passes_and_the_kinds_are_still_told():
    policy = replace(POLICY, block_secrets_in_tool_results=False)
    shaped = without_secrets(result("a KEY"), policy, {"w": FindsWord()})
    assert (shaped.texts, shaped.labels, shaped.count) == (("a KEY",), ("key",), 0)


def test_a_text_for_a_row_is_masked():
    assert masked("a KEY b", {"w": FindsWord()}) == "a [REDACTED:key] b"


def test_a_text_for_a_row_that_could_not_be_scanned_is_not_recorded():
    assert masked("a KEY b", {"x": Fails()}) == "[REDACTED:unscanned]"


@pytest.mark.parametrize(
    ("texts", "left", "count"),
    [
        (("a K", "EY b"), ("a [REDACTED:key]", "[REDACTED:key] b"), 1),
        (("a K", "E", "Y b"), ("a [REDACTED:key]", "[REDACTED:key]", "[REDACTED:key] b"), 1),
        (("a K", "", "EY"), ("a [REDACTED:key]", "", "[REDACTED:key]"), 1),
        (("KEY K", "EY KEY"), ("[REDACTED:key] [REDACTED:key]", "[REDACTED:key] [REDACTED:key]"), 3),
        (("a KEY", "b"), ("a [REDACTED:key]", "b"), 1),
        (("K", " EY"), ("K", " EY"), 0),
    ],
)
def test_a_secret_that_is_split_over_the_texts_of_a_result_is_taken_out_of_each_and_counts_once(texts, left, count):
    policy = replace(POLICY, redact_secrets_in_tool_results=True)
    shaped = without_secrets(result(*texts), policy, {"w": FindsWord()})
    assert (shaped.texts, shaped.count) == (left, count)


def test_a_secret_that_is_split_holds_the_result_back():
    assert without_secrets(result("a K", "EY b"), POLICY, {"w": FindsWord()}).labels == ("key",)


def test_texts_that_cannot_be_scanned_together_are_withheld():
    class FailsOnLong:
        name = "long"

        def scan(self, text, /):
            if len(text) > 3:
                raise RuntimeError
            return ()

    assert without_secrets(result("abc", "def"), POLICY, {"x": FailsOnLong()}).labels == ("unscanned",)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("KEY ", max_size=4), min_size=1, max_size=6))
def test_in_whatever_pieces_a_text_comes_no_secret_is_left(texts):
    policy = replace(POLICY, redact_secrets_in_tool_results=True)
    shaped = without_secrets(result(*texts), policy, {"w": FindsWord()})
    assert "KEY" not in "".join(shaped.texts).replace("[REDACTED:key]", "|")


@pytest.mark.parametrize("switches", [(True, False), (False, True), (True, True)])
def test_either_switch_takes_secrets_out_of_what_is_no_result(switches):
    policy = replace(POLICY, block_secrets_in_tool_results=switches[0], redact_secrets_in_tool_results=switches[1])
    told = told_without_secrets(("a KEY", "b"), policy, {"w": FindsWord()})
    assert (told.texts, told.notice, told.labels, told.count) == (("a [REDACTED:key]", "b"), None, ("key",), 1)


def test_with_both_switches_off_what_is_told_stays_and_the_kinds_are_known():
    policy = replace(POLICY, block_secrets_in_tool_results=False, redact_secrets_in_tool_results=False)
    told = told_without_secrets(("a KEY",), policy, {"w": FindsWord()})
    assert (told.texts, told.labels, told.count) == (("a KEY",), ("key",), 0)


def test_what_cannot_be_scanned_is_not_told():
    told = told_without_secrets((TEXT,), POLICY, {"x": Fails()})
    assert (told.texts, told.labels) == ((), ("unscanned",))
    assert told.notice


def test_a_secret_over_two_texts_that_are_read_together_is_taken_out_of_both():
    told = told_without_secrets(("a KE", "Y b"), POLICY, {"w": FindsWord()})
    assert (told.texts, told.count) == (("a [REDACTED:key]", "[REDACTED:key] b"), 1)


def test_the_whole_of_a_shortened_result_is_kept_without_secrets_where_the_policy_wants_it() -> None:
    given, shaped = result("long KEY", "b"), Shaped(texts=("short", "b"), by=("distill-output",))
    keeping = replace(POLICY, keep_shortened_results=True)
    scanners = {"s": FindsWord()}
    assert raw_of(given, shaped, keeping, scanners) == ("long [REDACTED:key]", "b")
    assert raw_of(given, shaped, POLICY, scanners) == ()
    assert raw_of(given, replace(shaped, by=("redact-secrets",)), keeping, scanners) == ()
    assert raw_of(given, replace(shaped, notice="[withheld]"), keeping, scanners) == ()
    assert raw_of(given, shaped, keeping, {"s": Fails()}) == ()
