from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

import pytest

from occasio_core.linear import linear_pattern
from occasio_core.model import Action, Case, Effect, EffectKind, Policy, Secret, TextPattern
from occasio_core.redact import masked, redact, scan_texts
from occasio_core.scanners import ENTROPY, PATTERNS, SecretsInInput, scanners_of
from tests.occasio_core.test_session import call

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


OFF = replace(POLICY, block_secrets_in_tool_results=False)
REDACTING = replace(OFF, redact_secrets_in_tool_results=True)


def judged(effect: Effect, policy: Policy = POLICY, **given):
    made = call(input=MappingProxyType(given or {"headers": [{"a": "TOKEN"}]}))
    return SecretsInInput({"p.a": Finds("TOKEN")}).judge(Case(call=made, effects=(effect,), policy=policy))


def connects(target: str, *, unknown: bool = False) -> Effect:
    return Effect(EffectKind.CONNECT, target, unknown=unknown)


@pytest.mark.parametrize("policy", [POLICY, REDACTING])
@pytest.mark.parametrize(
    "target",
    [
        "https://example.com/x",
        "example.com:443",
        "http://localhost:80@example.com",
        "http://localhost.example.com",
        "10.0.0.1",
    ],
)
def test_a_secret_that_would_go_to_another_machine_is_refused(target, policy):
    opinion = judged(connects(target), policy)
    assert (opinion.action, opinion.reason) == (Action.BLOCK, "secret-in-input")
    assert opinion.message == "the input holds secrets (TOKEN) and would go to another machine"


def test_a_secret_that_may_go_anywhere_is_refused():
    assert judged(connects("localhost", unknown=True)) is not None


def test_a_secret_in_the_name_of_a_member_is_seen():
    assert judged(connects("example.com"), TOKEN="x") is not None


@pytest.mark.parametrize(
    "target", ["http://localhost:8080/x", "localhost", "127.0.0.1:5432", "postgres://u:p@localhost/db", "http://[::1]/"]
)
def test_what_stays_on_this_machine_is_left_alone(target):
    assert judged(connects(target)) is None


def test_calls_that_connect_to_nothing_are_left_alone():
    assert judged(Effect(EffectKind.WRITE, "/work/notes")) is None


def test_with_both_switches_off_secrets_may_go():
    assert judged(connects("example.com"), OFF) is None


def test_an_input_without_secrets_may_go():
    assert judged(connects("example.com"), url="https://example.com", depth=3, on=True) is None


def test_an_input_that_cannot_be_scanned_may_not_go():
    class Broken(Finds):
        def scan(self, text: str, /) -> Iterable[Secret]:
            raise RuntimeError(text)

    case = Case(call=call(), effects=(connects("example.com"),), policy=POLICY)
    opinion = SecretsInInput({"p.a": Broken("x")}).judge(case)
    assert opinion is not None
    assert opinion.message == "the input could not be scanned for secrets and would go to another machine"


def test_a_value_that_only_its_name_tells_to_be_a_secret_is_seen():
    made = call(input=MappingProxyType({"headers": [{"x-key": 'a"b'}]}))
    case = Case(call=made, effects=(connects("example.com"),), policy=POLICY)
    assert SecretsInInput({"p.a": Finds('"x-key": "a\\"b"')}).judge(case) is not None
