"""A conversation that goes on in another run, and behind a compaction, is told to the model as it truly was."""

from __future__ import annotations

import json

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Call, Document, Turn
from tests.end_to_end.place import DENIED_WORDS, RULE, Place
from tests.real_agents import headless

pytestmark = pytest.mark.agents

CALL = "toolu_01A09q90qw90lq917835lq9"


def calls_in(request: Request) -> list[Document]:
    contents = [message["content"] for message in request.messages if isinstance(message["content"], list)]
    return [block for content in contents for block in content if block["type"] == "tool_use"]


def apart_from_caching(block: Document) -> Document:
    """Return the block without the mark that wanders to the last block of each request."""
    return {name: value for name, value in block.items() if name != "cache_control"}


def run(place: Place, model: ScriptedModel, prompt: str, *arguments: str) -> None:
    done = place.occasio("run", "--upstream", model.url, "--", *headless("claude", prompt, *arguments))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_run_that_goes_on_with_an_old_conversation_tells_its_true_history(place: Place) -> None:
    denied = Call("Read", {"file_path": f"{place.work}/private/plans.txt"}, id=CALL)
    with ScriptedModel([Turn(thinking="plans?", calls=[denied]), Turn(text="so be it"), Turn(text="again")]) as model:
        run(place, model, "read the plans")
        last = model.conversation[-1]
        run(place, model, "and now?", "--continue")
    continued = model.conversation[-1]
    (call,) = calls_in(continued)
    assert (call["name"], call["input"]) == ("Read", denied.input)
    result = continued.results[CALL]
    assert RULE in json.dumps(result)
    assert apart_from_caching(result) == apart_from_caching(last.results[CALL])
    assert len({row.run_id for row in place.rows()}) == 2
    assert b"occasio_refused__" not in b"".join(request.body for request in model.conversation)


def test_a_conversation_that_was_compacted_goes_on_and_the_summary_was_made_of_the_truth(place: Place) -> None:
    denied = Call("Read", {"file_path": f"{place.work}/private/plans.txt"}, id=CALL)
    with ScriptedModel([Turn(calls=[denied]), *[Turn(text="we tried")] * 2]) as model:
        run(place, model, "read the plans")
        run(place, model, "/compact", "--continue")
    summarised = model.requests[-1]
    assert RULE in json.dumps(summarised.results[CALL])
    assert [call["name"] for call in calls_in(summarised)] == ["Read"]

    with ScriptedModel([Turn(calls=[Call(denied.name, denied.input)])] * 5) as model:
        run(place, model, "once more", "--continue")
    first, *_, last = model.conversation
    assert calls_in(first) == []
    assert b"we tried" in first.body
    assert all(RULE in json.dumps(result) for result in last.results.values())
    assert len(last.results) >= 1
    assert not any(word.encode() in request.body for request in model.requests for word in DENIED_WORDS)
