"""Occasio's public API.  Plugins import from here and nowhere deeper.

Cheap to import: each name's file is imported when the name is first asked for.
"""

from importlib import import_module

TYPE_CHECKING = False  # what `typing` says, without the cost of importing it
if TYPE_CHECKING:
    from occasio_core.descriptors import Handle, HoldError, hold
    from occasio_core.errors import (
        AgentProtocolError,
        LedgerError,
        OccasioError,
        PluginError,
        PolicyError,
        ProtocolError,
        RequestRefusedError,
        SealError,
        UpstreamProtocolError,
        UsageError,
    )
    from occasio_core.freeze import frozen
    from occasio_core.guess import effects_of_unknown
    from occasio_core.hookspecs import hookimpl
    from occasio_core.interfaces import (
        Adapter,
        Exchange,
        FromUpstream,
        JoiningToolHandler,
        Permit,
        PolicyRule,
        RunningToolHandler,
        SecretScanner,
        SelectiveToolHandler,
        Signer,
        ToolHandler,
        Transform,
        Wire,
    )
    from occasio_core.linear import LinearPattern, linear_pattern
    from occasio_core.model import (
        Action,
        CallId,
        Case,
        CommandEntry,
        ComputerUse,
        Credential,
        Decision,
        Earlier,
        Effect,
        EffectKind,
        HostEntry,
        HttpRequest,
        Limits,
        Opinion,
        PathEntry,
        PathLists,
        Policy,
        Reason,
        RequestDone,
        RunId,
        ScreenRegion,
        Secret,
        SessionId,
        Signature,
        TextPattern,
        ToolCall,
        ToolPolicy,
        ToolResult,
    )
    from occasio_core.patches import effects_of_patch
    from occasio_core.trustfile import TrustFile, read_trust, trust_file, trust_key, trust_log
    from occasio_core.urls import effects_of_url
    from occasio_core.wires.answer import Answer, UnreadAnswer
    from occasio_core.wires.body import Element, RequestBody, listed
    from occasio_core.wires.calls import CallReader, Held
    from occasio_core.wires.document import DocumentAnswer, Found, document_of
    from occasio_core.wires.events import event_body, event_bytes, rewritten
    from occasio_core.wires.exchange import AnswerTo, CallExchange
    from occasio_core.wires.memory import ANSWERED, REFUSED, CallMemory, Withdrawn, true_name
    from occasio_core.wires.order import InOrder, Slot
    from occasio_core.wires.origin import Origin, agent_of, session_of
    from occasio_core.wires.routes import ends_with
    from occasio_core.wires.splice import JsonPath, spans, spliced, with_members, written
    from occasio_core.wires.sse import EventReader, StreamEvent
    from occasio_core.wires.usage import Tally, tokens
    from occasio_verify import Json, MalformedError, canonical, parse_json


__all__ = [
    "ANSWERED",
    "REFUSED",
    "Action",
    "Adapter",
    "AgentProtocolError",
    "Answer",
    "AnswerTo",
    "CallExchange",
    "CallId",
    "CallMemory",
    "CallReader",
    "Case",
    "CommandEntry",
    "ComputerUse",
    "Credential",
    "Decision",
    "DocumentAnswer",
    "Earlier",
    "Effect",
    "EffectKind",
    "Element",
    "EventReader",
    "Exchange",
    "Found",
    "FromUpstream",
    "Handle",
    "Held",
    "HoldError",
    "HostEntry",
    "HttpRequest",
    "InOrder",
    "JoiningToolHandler",
    "Json",
    "JsonPath",
    "LedgerError",
    "Limits",
    "LinearPattern",
    "MalformedError",
    "OccasioError",
    "Opinion",
    "Origin",
    "PathEntry",
    "PathLists",
    "Permit",
    "PluginError",
    "Policy",
    "PolicyError",
    "PolicyRule",
    "ProtocolError",
    "Reason",
    "RequestBody",
    "RequestDone",
    "RequestRefusedError",
    "RunId",
    "RunningToolHandler",
    "ScreenRegion",
    "SealError",
    "Secret",
    "SecretScanner",
    "SelectiveToolHandler",
    "SessionId",
    "Signature",
    "Signer",
    "Slot",
    "StreamEvent",
    "Tally",
    "TextPattern",
    "ToolCall",
    "ToolHandler",
    "ToolPolicy",
    "ToolResult",
    "Transform",
    "TrustFile",
    "UnreadAnswer",
    "UpstreamProtocolError",
    "UsageError",
    "Wire",
    "Withdrawn",
    "agent_of",
    "canonical",
    "document_of",
    "effects_of_patch",
    "effects_of_unknown",
    "effects_of_url",
    "ends_with",
    "event_body",
    "event_bytes",
    "frozen",
    "hold",
    "hookimpl",
    "linear_pattern",
    "listed",
    "parse_json",
    "read_trust",
    "rewritten",
    "session_of",
    "spans",
    "spliced",
    "tokens",
    "true_name",
    "trust_file",
    "trust_key",
    "trust_log",
    "with_members",
    "written",
]

