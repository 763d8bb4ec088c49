"""What a session is told, and what it answers: events in, commands out.

Only nouns.  Whoever drives a session carries out its commands in the order given and stops at the first that fails;
that is what makes "recorded before released" true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from occasio_core.approvals.question import Question, Verdict, Waiting
from occasio_core.interfaces import RunningToolHandler
from occasio_core.limits import Counts
from occasio_core.model import CallId, RequestDone, SessionId, ToolCall, ToolResult
from occasio_core.permit import CallPermit
from occasio_core.wires.offers import Offered
from occasio_verify import Json


@dataclass(slots=True)
class Round:
    """One request and its answer, as far as the session counts it: `reserved` are micro-dollars set aside for it.

    Secrets are those of what the request tells besides results.
    """

    counts: Counts = field(default_factory=Counts)
    reserved: int = 0
    secret_labels: tuple[str, ...] = ()
    secrets_redacted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A call was carried out here instead of by the agent; the model has not seen `text` yet."""

    call: ToolCall
    text: str = field(repr=False)
    is_error: bool
    left_out: int = 0  # files and folders that the policy kept out of it


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAsked:
    """A request of `size` bytes is about to go to the model's provider; it may answer with `output_limit` tokens."""

    session: SessionId
    agent: str
    protocol: str
    model: str | None
    size: int
    output_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompted:
    """A person's words are about to go to the model; `name` is what the agent calls the event."""

    session: SessionId
    agent: str
    protocol: str
    name: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A request is about to tell the model this besides results and its own words, in groups that it reads together.

    `is_whole` says that nothing in it can be changed: it goes as it is, or not at all.  `problem` is why it cannot be
    read.
    """

    session: SessionId
    agent: str
    protocol: str
    groups: Sequence[tuple[str, ...]] = field(repr=False)
    is_whole: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The model is about to get this result, which nobody can change any more, only hold back if `can_be_held`.

    `is_new` says that the result was not recorded yet.
    """

    result: ToolResult
    is_new: bool
    can_be_held: bool = True


@dataclass(frozen=True, slots=True)
class Again:
    """A call that another door has let through comes by one that may know more of it; it was counted there.

    `is_approved` says that a person has let it through.
    """

    call: ToolCall
    is_approved: bool


@dataclass(frozen=True, slots=True)
class Relayed:
    """A result comes by, on its way to another door, which counts its bytes."""

    result: ToolResult


@dataclass(frozen=True, slots=True)
class Asked:
    """A question has an id, and nobody has seen it yet."""

    waiting: Waiting


@dataclass(frozen=True, slots=True)
class Answered:
    """A question has ended."""

    waiting: Waiting
    verdict: Verdict


Event: TypeAlias = (
    ToolCall
    | Again
    | Ran
    | ToolResult
    | Relayed
    | Told
    | Offered
    | Shown
    | Prompted
    | RequestAsked
    | RequestDone
    | Asked
    | Answered
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Append a row, durably.  `members` are those of the row's kind (SPEC section 5).

    `raw` are the texts of a result before it was shortened, without secrets, where the policy wants them kept beside.
    """

    kind: str
    agent: str
    protocol: str
    session: str
    members: Mapping[str, Json]
    raw: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Release:
    """Let what is held for the call go on, byte for byte."""

    call: CallId


@dataclass(frozen=True, slots=True)
class Refuse:
    """Give the agent the call in a form that it cannot run; `text` is what the model will be told."""

    call: CallId
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """Carry the call out here, and bring back a `Ran`."""

    call: ToolCall
    runner: RunningToolHandler
    permit: CallPermit


@dataclass(frozen=True, slots=True)
class Answer:
    """As `Refuse`, for a call that was carried out here: `text` is its result."""

    call: CallId
    text: str = field(repr=False)
    is_error: bool


@dataclass(frozen=True, slots=True)
class Return:
    """Put `texts` in the place of a result's texts, one for one."""

    call: CallId
    texts: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Withhold:
    """Put `notice` in the place of a whole result."""

    call: CallId
    notice: str


@dataclass(frozen=True, slots=True)
class Retell:
    """Put `texts` in the place of those of that group, one for one."""

    number: int
    texts: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Leave what is offered by that name out of the request."""

    call: CallId


@dataclass(frozen=True, slots=True)
class RefuseRequest:
    """Send nothing to the provider; `text` is what the agent is told."""

    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Give the question an id and a time to live, and bring back an `Asked`."""

    question: Question


@dataclass(frozen=True, slots=True)
class Await:
    """Show the question, keep the call held and the agent patient, and bring back an `Answered`."""

    waiting: Waiting


Command: TypeAlias = (
    Record | Release | Refuse | Run | Answer | Return | Withhold | Retell | TakeOut | RefuseRequest | Ask | Await
)
