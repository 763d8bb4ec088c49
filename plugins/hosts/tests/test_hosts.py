"""Hosts are denied however they are spelled, and allowed only when every reading is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core import CallId, Case, Effect, EffectKind, Opinion, Policy, PolicyRule, SessionId, ToolCall, frozen
from occasio_core.policy import load_policy
from occasio_hosts import AllowedHosts, DeniedHosts, occasio_register_policy_rules

CALL = ToolCall(
    session=SessionId("s"),
    call=CallId("c"),
    agent="a",
    protocol="p",
    tool="T",
    input=frozen({}),
    input_digest="0" * 64,
    cwd="/w",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("policies")


def policy(place: Path, text: str) -> Policy:
    file = place / "policy.yml"
    file.write_text(f"version: 1\n{text}", encoding="utf-8")
    loaded = load_policy(file, place / "home", place)
    return replace(loaded, deny_hosts=tuple(entry for entry in loaded.deny_hosts if entry.line))  # the person's own


def judged(policy: Policy, *effects: Effect) -> list[str]:
    opinions = [rule.judge(Case(call=CALL, effects=effects, policy=policy)) for rule in occasio_register_policy_rules()]
    return [opinion.reason for opinion in opinions if opinion]


def to(target: str, url: str = "") -> Effect:
    return Effect(EffectKind.CONNECT, target, line=url)


def test_the_plugin_adds_two_rules() -> None:
    assert all(isinstance(rule, PolicyRule) for rule in occasio_register_policy_rules())


@pytest.mark.parametrize(
    ("entry", "target"),
    [
        ("example.com", "example.com"),
        ("example.com", "api.EXAMPLE.com."),
        ("'*.example.com'", "a.b.example.com"),
        ("169.254.0.0/16", "0xA9FEA9FE"),
        ("169.254.169.254", "[::ffff:169.254.169.254]"),
        ("'2001:db8::/32'", "2001:db8:1::5"),
        ("localhost", "127.1"),
        ("127.0.0.0/8", "localhost"),
        ("'::1'", "127.0.0.1"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("evil.example", "good.example@evil.example"),
        ("evil.example", "good.example\\@evil.example"),
        ("'*'", "anything"),
    ],
)
def test_a_denied_host_is_refused(place: Path, entry: str, target: str) -> None:
    assert judged(policy(place, f"deny_hosts: [{entry}]\n"), to(target)) == ["host-denied"]


@pytest.mark.parametrize(
    ("entry", "target"),
    [("example.com", "notexample.com"), ("example.com", "example.com.evil.example"), ("'*.example.com'", "example.com"),
     ("10.0.0.0/8", "11.0.0.1"), ("10.0.0.0/8", "ten.example")],
)  # fmt: skip
def test_another_host_is_not_refused(place: Path, entry: str, target: str) -> None:
    assert judged(policy(place, f"deny_hosts: [{entry}]\n"), to(target)) == []
    assert judged(policy(place, f"allow_hosts: [{entry}]\n"), to(target)) == ["host-not-allowed"]


def test_the_entry_and_its_message_are_told(place: Path) -> None:
    rule = policy(place, "deny_hosts:\n  - {host: evil.example, message: use the mirror}\n  - worse.example\n")
    case = Case(call=CALL, effects=(to("evil.example"),), policy=rule)
    opinion = DeniedHosts().judge(case)
    assert isinstance(opinion, Opinion)
    assert (opinion.rule, opinion.message) == ("deny_hosts: evil.example", "use the mirror")
    opinion = DeniedHosts().judge(replace(case, effects=(to("worse.example"),)))
    assert isinstance(opinion, Opinion)
    assert opinion.message == "may not connect to `worse.example`"


def test_one_host_that_is_not_allowed_is_enough(place: Path) -> None:
    allowed = policy(place, "allow_hosts: [example.com]\n")
    assert judged(allowed, to("example.com"), to("evil.example")) == ["host-not-allowed"]
    assert judged(allowed, to("example.com@evil.example")) == ["host-not-allowed"]
    assert judged(allowed, to("")) == ["host-not-allowed"]
    assert judged(allowed, to("example.com"), to("api.example.com")) == []


def test_deny_beats_allow(place: Path) -> None:
    both = policy(place, "deny_hosts: [a.example.com]\nallow_hosts: [example.com]\n")
    assert judged(both, to("a.example.com")) == ["host-denied"]


@pytest.mark.parametrize("key", ["deny_hosts", "allow_hosts"])
def test_a_host_that_is_made_up_at_run_time_may_be_any(place: Path, key: str) -> None:
    made_up = Effect(EffectKind.CONNECT, "$HOST", unknown=True)
    assert judged(policy(place, f"{key}: [example.com]\n"), made_up) == ["host-unknown"]
    assert judged(policy(place, ""), made_up) == []


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("https://example.com/x", 443),
        ("http://example.com", 80),
        ("https://u:p@example.com:8443/x?y=1:9", 8443),
        ("ssh://example.com", 22),
    ],
)
def test_the_port_is_that_of_the_url(place: Path, url: str, port: int) -> None:
    for key, refused in (("deny_hosts", "host-denied"), ("allow_hosts", "")):
        same, other = (policy(place, f"{key}: ['example.com:{number}']\n") for number in (port, port + 1))
        assert judged(same, to("example.com", url)) == ([refused] if refused else [])
        assert judged(other, to("example.com", url)) == ([] if refused else ["host-not-allowed"])


def test_a_port_that_nobody_knows_may_be_any(place: Path) -> None:
    assert judged(policy(place, "deny_hosts: ['example.com:25']\n"), to("example.com")) == ["host-denied"]
    assert judged(policy(place, "allow_hosts: ['example.com:443']\n"), to("example.com")) == ["host-not-allowed"]


def test_what_connects_to_nothing_is_not_judged(place: Path) -> None:
    lists = policy(place, "deny_hosts: ['*']\nallow_hosts: [example.com]\n")
    assert judged(lists, Effect(EffectKind.READ, "evil.example"), Effect(EffectKind.EXECUTE, "curl")) == []


@given(
    entries=st.permutations(["example.com", "10.0.0.0/8", "evil.example:443"]),
    target=st.sampled_from(["example.com", "10.1", "x"]),
)
def test_the_order_of_entries_never_matters(place: Path, entries: list[str], target: str) -> None:
    def answers(order: list[str]) -> list[str]:
        return judged(policy(place, f"allow_hosts: {order}\n"), to(target))

    assert answers(entries) == answers(sorted(entries))


def test_without_lists_every_host_is_allowed(place: Path) -> None:
    assert AllowedHosts().judge(Case(call=CALL, effects=(to("evil.example"),), policy=policy(place, ""))) is None


def test_the_entries_of_the_built_in_policy_are_held_against_named_hosts_alone(place: Path) -> None:
    built_in = load_policy(None, place / "none", place)
    assert judged(built_in, to("169.254.169.254")) == judged(built_in, to("0xa9fea9fe")) == ["host-denied"]
    assert judged(built_in, Effect(EffectKind.CONNECT, "$URL", unknown=True)) == []
