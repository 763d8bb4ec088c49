"""What an agent tells a hook, and what a hook may answer: the nouns between the agents' dialects and the gate.

Only nouns.  How an agent writes them is its dialect's to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from occasio_core.model import SessionId, ToolCall, ToolResult
from occasio_verify import Json

HOOK = "hook"  # what rows say in `protocol`


class Moment(StrEnum):
    """What is about to happen, or has happened, when an agent asks."""

    CALL = "call"  # a tool is about to run
    RESULT = "result"  # a tool has run, and its result can be changed
    SEEN = "seen"  # a tool has run, and nothing can be done about its result any more
    BATCH = "batch"  # results are about to go to the model, and can only be held back
    PROMPT = "prompt"  # a person's words are about to go to the model
    SETTINGS = "settings"  # a file of settings was edited
    END = "end"  # the session ends
    FINDING = "finding"  # something was noticed that people should know of
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookEvent:
    """One question of an agent.  `name` is the agent's own name of the event, `payload` all that it said.

    `call` stands in a CALL, `results` in a RESULT or SEEN (one) and a BATCH, `prompt` in a PROMPT, `file` in SETTINGS,
    `finding` (the members of such a row) in a FINDING.  `about` is the call that any other event is about.  `protocol`
    is the door that the event comes by, as rows say it.
    """

    agent: str
    name: str
    moment: Moment
    session: SessionId
    cwd: str
    call: ToolCall | None = None
    results: tuple[ToolResult, ...] = ()
    prompt: str = field(default="", repr=False)
    file: str = ""
    about: str = ""
    source: str = ""
    subagent: str = ""
    protocol: str = HOOK
    finding: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    payload: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HookAnswer:
    """What becomes of it.  Nothing said: the agent goes on as it would without us.

    `refuses` stops what is about to happen, and `text` is why.  `texts` take the place of a result's texts one for one,
    `notice` that of the whole result.  `given` is what came of a call that was carried out here, `failed` if it went
    wrong; `refuses` is true then as well, as nobody else may carry it out.
    """

    refuses: bool = False
    text: str = field(default="", repr=False)
    texts: tuple[str, ...] | None = field(default=None, repr=False)
    notice: str | None = None
    given: str | None = field(default=None, repr=False)
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HookReply:
    """An answer as the agent reads it: what the hook's program prints, and its exit code."""

    exit_code: int = 0
    stdout: bytes = field(default=b"", repr=False)
    stderr: bytes = field(default=b"", repr=False)


class Scope(StrEnum):
    """Whose settings a hook is installed in."""

    USER = "user"
    PROJECT = "project"
    MANAGED = "managed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """How an agent is told of its hooks: in one JSON file for each scope, or one program for each event.

    `paths` begin with `~`, `.` (the project) or `/`; `moved_by` is a variable that names another directory for the
    first part of the user's.  `events` has for each event how many seconds its program waits for an answer.  `entry`
    makes the item of `hooks.EVENT` from an event, those seconds and a command line; `base` is what a new file begins
    with.  `scripts` has the ending of the programs' names for each scope, and is empty for an agent with a file.

    `post` makes the item by which the agent posts an event to a URL instead, and refuses where that fails; None for an
    event that it cannot post.  `program` can do so from the version `posts_since` on, and is empty where none can.
    """

    paths: Mapping[Scope, str]
    events: Mapping[str, int]
    entry: Callable[[str, int, str], Json] = lambda event, wait, command: None
    base: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    scripts: Mapping[Scope, str] = field(default_factory=lambda: MappingProxyType({}))
    moved_by: str = ""
    post: Callable[[str, int, str], Json] = lambda event, wait, url: None
    program: str = ""
    posts_since: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()  # what the person has to know, or to do beside it
