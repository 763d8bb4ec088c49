"""Results are redacted, then transformed, then clipped; what cannot be shaped is not shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core.model import Action, CallId, SessionId, ToolPolicy, ToolResult
from occasio_core.shape import Shaper
from tests.occasio_core.gates import POLICY, SECRET, FindsSecret


@dataclass(frozen=True)
class Changes:
    """A transform that does what the test says."""

    change: Callable[[str], object] = str.upper
    name: str = "change"

    def apply(self, result: ToolResult, tool: str, /) -> Sequence[str]:
        return [self.change(text) for text in result.texts]  # type: ignore[misc]


def result(*texts: str) -> ToolResult:
    return ToolResult(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool="T",
        texts=texts,
        digest="0" * 64,
        size=9,
    )


def policy(**entry: object):
    return replace(POLICY, tools={"T": ToolPolicy(action=Action.TRANSFORM, **entry)})  # type: ignore[arg-type]


def shaper(*transforms: Changes) -> Shaper:
    return Shaper({"s": FindsSecret()}, {one.name: one for one in transforms})


def test_a_result_without_an_entry_stays_as_it_is():
    assert shaper(Changes()).shape(result("a", "b"), POLICY, "t").texts == ("a", "b")


@pytest.mark.parametrize("name", ["T", "canonical"])
def test_the_transform_of_the_policy_is_applied_under_either_name(name):
    entry = ToolPolicy(action=Action.TRANSFORM, transform="change")
    shaped = shaper(Changes()).shape(result("a", "b"), replace(POLICY, tools={name: entry}), "canonical")
    assert shaped.texts == ("A", "B")


def test_the_transform_of_the_decision_is_applied():
    assert shaper(Changes()).shape(result("a"), POLICY, "t", "change").texts == ("A",)


def test_the_switch_distills_every_result():
    distill = Changes(lambda text: text[:1], "distill-output")
    shaped = shaper(distill).shape(result("abc"), replace(POLICY, distill_tool_results=True), "t")
    assert shaped.texts == ("a",)


def test_secrets_are_out_before_a_transform_sees_a_text():
    seen = []
    shaped = shaper(Changes(lambda text: seen.append(text) or text)).shape(
        result(f"a {SECRET}"), replace(policy(transform="change"), redact_secrets_in_tool_results=True), "t"
    )
    assert seen == ["a [REDACTED:word]"]
    assert (shaped.texts, shaped.labels, shaped.count) == (("a [REDACTED:word]",), ("word",), 1)


def test_what_is_withheld_is_not_transformed():
    shaped = shaper(Changes(lambda text: 1 / 0)).shape(result(SECRET), policy(transform="change"), "t")
    assert shaped.notice == "[withheld by Occasio: it holds secrets (word)]"


def fails(text: str) -> str:
    raise RuntimeError(text)


@pytest.mark.parametrize(
    ("change", "why"),
    [(fails, "failed with RuntimeError"), (lambda text: 1, "returned something that is no list of as many texts")],
)
def test_a_transform_that_fails_withholds_the_result_and_does_not_quote_it(change, why):
    shaped = shaper(Changes(change)).shape(result("private"), policy(transform="change"), "t")
    assert (shaped.texts, shaped.notice) == ((), f"[withheld by Occasio: the transform change {why}]")


def test_a_transform_may_not_return_fewer_texts():
    class Drops(Changes):
        def apply(self, result: ToolResult, tool: str, /) -> Sequence[str]:
            return []

    assert shaper(Drops()).shape(result("a"), policy(transform="change"), "t").notice is not None


def test_a_transform_that_nobody_brings_withholds_the_result():
    assert shaper().shape(result("a"), policy(transform="change"), "t").notice is not None


def test_a_long_result_is_clipped_and_says_how_much_is_missing():
    shaped = shaper().shape(result("x" * 100, "y" * 3000), policy(max_output_tokens=30), "t")
    assert shaped.texts == (
        "x" * 100,
        "y" * 20 + "\n[clipped by Occasio: 2,980 bytes left out, the policy allows 30 tokens]",
    )


def test_the_smaller_of_two_clips_counts():
    tools = {name: ToolPolicy(action=Action.PASS, max_output_tokens=most) for name, most in (("T", 9), ("t", 1))}
    assert shaper().shape(result("x" * 10), replace(POLICY, tools=tools), "t").texts[0].startswith("xxxx\n[clipped")


@given(st.lists(st.text(), min_size=1, max_size=4), st.integers(1, 20))
def test_no_character_is_cut_in_two_and_nothing_is_added_but_the_note(texts: list[str], tokens: int):
    shaped = Shaper({}).shape(result(*texts), policy(max_output_tokens=tokens), "t")
    kept = [
        new.partition("\n[clipped by Occasio: ")[0] if new != old else old
        for new, old in zip(shaped.texts, texts, strict=True)
    ]
    assert all(old.startswith(new) for new, old in zip(kept, texts, strict=True))
    assert sum(len(text.encode()) for text in kept) <= tokens * 4


def test_what_changed_a_result_is_named_in_order_and_what_did_not_is_not():
    shout, nothing = Changes(name="a-shout"), Changes(change=lambda text: text, name="b-nothing")
    entry = ToolPolicy(action=Action.TRANSFORM, transform="a-shout", max_output_tokens=1)
    given = replace(
        POLICY, redact_secrets_in_tool_results=True, tools={"T": entry, "t": replace(entry, transform="b-nothing")}
    )
    assert shaper(shout, nothing).shape(result(f"say {SECRET}"), given, "t").by == ("redact-secrets", "a-shout", "clip")