_NAMES = {
    "occasio_core.errors": (
        "AgentProtocolError",
        "LedgerError",
        "OccasioError",
        "PluginError",
        "PolicyError",
        "ProtocolError",
        "RequestRefusedError",
        "SealError",
        "UpstreamProtocolError",
        "UsageError",
    ),
    "occasio_core.freeze": ("frozen",),
    "occasio_core.guess": ("effects_of_unknown",),
    "occasio_core.hookspecs": ("hookimpl",),
    "occasio_core.interfaces": (
        "Adapter",
        "Exchange",
        "FromUpstream",
        "JoiningToolHandler",
        "Permit",
        "PolicyRule",
        "RunningToolHandler",
        "SecretScanner",
        "SelectiveToolHandler",
        "Signer",
        "ToolHandler",
        "Transform",
        "Wire",
    ),
    "occasio_core.linear": (
        "LinearPattern",
        "linear_pattern",
    ),
    "occasio_core.model": (
        "Action",
        "CallId",
        "Case",
        "CommandEntry",
        "ComputerUse",
        "Credential",
        "Decision",
        "Earlier",
        "Effect",
        "EffectKind",
        "HostEntry",
        "HttpRequest",
        "Limits",
        "Opinion",
        "PathEntry",
        "PathLists",
        "Policy",
        "Reason",
        "RequestDone",
        "RunId",
        "ScreenRegion",
        "Secret",
        "SessionId",
        "Signature",
        "TextPattern",
        "ToolCall",
        "ToolPolicy",
        "ToolResult",
    ),
    "occasio_core.patches": ("effects_of_patch",),
    "occasio_core.urls": ("effects_of_url",),
    "occasio_core.wires.answer": (
        "Answer",
        "UnreadAnswer",
    ),
    "occasio_core.wires.body": (
        "Element",
        "RequestBody",
        "listed",
    ),
    "occasio_core.wires.calls": (
        "CallReader",
        "Held",
    ),
    "occasio_core.wires.document": (
        "DocumentAnswer",
        "Found",
        "document_of",
    ),
    "occasio_core.wires.events": (
        "event_body",
        "event_bytes",
        "rewritten",
    ),
    "occasio_core.wires.exchange": (
        "AnswerTo",
        "CallExchange",
    ),
    "occasio_core.wires.memory": (
        "ANSWERED",
        "REFUSED",
        "CallMemory",
        "Withdrawn",
        "true_name",
    ),
    "occasio_core.wires.order": (
        "InOrder",
        "Slot",
    ),
    "occasio_core.wires.origin": (
        "Origin",
        "agent_of",
        "session_of",
    ),
    "occasio_core.wires.routes": ("ends_with",),
    "occasio_core.wires.splice": (
        "JsonPath",
        "spans",
        "spliced",
        "with_members",
        "written",
    ),
    "occasio_core.wires.sse": (
        "EventReader",
        "StreamEvent",
    ),
    "occasio_core.wires.usage": (
        "Tally",
        "tokens",
    ),
    "occasio_verify": (
        "Json",
        "MalformedError",
        "canonical",
        "parse_json",
    ),
    "occasio_core.descriptors": (
        "Handle",
        "HoldError",
        "hold",
    ),
    "occasio_core.trustfile": (
        "TrustFile",
        "read_trust",
        "trust_file",
        "trust_key",
        "trust_log",
    ),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

if not TYPE_CHECKING:  # else a checker would take any name for one of these

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
