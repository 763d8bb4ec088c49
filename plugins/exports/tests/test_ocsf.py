"""Every row is an event that OCSF's own schema accepts, and nothing that the row says is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_exports.ocsf import ocsf_events
from tests.kinds import MEMBERS, Fields, every_row, ids, leaves, values
from tests.ocsf_schema import problems
from tests.samples import Log, call, start

ROWS = every_row()


def only(row: Fields) -> Any:
    (event,) = ocsf_events([row], "0.1.0")
    return event


def row_of(kind: str, **members: object) -> Fields:
    return {**next(row for row in ROWS if row["kind"] == kind), **members}


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_the_schema_accepts_the_event_of_a_row(row: Fields) -> None:
    assert problems(only(row)) == []


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_the_event_says_everything_that_the_row_says(row: Fields) -> None:
    event = only(row)
    said = set(leaves(event))
    # the severity of a finding is one of OCSF's, by number
    lost = values(row) - said - ({row["severity"]} if row["kind"] == "finding" else set())
    assert lost == set()
    assert event["time"] > 0


def test_the_schema_refuses_what_is_wrong() -> None:
    event = only(row_of("tool_call"))
    assert problems(event | {"invented": 1}) != []
    assert problems({name: value for name, value in event.items() if name != "time"}) != []


@given(st.sampled_from(ROWS), MEMBERS)
def test_a_member_that_nobody_knows_is_kept(row: Fields, value: object) -> None:
    event = only(row | {"zz_unknown": value})
    assert event["unmapped"]["zz_unknown"] == value
    assert problems(event) == []


@pytest.mark.parametrize(
    ("action", "control", "disposition"),
    [("PASS", 1, 1), ("LOCAL", 1, 1), ("TRANSFORM", 4, 99), ("BLOCK", 2, 2)],
)
def test_a_decision_is_an_action_and_a_disposition(action: str, control: int, disposition: int) -> None:
    event = only(row_of("tool_call", action=action))
    assert (event["action_id"], event["disposition_id"]) == (control, disposition)
    assert event["authorizations"][0]["decision"] == action


def test_a_refused_command_is_a_launch_that_was_denied() -> None:
    event = only(row_of("tool_call", action="BLOCK", effects=["execute rm", "delete /w/x"]))
    assert (event["class_uid"], event["activity_id"]) == (1007, 1)
    assert (event["action_id"], event["disposition_id"], event["severity_id"]) == (2, 2, 3)
    assert event["process"]["name"] == "rm"
    assert event["unmapped"]["effects"] == ["execute rm", "delete /w/x"]


@pytest.mark.parametrize(
    ("effects", "activity"),
    [
        (["read /a"], "Read"),
        (["read /a", "write /b"], "Update"),
        (["write /b", "delete /c"], "Delete"),
        (["connect h"], "Tool Call"),
        ([], "Tool Call"),
    ],
)
def test_a_call_is_named_for_the_strongest_of_its_effects(effects: list[str], activity: str) -> None:
    assert only(row_of("tool_call", effects=effects))["activity_name"] == activity


def test_a_result_names_the_tool_of_its_call() -> None:
    log = Log()
    start(log)
    call(log, 1)
    events = list(ocsf_events(log.rows, "0.1.0"))
    assert [event["api"]["operation"] for event in events if event["class_uid"] == 6003] == ["read_file", "read_file"]  # type: ignore[index, call-overload]


def test_a_technique_of_attack_in_a_tag_is_told() -> None:
    event = only(row_of("finding", tags=["mitre:T1059.004", "attack.t1552", "owasp:AT10591", "T1059.004"]))
    assert [attack["technique"]["uid"] for attack in event["attacks"]] == ["T1059.004", "T1552"]
    assert problems(event) == []


def test_tokens_of_a_cache_are_among_those_of_the_prompt() -> None:
    event = only(row_of("request", input_tokens=1, cache_read_tokens=2, cache_write_tokens=4, output_tokens=8))
    context = event["message_context"]
    assert (context["prompt_tokens"], context["completion_tokens"], context["total_tokens"]) == (7, 8, 15)


def test_there_is_one_event_for_each_row_in_order() -> None:
    events = list(ocsf_events(ROWS, "0.1.0"))
    assert [event["metadata"]["event_code"] for event in events] == [row["kind"] for row in ROWS]  # type: ignore[index, call-overload]
