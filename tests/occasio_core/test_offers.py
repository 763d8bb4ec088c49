"""What the provider would run is refused where no call of it could be: by name, by host, and for one tool of a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from occasio_core.commands import Record, RefuseRequest, TakeOut
from occasio_core.engine import engine
from occasio_core.links import all_named
from occasio_core.model import Action, CallId, Policy, ToolPolicy
from occasio_core.offers import Offers
from occasio_core.policy import policy_of
from occasio_core.wires.offers import Offer, Offered, offered
from tests.occasio_core.gates import POLICY, Denies, named, session
from tests.occasio_core.wires import toy

SERVER = Offer(tool="mcp__far", places=(("tools", 0),), urls=("https://mcp.example.com/x",), is_open=True)
SEARCH = Offer(tool="web_search", places=(("tools", 0),), is_open=True)


def made(offer: Offer) -> Offered:
    return offered(offer, toy.ORIGIN)


def under(**tools: Action) -> Policy:
    return replace(POLICY, tools={name: ToolPolicy(action=action) for name, action in tools.items()})


def reason(offer: Offer, policy: Policy) -> str:
    """Return why the offer is refused, empty if it is not."""
    ruling = Offers({"denies": Denies()}, named).refused(made(offer), policy)
    return ruling.decision.first.reason if ruling else ""


@pytest.mark.parametrize(
    ("tools", "expected"),
    [
        ({}, ""),
        ({"web_search": Action.PASS}, ""),
        ({"web_search": Action.TRANSFORM}, ""),
        ({"web_search": Action.BLOCK}, "tool-denied"),
        ({"web_search": Action.ASK}, "approval-unavailable"),
        ({"web_search": Action.LOCAL}, "no-local-handler"),
        ({"web_fetch": Action.BLOCK}, ""),
    ],
)
def test_what_the_policy_says_of_the_tool_holds(tools: Mapping[str, Action], expected: str) -> None:
    assert reason(SEARCH, under(**tools)) == expected


def test_a_tool_that_nobody_names_is_up_to_the_default() -> None:
    assert reason(SEARCH, replace(POLICY, default_action=Action.BLOCK)) == "tool-denied"


def test_a_rule_hears_where_it_would_go() -> None:
    assert reason(replace(SEARCH, urls=("https://denied.example",)), POLICY) == "path-denied"


@pytest.mark.parametrize(
    ("entry", "asks_first", "expected"),
    [
        ({"mcp__far__drop": Action.BLOCK}, False, "tool-denied"),
        ({"mcp__far__drop": Action.ASK}, False, "tool-denied"),
        ({"mcp__far__look": Action.PASS}, False, ""),
        ({"mcp__farther__drop": Action.BLOCK}, False, ""),
        ({"mcp__far__drop": Action.BLOCK}, True, ""),
        ({"mcp__far": Action.ASK}, False, "approval-unavailable"),
        ({"mcp__far": Action.ASK}, True, ""),
        ({"mcp__far": Action.BLOCK}, True, "tool-denied"),
    ],
)
def test_a_server_is_refused_for_one_of_its_tools_unless_the_provider_asks_before_each_call(
    entry: Mapping[str, Action], asks_first: bool, expected: str
) -> None:
    assert reason(replace(SERVER, asks_first=asks_first), under(**entry)) == expected


def test_the_preset_off_lets_all_of_it_go() -> None:
    policy = replace(under(mcp__far__drop=Action.BLOCK, mcp__far=Action.BLOCK), preset="off")
    assert reason(SERVER, policy) == ""


@pytest.mark.parametrize(
    ("policy", "urls", "expected"),
    [
        ("", (), None),
        ("", ("https://a.example",), None),
        ("allow_hosts: [a.example]", (), "allow_hosts"),
        ("allow_hosts: [a.example]", ("https://docs.a.example/x",), None),
        ("allow_hosts: [a.example]", ("https://a.example", "https://b.example"), "allow_hosts"),
        ("deny_hosts: [b.example]", (), None),
        ("deny_hosts: [b.example]", ("https://b.example",), "deny_hosts: b.example"),
        ('deny_hosts: ["*"]', (), "deny_hosts: *"),
        ("allow_paths: [./src]", ("https://a.example",), None),  # an address is no path
    ],
)
def test_the_rules_that_are_built_in_judge_hosts_and_nothing_else(
    policy: str, urls: tuple[str, ...], expected: str | None, tmp_path: Path
) -> None:
    here = policy_of(f"version: 1\n{policy}\n".encode(), tmp_path / "policy.yml", tmp_path / "home", str(tmp_path))
    governing = engine(here, tmp_path / "home")
    offers = Offers(governing.registry.rules, all_named)
    ruling = offers.refused(made(replace(SEARCH, urls=urls)), governing.policy)
    assert (ruling and ruling.decision.first.rule) == expected


def test_a_refused_offer_is_recorded_once_and_taken_out_each_time() -> None:
    gated = session(under(web_search=Action.BLOCK))
    record, taken = gated.receive(made(SEARCH))
    assert isinstance(record, Record)
    names = ("action", "call_id", "reason", "rule", "tool_name")
    said = ("BLOCK", "offered:web_search", "tool-denied", "tools: web_search", "web_search")
    assert (tuple(record.members[name] for name in names), taken) == (said, TakeOut(CallId("offered:web_search")))
    assert gated.receive(made(SEARCH)) == [taken]


def test_a_request_that_insists_on_it_does_not_go() -> None:
    _, refused = session(under(web_search=Action.BLOCK)).receive(made(replace(SEARCH, is_chosen=True)))
    assert isinstance(refused, RefuseRequest)
    assert "tool-denied" in refused.text


def test_what_may_be_run_leads_to_nothing() -> None:
    assert session().receive(made(SEARCH)) == []
