"""What a request tells the model besides results goes without its secrets, and each is counted once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from occasio_core.commands import Command, Record, RefuseRequest, RequestAsked, Retell, Round, Told
from occasio_core.model import RequestDone, Secret, SessionId
from tests.occasio_core.gates import POLICY, SECRET, session

HIDDEN = "[REDACTED:word]"


def told(*groups: tuple[str, ...]) -> Told:
    return Told(session=SessionId("s"), agent="a", protocol="p", groups=groups)


def row_of(commands: Iterable[Command]) -> dict[str, object]:
    (record,) = commands
    assert isinstance(record, Record)
    return dict(record.members)


DONE = RequestDone(session=SessionId("s"), agent="a", protocol="p", model="m", status=200)


def test_only_what_changes_is_told_anew() -> None:
    assert session().receive(told(("a",), ("b", SECRET), ("c",))) == [Retell(1, ("b", HIDDEN))]


def test_nothing_has_to_be_done_about_what_has_no_secret() -> None:
    gated, here = session(), Round()
    assert gated.receive(told(("a",)), here) == []
    assert "secret_labels" not in row_of(gated.receive(DONE, here))


def test_it_is_told_anew_in_every_request_and_counted_in_the_first() -> None:
    gated = session()
    rows = []
    for _ in range(2):
        here = Round()
        assert gated.receive(told((SECRET,)), here) == [Retell(0, (HIDDEN,))]
        rows.append(row_of(gated.receive(DONE, here)))
    assert [(row.get("secret_labels"), row.get("secrets_redacted")) for row in rows] == [(["word"], 1), (None, None)]


def test_texts_in_other_places_are_not_the_same_texts() -> None:
    gated = session()
    assert gated.receive(told(("a", "b"))) == gated.receive(told(("ab",))) == []
    assert gated.receive(told((SECRET, ""))) == [Retell(0, (HIDDEN, ""))]
    assert gated.receive(told(("", SECRET))) == [Retell(0, ("", HIDDEN))]


@pytest.mark.parametrize("before", [True, False])
def test_another_policy_decides_anew(before: bool) -> None:
    gated = session(replace(POLICY, block_secrets_in_tool_results=before))
    gated.receive(told((SECRET,)))
    gated.policy = replace(POLICY, block_secrets_in_tool_results=not before)
    assert gated.receive(told((SECRET,))) == ([] if before else [Retell(0, (HIDDEN,))])


def test_a_request_that_cannot_be_scanned_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: object, text: str, /) -> Iterable[Secret]:
        raise RuntimeError(text)

    monkeypatch.setattr("tests.occasio_core.gates.FindsSecret.scan", fails)
    (refused,) = session().receive(told(("tea at four",)))
    assert isinstance(refused, RefuseRequest)
    assert "scanned" in refused.text
    assert "tea" not in refused.text


def test_a_policy_that_keeps_no_secrets_from_the_model_lets_them_go_and_says_which() -> None:
    gated, here = session(replace(POLICY, block_secrets_in_tool_results=False)), Round()
    assert gated.receive(told((SECRET,)), here) == []
    row = row_of(gated.receive(DONE, here))
    assert (row["secret_labels"], "secrets_redacted" in row) == (["word"], False)


def test_what_was_found_does_not_keep_the_request_from_being_paid() -> None:
    gated, here = session(budget=10_000_000), Round()
    gated.receive(told((SECRET,)), here)
    asked = RequestAsked(session=SessionId("s"), agent="a", protocol="p", model="m", size=10, output_limit=1)
    assert gated.receive(asked, here) == []
