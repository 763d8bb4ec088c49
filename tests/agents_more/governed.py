"""One governed session of an agent of this folder: an allowed, a refused and a redacted call, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from occasio_core.scripted.model import Request, ScriptedModel
from occasio_core.scripted.turn import DONE, Answer, Call, Turn
from occasio_verify import Row
from tests.agents_more.agents import KEY, PROMPT, MoreAgent
from tests.agents_more.installed import required
from tests.end_to_end.place import POLICY, Place
from tests.real_agents import Finished

SECRET = "AKIA" + "IOSFODNN7EXAMPLE"
LAST_WORDS = "that was all there is"


class ByCall(ScriptedModel):
    """Says the first turn whose calls are not yet in the history; agents differ in what else they put there."""

    def __init__(self, agent: MoreAgent) -> None:
        super().__init__(script(agent))
        self._refused = agent.refused.encode()

    def answer(self, request: Request) -> Answer:
        """What comes next in the conversation; whatever else an agent asks a model is told that it is done."""
        if PROMPT.encode() not in request.body or not request.json.get("tools"):
            return DONE
        turns = [turn for turn in self.turns if isinstance(turn, Turn)]
        return next((turn for turn in turns if not any(self._is_said(one, request) for one in turn.calls)), DONE)

    def _is_said(self, call: Call, request: Request) -> bool:
        is_told = call.id == "call_denied" and self._refused and self._refused in request.body
        return bool(is_told) or call.id.encode() in request.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Governed:
    """What is left of a session."""

    place: Place
    finished: Finished
    requests: Sequence[Request]  # as the model got them, those with tools
    rows: Sequence[Row]

    def rows_of(self, kind: str) -> list[Row]:
        """Return the rows of that kind, in order."""
        return [row for row in self.rows if row.kind == kind]


def script(agent: MoreAgent) -> list[Turn]:
    """Return what the model says, turn by turn."""
    ending = Turn(text=LAST_WORDS, calls=[agent.last("", "call_last")] if agent.last else [])
    return [
        Turn(text="I look.", calls=[agent.shell("cat notes.txt > seen.txt; cat notes.txt", "call_allowed")]),
        Turn(calls=[agent.shell("touch made.txt; cat private/plans.txt", "call_denied")]),
        Turn(calls=[agent.shell("cat token.txt", "call_secret")]),
        ending,
    ]


def governed(agent: MoreAgent, place: Place) -> Governed:
    """Run the session and return what is left of it."""
    place.programs.insert(0, required(agent.program).parent)
    agent.prepare(place)
    (place.occasio_home / "policy.yml").write_text(POLICY + "redact_secrets_in_tool_results: true\n", encoding="utf-8")
    (place.work / "token.txt").write_text(f"key = {SECRET}\n", encoding="utf-8")
    with ByCall(agent) as model:
        variable, path = agent.upstream
        more = {**agent.environment, variable: f"{model.url}{path}", agent.key: KEY}
        finished = place.occasio(*agent.command, **more)
        requests = [one for one in model.conversation if PROMPT.encode() in one.body]
    return Governed(place=place, finished=finished, requests=requests, rows=place.rows())
