from collections.abc import Iterable
from dataclasses import dataclass, replace

from occasio_core.linear import linear_pattern
from occasio_core.model import Policy, Secret, TextPattern
from occasio_core.redact import masked, redact, scan_texts
from occasio_core.scanners import ENTROPY, PATTERNS, scanners_of

POLICY = Policy(source="user", path=None, text="", sha256="0" * 64)


@dataclass(frozen=True)
class Finds:
    word: str
    name: str = "finds"

    def scan(self, text: str, /) -> Iterable[Secret]:
        if (start := text.find(self.word)) >= 0:
            yield Secret(label=self.word, start=start, end=start + len(self.word))


def with_patterns(**patterns):
    return replace(
        POLICY,
        deny_patterns=tuple(
            TextPattern(label=label, pattern=linear_pattern(source)) for label, source in patterns.items()
        ),
    )


def test_without_keys_the_scanners_of_plugins_look():
    assert set(scanners_of(POLICY, {"p.a": Finds("a")})) == {"p.a"}


def test_entropy_looks_only_where_the_policy_asks_for_it():
    scanners = {ENTROPY: Finds("x")}
    assert set(scanners_of(POLICY, scanners)) == set()
    assert set(scanners_of(replace(POLICY, entropy_secret_detection=True), scanners)) == {ENTROPY}


def test_a_denied_pattern_is_taken_out_under_its_label():
    scanners = scanners_of(with_patterns(ticket="INC-[0-9]{6}"), {})
    text = "see INC-123456 and INC-654321, é INC-111111"
    [spans] = scan_texts([text], scanners)
    assert redact(text, spans) == "see [REDACTED:ticket] and [REDACTED:ticket], é [REDACTED:ticket]"
    assert set(scanners) == {PATTERNS}


def test_several_patterns_each_have_their_label():
    scanners = scanners_of(with_patterns(a="aa", b="bb"), {})
    assert masked("aa bb", scanners) == "[REDACTED:a] [REDACTED:b]"
