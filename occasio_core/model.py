"""The nouns: everything that flows through Occasio, immutable and free of I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from occasio_core.detection.finding import Detection
from occasio_core.linear import LinearPattern
from occasio_verify import Json

RunId = NewType("RunId", str)
SessionId = NewType("SessionId", str)
CallId = NewType("CallId", str)


class Action(StrEnum):
    """What may happen to a call.  Later members are stricter than earlier ones (SPEC section 5.4)."""

    PASS = "PASS"  # noqa: S105
    LOCAL = "LOCAL"
    TRANSFORM = "TRANSFORM"
    ASK = "ASK"
    BLOCK = "BLOCK"

    @property
    def strictness(self) -> int:
        """Return the position in PASS < LOCAL < TRANSFORM < ASK < BLOCK."""
        return list(Action).index(self)


class EffectKind(StrEnum):
    """What a call does to the world outside the agent."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    EXECUTE = "execute"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing a call would touch: a path, a command or a host.

    `target` is what the call said.  `names` is every name of the same thing that rules compare:
    the absolute path as written and the path it resolves to.  The engine fills `names` in.

    What no single path can say: a `wild` target is a pattern, with `*` and `?` for text within one part of the path
    and `**` for any number of parts, and stands for whatever it fits; `found` are the absolute paths that it fits
    today, as far as the handler looked; of a single file they are its other names (hard links).  `unknown` says that
    `target` shows no more than where the call builds at run time what it will touch or run: it may be anything.
    `sifted` says that who carries the call out here leaves out of the answer whatever `target` fits and the policy
    denies.  `vague` says that the call names a folder alone, and `target` is whatever may come to be below it, as when
    an archive is unpacked: a list of denials holds for the folder, and not for all that it could hold.
    """

    kind: EffectKind
    target: str
    names: tuple[str, ...] = ()
    wild: bool = False
    found: tuple[str, ...] = ()
    unknown: bool = False
    line: str = field(default="", repr=False)
    sifted: bool = False
    vague: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """An agent asks to use a tool.  Nothing has happened yet.

    `input` is the tool's input, frozen recursively.  `input_digest` is the lower-case hex SHA-256 of its RFC 8785
    form.  An input that has none (not JSON, not an object, a number out of range) leaves `input` empty, says so in
    `problem`, and the digest is that of the bytes as received; such a call is always refused.

    `annotations` is what a server of MCP says of the tool (`readOnlyHint`, `destructiveHint`, `openWorldHint`), where
    the door hears of it; the proxy does not.

    `done_by_provider` says that the call was carried out on the provider's side before anybody heard of it: it can be
    written down, and not be held.  `only_here` says that nobody but Occasio can carry it out: where the policy leaves
    it to the agent, it is LOCAL.  `objection` is why its door refuses it, whatever the policy says: the tool is not any
    more what a person knows it as.
    """

    session: SessionId
    call: CallId
    agent: str
    protocol: str
    tool: str
    input: Mapping[str, Json] = field(repr=False)
    input_digest: str
    cwd: str
    problem: str = ""
    annotations: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    done_by_provider: bool = False
    only_here: bool = False
    objection: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """A tool has answered.  The model has not seen it yet.

    `texts` are the pieces of text in the result, in the order of the wire's own shape; what replaces them keeps
    their number and order.  `digest` is the lower-case hex SHA-256 of the RFC 8785 form of the content on the wire,
    `size` its bytes.  `input` is the call's, as the request's history has it; empty where it has none.  `rewritten`
    returns the RFC 8785 form of the content with other texts in the place of these, where the wire can tell.
    """

    session: SessionId
    call: CallId
    agent: str
    protocol: str
    tool: str
    texts: tuple[str, ...] = field(repr=False)
    digest: str
    size: int
    is_error: bool = False
    input: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    rewritten: Callable[[Sequence[str]], bytes] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDone:
    """The model's provider has answered one request.  Counts are tokens; `status` is the HTTP status."""

    session: SessionId
    agent: str
    protocol: str
    model: str | None
    status: int
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one rule says about one call.  `reason` is a stable code, `rule` the rule's text, `message` for people."""

    action: Action
    reason: str
    rule: str | None = None
    message: str = ""
    transform: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One opinion, and the name of the plugin's rule that holds it."""

    by: str
    opinion: Opinion


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What happens to a call, and every reason for it, strictest first.  There is always at least one."""

    action: Action
    reasons: tuple[Reason, ...]

    @property
    def first(self) -> Opinion:
        """Return the opinion that decided."""
        return self.reasons[0].opinion


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret stands in a text: `text[start:end]`.  It never carries the secret itself."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPolicy:
    """The `tools:` entry of one tool.  `max_output_tokens` clips its results; a token is four bytes here.

    `otherwise` is what becomes, in the place of LOCAL, of a call that no plugin can carry out.
    """

    action: Action
    otherwise: Action = Action.BLOCK
    transform: str | None = None
    message: str = ""
    reason: str = ""
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEntry:
    """One entry of a path list: as the person wrote it, and every absolute form that is compared."""

    text: str
    forms: tuple[str, ...]
    line: int = 0
    message: str = ""

    @property
    def is_exception(self) -> bool:
        """Return whether the entry takes something out of what the others name."""
        return self.text.startswith("!")


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLists:
    """What `read:` or `write:` says of paths, for that kind of access alone."""

    deny: tuple[PathEntry, ...] = ()
    allow: tuple[PathEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostEntry:
    """One entry of a host list: as the person wrote it, and what is compared.

    Either `name` (lower case, ASCII; it stands for itself and every host below it, empty for every host) or `network`
    (an address or a block in CIDR form).  `below` leaves the name itself out; `port` narrows it to one port.
    """

    text: str
    name: str = ""
    network: str = ""
    below: bool = False
    port: int | None = None
    line: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPattern:
    """One entry of `deny_patterns`: what it finds in a text is treated as a secret of that label."""

    label: str
    pattern: LinearPattern = field(repr=False)
    line: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry:
    """One entry of `deny_commands` or `identity_approval`: commands that fit are refused, or a person is asked."""

    label: str
    pattern: LinearPattern = field(repr=False)
    reason: str = ""
    target_class: str = ""
    line: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an agent may do; None is no limit.  A round is one answer of the model."""

    max_tool_calls_per_round: int | None = None
    max_bash_calls_per_round: int | None = None
    max_bytes_to_model_per_round: int | None = None
    max_tool_calls_per_run: int | None = None
    max_bash_calls_per_run: int | None = None
    max_bytes_to_model_per_run: int | None = None
    max_requests_per_run: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenRegion:
    """A part of the screen, in the pixels that the tool is told of; `right` and `bottom` belong to it no more."""

    label: str
    left: int
    top: int
    right: int
    bottom: int
    line: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputerUse:
    """What `computer_use:` says of agents that press keys and click."""

    deny_keyboard_patterns: tuple[TextPattern, ...] = ()
    deny_command_patterns: tuple[TextPattern, ...] = ()
    deny_screen_regions: tuple[ScreenRegion, ...] = ()
    allow_browser_hosts: tuple[HostEntry, ...] = ()
    max_clicks_per_minute: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy that was read without an error (SPEC section 5.2).  `sha256` is over the bytes that were parsed.

    `preset` and `hardened` are what the command line laid on top; they are no part of the bytes.
    """

    source: str
    path: str | None
    text: str = field(repr=False)
    sha256: str
    version: int = 1
    default_action: Action = Action.PASS
    deny_paths: tuple[PathEntry, ...] = ()
    allow_paths: tuple[PathEntry, ...] = ()
    protected_paths: tuple[PathEntry, ...] = ()
    read: PathLists = field(default_factory=PathLists)
    write: PathLists = field(default_factory=PathLists)
    deny_hosts: tuple[HostEntry, ...] = ()
    allow_hosts: tuple[HostEntry, ...] = ()
    deny_patterns: tuple[TextPattern, ...] = ()
    deny_commands: tuple[CommandEntry, ...] = ()
    identity_approval: tuple[CommandEntry, ...] = ()
    limits: Limits = field(default_factory=Limits)
    computer_use: ComputerUse = field(default_factory=ComputerUse)
    tools: Mapping[str, ToolPolicy] = field(default_factory=lambda: MappingProxyType({}))
    plugins: Mapping[str, Mapping[str, Json]] = field(default_factory=lambda: MappingProxyType({}))
    detectors: Detection = field(default_factory=Detection)
    sinks: Mapping[str, Mapping[str, Json]] = field(default_factory=lambda: MappingProxyType({}))
    block_secrets_in_tool_results: bool = True
    redact_secrets_in_tool_results: bool = False
    distill_tool_results: bool = False
    block_requests_over_budget: bool = True
    entropy_secret_detection: bool = False
    keep_shortened_results: bool = False
    checkpoint_every: int = 1000  # rows of the log
    preset: str | None = None
    hardened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A call of the same run that was let through.  `at` are seconds of a clock that never goes back."""

    call: ToolCall
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a rule may look at.  New fields may be added; none will be taken away.

    `effects` are those of `together`: the call with what only becomes clear from the ones before it, such as text that
    is typed key by key; for most tools the call itself.  `earlier` are those calls, the latest last, of tools that
    ask for them; `at` is the time of this one on the same clock.  `tool` is the canonical name, the agent's own where
    there is none.
    """

    call: ToolCall
    effects: tuple[Effect, ...]
    policy: Policy
    tool: str = ""
    earlier: tuple[Earlier, ...] = ()
    at: float = 0.0
    joined: ToolCall | None = None

    @property
    def together(self) -> ToolCall:
        """Return the call as it is judged."""
        return self.joined or self.call


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request of an agent, body decoded.  Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """How an agent's API key travels: the environment variable, the header, and what stands before the key in it."""

    variable: str
    header: str
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature over the exact bytes that were handed to a signer.  `public_key` is SubjectPublicKeyInfo, DER."""

    sig: bytes
    public_key: bytes
