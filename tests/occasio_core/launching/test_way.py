"""Options are found as agents find them, and an agent without names of its own needs nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from occasio_core.launching.way import Agent, Way, is_on, option


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--place", "x"], ("--place", "x")),
        (["go", "--place=x"], ("--place", "x")),
        (["-Px"], ("-P", "x")),
        (["-P=x"], ("-P", "x")),
        (["-P"], ("-P", "")),
        (["--Place"], None),
        (["--placeholder"], None),
        (["--", "--place"], None),
        ([], None),
    ],
)
def test_an_option_is_found_with_its_value(arguments: Sequence[str], found: tuple[str, str] | None) -> None:
    assert option(arguments, "--place", "-P") == found


@pytest.mark.parametrize(
    ("value", "on"), [("1", True), ("true", True), (" False ", False), ("0", False), (None, False)]
)
def test_a_variable_switches_on_unless_it_says_no(value: str | None, on: bool) -> None:
    assert is_on(value) is on


def test_an_agent_that_knows_only_common_variables_needs_nothing() -> None:
    agent = Agent()
    assert (agent.way({}, {}), agent.way_around(["x"], {}), dict(agent.known_variables({}))) == (Way(), "", {})
