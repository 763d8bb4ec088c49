"""aider has no tools: its edits are text, which is written down and paid for, and which nothing judges."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import Answer, Turn
from tests.agents_more.agents import KEY
from tests.agents_more.installed import Pip, required
from tests.end_to_end.place import Place, prepared
from tests.real_agents import Finished

pytestmark = pytest.mark.agents

EDIT = """notes.txt
```
<<<<<<< SEARCH
tea at four
=======
tea at five
>>>>>>> REPLACE
```
"""
COMMAND = (
    *("aider", "--model", "openai/gpt-4o", "--message", "tea is at five", "--yes-always", "--no-check-update"),
    *("--no-show-model-warnings", "--analytics-disable", "--no-git", "--edit-format", "diff", "notes.txt"),
)


class Editor(ScriptedModel):
    """Says the edit to every request: the history has turns of the model from the start, as examples."""

    def answer(self, request: Request) -> Answer:
        """The edit."""
        return Turn(text=EDIT)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return prepared(tmp_path, required(Pip("aider-chat", "aider")))


def governed(place: Place, model: ScriptedModel, *options: str) -> Finished:
    more = {"OPENAI_BASE_URL": f"{model.url}/v1", "OPENAI_API_KEY": KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    return place.occasio("run", *options, "--agent", "aider", "--", *COMMAND, **more)


def test_an_edit_is_a_request_in_the_log_and_no_call(place: Place) -> None:
    with Editor() as model:
        done = governed(place, model)
        assert [one.headers["authorization"] for one in model.requests] == [f"Bearer {KEY}"]
    assert done.returncode == 0, done.stdout + done.stderr
    assert (place.work / "notes.txt").read_text(encoding="utf-8") == "tea at five\n"
    (request,) = [row for row in place.rows() if row.kind == "request"]
    assert (request.fields["agent"], request.fields["protocol"]) == ("aider", "openai-chat")
    assert (request.fields["model"], request.fields["input_tokens"], request.fields["output_tokens"]) == (
        "gpt-4o",
        10,
        5,
    )
    assert [row for row in place.rows() if row.kind in ("tool_call", "tool_result")] == []


def test_a_request_over_the_budget_is_not_sent(place: Place) -> None:
    with Editor() as model:
        governed(place, model, "--budget", "0.000001")
        assert model.requests == []
    assert (place.work / "notes.txt").read_text(encoding="utf-8") == "tea at four\n"
    assert "limit_exceeded" in [row.kind for row in place.rows()]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", "OPENAI_API_BASE={url}/v1\nOPENAI_BASE_URL={url}/v1\n"),
        (".aider.conf.yml", "openai-api-base: {url}/v1\n"),
        (".aider.conf.yml", "set-env:\n  - OPENAI_API_BASE={url}/v1\n"),
    ],
)
def test_settings_of_a_project_do_not_lead_around_the_gate(place: Place, name: str, text: str) -> None:
    with Editor() as model, ScriptedModel(needs_tools=False) as other:
        (place.work / name).write_text(text.format(url=other.url), encoding="utf-8")
        governed(place, model)
        assert other.requests == []
        assert len(model.requests) == 1
