"""The verbs: what a plugin's objects must be able to do.

Nothing here needs to be inherited from; an object with the right members will do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from occasio_core.hooks.event import HookAnswer, HookEvent, HookReply, Installation
from occasio_core.keyless import KeylessRequest, KeylessSignature
from occasio_core.model import (
    CallId,
    Case,
    Credential,
    Earlier,
    Effect,
    EffectKind,
    HttpRequest,
    Opinion,
    RequestDone,
    RunId,
    Secret,
    SessionId,
    Signature,
    ToolCall,
    ToolResult,
)
from occasio_core.wires.memory import Archive
from occasio_core.wires.offers import Offered
from occasio_verify import Json

FromUpstream: TypeAlias = "bytes | ToolCall | RequestDone"


class Exchange(Protocol):
    """One request of the agent and its answer, as bytes in and bytes out.

    Order of use: all of this for each of `parts`; `results`, `return_texts` for each that changed, `told`, `retell`
    likewise, `offered`, `take_out`, `outgoing`; then `begin`, `receive` for each piece, `finish`.  Each `ToolCall` that
    is handed out is held, and exactly one of `release`, `refuse` and `answer` is called for it before anything behind
    it is used.  An exchange does no I/O.
    """

    @property
    def session(self) -> SessionId:
        """The agent's own session."""

    @property
    def agent(self) -> str:
        """The agent's name, as rows say it."""

    @property
    def model(self) -> str | None:
        """The model that the request asks for."""

    @property
    def output_limit(self) -> int | None:
        """The most tokens that the answer may have; None for a request that no tokens come of."""

    @property
    def is_whole(self) -> bool:
        """Whether what the request tells goes as it is or not at all, as a file does."""

    @property
    def problem(self) -> str:
        """Why what the request tells cannot be read, empty if it can."""

    def parts(self) -> Sequence[Exchange]:
        """Return the requests that this one is made of, each judged as if it were sent alone; none for most."""

    def results(self) -> Sequence[ToolResult]:
        """Return the results of tools that the agent ran, in order; Occasio's own refusals and answers are left out."""

    def return_texts(self, call: CallId, texts: Sequence[str], /) -> None:
        """Put `texts` in the place of the result's texts, one for one."""

    def withhold(self, call: CallId, notice: str, /) -> None:
        """Put `notice` in the place of the whole result, whatever its shape."""

    def told(self) -> Sequence[tuple[str, ...]]:
        """Return what the request tells the model besides results and its own words: prompts, instructions, tools.

        Each tuple has the texts that the model reads together.
        """

    def retell(self, number: int, texts: Sequence[str], /) -> None:
        """Put `texts` in the place of those of that number, one for one."""

    def offered(self) -> Sequence[Offered]:
        """Return the tools that the request has the provider run on its own side."""

    def take_out(self, call: CallId, /) -> None:
        """Leave what is offered by that name out of the request."""

    def outgoing(self) -> bytes:
        """Return the request's body as it goes upstream, the true history restored."""

    def begin(self, status: int, content_type: str, /) -> None:
        """Say what kind of answer follows."""

    def receive(self, data: bytes, /) -> Sequence[FromUpstream]:
        """Take the next bytes of the answer; return, in order, bytes for the agent and the calls that are held.

        Raises `UpstreamProtocolError` when the answer breaks the protocol; what was held is not released.
        """

    def finish(self) -> Sequence[FromUpstream]:
        """Say that the answer has ended; return what was left, and last a `RequestDone`.

        Raises `UpstreamProtocolError` when the answer ended in the middle of a held call.
        """

    def patience(self) -> bytes:
        """Return bytes that mean nothing and keep the agent waiting while a call is held; empty if there are none."""

    def release(self, call: CallId, /) -> bytes:
        """Return what is held for `call`, byte for byte as it came."""

    def refuse(self, call: CallId, text: str, /) -> bytes:
        """Return `call` in a form that the agent cannot run, and remember `text` as its result."""

    def answer(self, call: CallId, text: str, is_error: bool, /) -> bytes:
        """As `refuse`, for a call that Occasio ran itself: `text` is its result."""


class Wire(Protocol):
    """One run's conversations with one provider: remembers which calls the agent never saw."""

    def exchange(self, request: HttpRequest, cwd: str, /) -> Exchange:
        """Open an exchange.  Raises `AgentProtocolError` if the body is not what the protocol says."""


@runtime_checkable
class Adapter(Protocol):
    """Speaks one provider's protocol."""

    @property
    def name(self) -> str:
        """Unique among the plugin's adapters."""

    @property
    def protocol(self) -> str:
        """What rows say in `protocol`."""

    @property
    def upstream(self) -> str:
        """The provider's own base URL."""

    @property
    def base_url_variable(self) -> str:
        """The environment variable by which agents find the provider; adapters of one provider share it."""

    @property
    def variables(self) -> Mapping[str, str]:
        """Variables for the agent, beside the base URL: so that it waits for what a person must answer."""

    @property
    def credentials(self) -> Sequence[Credential]:
        """How agents of this provider carry their key."""

    @property
    def refusal_status(self) -> int:
        """The HTTP status that agents of this provider show with its text, and after which they do not try again."""

    def claims(self, method: str, path: str, /) -> bool:
        """Return whether requests to `path` carry tool calls.  Everything else is passed through."""

    def error(self, status: int, text: str, /) -> bytes:
        """Return the body by which this provider would refuse a request."""

    def open(self, run: RunId, archive: Archive | None = None, /) -> Wire:
        """Return the wire of a new run; `archive` has what earlier runs kept from agents."""


