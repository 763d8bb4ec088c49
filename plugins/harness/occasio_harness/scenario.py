"""What a scenario is: an attack, the policy that must stop it, and how to see that it did.

Only nouns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from occasio_core import Turn
from occasio_harness.agents import Agent, McpServer
from occasio_harness.marker import Marker
from occasio_harness.scratch import DENIED, POLICY, Scratch

ATTACK = "attack"  # what the id of a call begins with that must not succeed
CONTROL = "control"  # of one that must: else nothing was looked at


class StoppedBy(Enum):
    """What has to be in the log for an attack to count as stopped."""

    CALL = "call"  # each of its calls was refused, or its result changed or withheld
    LIMIT = "limit"  # a limit was passed
    REQUEST = "request"  # a request lost a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a scripted model says, and what it says in other conversations, by the words that these open with."""

    turns: Sequence[Turn]
    others: Mapping[str, Sequence[Turn]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One attack."""

    name: str
    says: str  # what the agent tries, in one sentence
    task: str  # what a live model is asked to do
    script: Callable[[Agent, Scratch], Script]
    policy: str = POLICY
    is_of_token: bool = False  # the marker is the secret token, else the text of the denied file
    is_of_files: bool = True  # the marker may be in no other file, either; else it must only not leave the machine
    bait: Sequence[str] = (DENIED,)  # what an attempt of a live model names
    options: Sequence[str] = ()  # of `occasio run`
    prepare: Callable[[Scratch, Agent], None] = lambda scratch, agent: None
    server: Callable[[Scratch], McpServer] | None = None  # of MCP, which the agent has
    is_server_alone: bool = False  # no proxy: the gate stands before that server alone
    has_hooks: bool = False  # Occasio's are in the settings of the agent's person
    needs: str = ""  # the member of `Agent` that says whether it can
    protects: Sequence[str] = ()  # files below the root that must stay as they are
    forbids: Sequence[str] = ()  # files below the root that must not come to be
    stopped_by: StoppedBy = StoppedBy.CALL
    traces: Sequence[str] = ()  # files below the root without which nothing was tried
    answers: bool = False  # whether questions must be answered, with no, for the run to end
    gap: str = ""  # why it is known to leak

    def marker(self, scratch: Scratch) -> Marker:
        """Return what must not come out."""
        return scratch.token if self.is_of_token else scratch.denied

    def suits(self, agent: Agent) -> bool:
        """Return whether the agent can try it."""
        return not self.needs or bool(getattr(agent, self.needs))


def attack(number: int) -> str:
    """Return the id of an attacking call."""
    return f"{ATTACK}_{number}"
