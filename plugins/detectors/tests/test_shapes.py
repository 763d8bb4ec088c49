"""An input that has a member which it never had is told, once."""

from __future__ import annotations

from occasio_core import Observation, Severity
from occasio_detectors import InputShape
from plugins.detectors.tests.rows import findings, opened, seen


def given(*names: str, at: float = 0, tool: str = "shell_bash", **more: str) -> Observation:
    return seen(at, tool_name=tool, action="PASS", input_names=sorted(names), **more)


def ordinary(count: int = 60, **more: str) -> list[Observation]:
    return [given("command", *(["timeout"] if number % 9 == 0 else []), **more) for number in range(count)]


def test_a_new_member_is_told_once() -> None:
    watch = opened(InputShape())
    assert findings(watch, ordinary()) == []
    (found,) = findings(watch, [given("command", "cwd"), given("command", "cwd")])
    assert found.message == "shell_bash was given `cwd`, never seen in 60 calls of it"
    assert found.severity is Severity.LOW


def test_156_a_shell_with_an_environment_of_its_own_is_seen_and_matters_more() -> None:
    watch = opened(InputShape())
    (found,) = findings(watch, [*ordinary(), given("command", "env")])
    assert found.severity is Severity.MEDIUM


def test_a_first_alarm_is_never_high() -> None:
    watch = opened(InputShape())
    found = findings(watch, [*ordinary(5000), given("command", "privileged", "sudo", "env")])
    assert [one.severity for one in found] == [Severity.MEDIUM]


def test_known_members_together_are_no_news() -> None:
    watch = opened(InputShape())
    rows = [given("command", "a"), given("command", "b"), *ordinary()]
    assert findings(watch, [*rows, given("a", "b"), given("command", "a", "b", "timeout"), given()]) == []


def test_nothing_is_told_before_a_tool_is_known() -> None:
    assert findings(opened(InputShape()), [*ordinary(40), given("command", "env")]) == []


def test_tools_and_agents_are_apart() -> None:
    watch = opened(InputShape())
    findings(watch, ordinary())
    assert findings(watch, [given("path", tool="read_file"), given("command", "env", agent="codex")]) == []


def test_an_agent_that_makes_up_names_is_told_and_then_left_alone() -> None:
    watch = opened(InputShape())
    rows = [given("command", f"n{number}") for number in range(500)]
    assert 0 < len(findings(watch, [*ordinary(), *rows])) < 70


def test_rows_that_say_nothing_of_it_say_nothing() -> None:
    assert findings(opened(InputShape(), calls_before=0), [seen(0), seen(1, input_names="x")]) == []