@runtime_checkable
class ToolHandler(Protocol):
    """Knows what a family of tools does to the world."""

    @property
    def name(self) -> str:
        """Unique among the plugin's handlers."""

    @property
    def tools(self) -> Mapping[str, str]:
        """The agents' names of the tools it answers for, each with the canonical name that rows use."""

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        """Return everything `call` would touch, without touching it.  A handler that raises blocks the call."""

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        """Return what rows say of the input: never contents, never secrets, no fractions."""


@runtime_checkable
class RunningToolHandler(ToolHandler, Protocol):
    """A tool handler that also carries the tool out, instead of the agent."""

    def run(self, call: ToolCall, permit: Permit, /) -> tuple[str, bool]:
        """Do what `call` asks; return the result's text and whether it is an error.

        Called only after the decision was recorded.  `permit` must be asked again about each file that is opened, with
        what the open descriptor turned out to be.
        """


@runtime_checkable
class SelectiveToolHandler(RunningToolHandler, Protocol):
    """A tool handler that can carry out some calls of its tools, and not others."""

    def can_run(self, call: ToolCall, /) -> bool:
        """Return whether `run` can carry out exactly this call.  One that raises cannot.

        Where it cannot, LOCAL is what the policy's entry says by `otherwise`: by default a refusal.  TRANSFORM leaves
        all calls of such tools to the agent.
        """


@runtime_checkable
class JoiningToolHandler(ToolHandler, Protocol):
    """A tool handler whose calls say what they do only together, such as keys that are pressed one by one."""

    def joined(self, call: ToolCall, earlier: Sequence[Earlier], /) -> ToolCall:
        """Return `call` as it must be judged after the calls of this handler that were let through, the latest last.

        Only its input may differ.  A handler that raises blocks the call.
        """


Permit: TypeAlias = Callable[[Effect], bool]


@runtime_checkable
class PolicyRule(Protocol):
    """Has opinions on calls."""

    @property
    def name(self) -> str:
        """Unique among the plugin's rules."""

    def judge(self, case: Case, /) -> Opinion | None:
        """Return an opinion, or None to leave the case to the other rules.

        Must not do I/O.  A rule that raises blocks the call.
        """


@runtime_checkable
class NarrowRule(PolicyRule, Protocol):
    """A rule whose opinion does not depend on effects of other kinds than those that it names.

    What is opened in the course of a call that runs here changes nothing for it: it is not asked about each file.
    """

    @property
    def looks_at(self) -> frozenset[EffectKind]:
        """The kinds of effects that it looks at; none for a rule that looks at the call alone."""


@runtime_checkable
class FolderRule(PolicyRule, Protocol):
    """A rule that judges the reading of a file by nothing but its names, and can do so for a whole folder."""

    def within(self, case: Case, folders: Sequence[str], /) -> Callable[[str], bool]:
        """Return what tells by the name of an entry whether `judge` would let `case` read it, had it no other effects.

        `folders` are the names of the folder, in the order of `Effect.names`; the entry goes by its own name in each.
        What raises, or tells anything but True, refuses.
        """


@runtime_checkable
class SecretScanner(Protocol):
    """Finds secrets in text."""

    @property
    def name(self) -> str:
        """Unique among the plugin's scanners."""

    def scan(self, text: str, /) -> Iterable[Secret]:
        """Yield every secret in `text`.  A scanner that raises withholds the text."""


@runtime_checkable
class Transform(Protocol):
    """Shapes results before the model sees them."""

    @property
    def name(self) -> str:
        """What the policy calls it: unique among all plugins."""

    def apply(self, result: ToolResult, tool: str, /) -> Sequence[str]:
        """Return what takes the place of `result.texts`, one for one; secrets are out of them already.

        `tool` is the canonical name, the agent's own where there is none.  The same result always gives the same texts:
        agents send the whole history with each request, and providers cache it.  A transform that raises withholds
        the result.
        """


@runtime_checkable
class Signer(Protocol):
    """Signs bytes with one key."""

    @property
    def name(self) -> str:
        """Unique among the plugin's signers."""

    def sign(self, data: bytes, /) -> Signature:
        """Return a signature over exactly `data`; the key is made on first use."""


@runtime_checkable
class KeylessSigner(Protocol):
    """Signs Statements as somebody, by an identity that others vouch for; it has no key that is kept."""

    @property
    def name(self) -> str:
        """Unique among the plugin's keyless signers."""

    def sign_statement(self, statement: bytes, request: KeylessRequest, /) -> KeylessSignature:
        """Return a Sigstore bundle over exactly `statement`.

        Raises `OccasioError` if it cannot be made, whatever the reason; there is no half of a signature.
        """


@runtime_checkable
class HookDialect(Protocol):
    """Speaks with one agent's hooks: reads what it tells them, and writes nothing but what it accepts."""

    @property
    def name(self) -> str:
        """The agent, as rows say it."""

    @property
    def installation(self) -> Installation:
        """Where and how the agent is told of its hooks."""

    def event(self, payload: Mapping[str, Json], /) -> HookEvent:
        """Return what the agent says.  Raises `AgentProtocolError` for what it cannot say."""

    def reply(self, event: HookEvent, answer: HookAnswer, /) -> HookReply:
        """Return the answer as the agent reads it; one that it cannot carry out becomes the safest that it can."""

    def refusal(self, text: str, /) -> HookReply:
        """Return the answer to an event that nobody could understand: a refusal, wherever the agent takes one."""
