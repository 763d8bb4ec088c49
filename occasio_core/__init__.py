"""Occasio's public API.  Plugins import from here and nowhere deeper.

Cheap to import: each name's file is imported when the name is first asked for.
"""

from importlib import import_module

TYPE_CHECKING = False  # what `typing` says, without the cost of importing it
if TYPE_CHECKING:
    from occasio_core.approvals.answering import ApprovalAnswer, Approvals
    from occasio_core.approvals.question import Ending
    from occasio_core.cli.output import printed
    from occasio_core.cli.selecting import Asked, open_with_progress, selection_options
    from occasio_core.descriptors import Handle, HoldError, hold
    from occasio_core.detection.finding import Detection, DetectorSettings, Finding, Observation, Severity
    from occasio_core.detection.protocols import Detector, NarrowWatch, Sink, Watch
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
    from occasio_core.files import whole_file, write_whole
    from occasio_core.folder_permit import Entries, FolderPermit
    from occasio_core.freeze import frozen
    from occasio_core.gatekeeper import Gatekeeper, open_gatekeeper
    from occasio_core.guess import effects_of_unknown
    from occasio_core.hooks.event import HOOK, HookAnswer, HookEvent, HookReply, Installation, Moment, Scope
    from occasio_core.hooks.guest import told_call, told_finding, told_result
    from occasio_core.hooks.reading import (
        call_of,
        object_of,
        result_of_event,
        session_of_event,
        text_of,
        with_notice,
        with_texts,
    )
    from occasio_core.hookspecs import hookimpl
    from occasio_core.interfaces import (
        Adapter,
        Exchange,
        FolderRule,
        FromUpstream,
        HookDialect,
        JoiningToolHandler,
        KeylessSigner,
        NarrowRule,
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
    from occasio_core.keyless import KeylessRequest, KeylessSignature
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
    from occasio_core.prices import Prices, micro_dollars, read_prices
    from occasio_core.reading import (
        Bucket,
        Counters,
        Entry,
        Health,
        Reader,
        RunSummary,
        Selection,
        milliseconds,
        open_reader,
        timestamp,
    )
    from occasio_core.remedies import remedy
    from occasio_core.run_state import is_alive
    from occasio_core.scripted.model import ScriptedModel
    from occasio_core.scripted.turn import Call, Turn
    from occasio_core.transports.proxy import is_from_this_machine
    from occasio_core.transports.upstream import Upstream, checked_base
    from occasio_core.trustfile import TrustFile, read_trust, trust_file, trust_identity, trust_key, trust_log
    from occasio_core.urls import effects_of_url
    from occasio_core.version import __version__
    from occasio_core.visible import printable
    from occasio_core.wires.answer import Answer, UnreadAnswer
    from occasio_core.wires.batch import Batch, Fetch, Texts
    from occasio_core.wires.body import Element, RequestBody, listed
    from occasio_core.wires.calls import CallReader, Held
    from occasio_core.wires.document import DocumentAnswer, Found, document_of
    from occasio_core.wires.events import event_body, event_bytes, rewritten
    from occasio_core.wires.exchange import AnswerTo, CallExchange
    from occasio_core.wires.lines import LinesAnswer
    from occasio_core.wires.memory import ANSWERED, REFUSED, Archive, CallMemory, Withdrawn, true_name
    from occasio_core.wires.offers import Offer
    from occasio_core.wires.order import InOrder, Slot
    from occasio_core.wires.origin import Origin, agent_of, session_of
    from occasio_core.wires.routes import ends_with, last_segment
    from occasio_core.wires.splice import JsonPath, spans, spliced, with_members, written
    from occasio_core.wires.sse import EventReader, StreamEvent
    from occasio_core.wires.texts import texts
    from occasio_core.wires.upload import Upload
    from occasio_core.wires.usage import Tally, tokens
    from occasio_verify import Json, MalformedError, Row, TrustedIdentity, canonical, coverage, parse_json


__all__ = [
    "ANSWERED", "HOOK", "REFUSED", "Action", "Adapter", "AgentProtocolError", "Answer", "AnswerTo", "ApprovalAnswer",
    "Approvals", "Archive", "Asked", "Batch", "Bucket", "Call", "CallExchange", "CallId", "CallMemory", "CallReader",
    "Case", "CommandEntry", "ComputerUse", "Counters", "Credential", "Decision", "Detection", "Detector",
    "DetectorSettings", "DocumentAnswer", "Earlier", "Effect", "EffectKind", "Element", "Ending", "Entries", "Entry",
    "EventReader", "Exchange", "Fetch", "Finding", "FolderPermit", "FolderRule", "Found", "FromUpstream", "Gatekeeper",
    "Handle", "Health", "Held", "HoldError", "HookAnswer", "HookDialect", "HookEvent", "HookReply", "HostEntry",
    "HttpRequest", "InOrder", "Installation", "JoiningToolHandler", "Json", "JsonPath", "KeylessRequest",
    "KeylessSignature", "KeylessSigner", "LedgerError", "Limits", "LinearPattern", "LinesAnswer", "MalformedError",
    "Moment", "NarrowRule", "NarrowWatch", "Observation", "OccasioError", "Offer", "Opinion", "Origin", "PathEntry",
    "PathLists",
    "Permit", "PluginError", "Policy", "PolicyError", "PolicyRule", "Prices", "ProtocolError", "Reader", "Reason",
    "RequestBody", "RequestDone", "RequestRefusedError", "Row", "RunId", "RunSummary", "RunningToolHandler", "Scope",
    "ScreenRegion", "ScriptedModel", "SealError", "Secret", "SecretScanner", "Selection", "SelectiveToolHandler",
    "SessionId", "Severity", "Signature", "Signer", "Sink", "Slot", "StreamEvent", "Tally", "TextPattern", "Texts",
    "ToolCall", "ToolHandler", "ToolPolicy", "ToolResult", "Transform", "TrustFile", "TrustedIdentity", "Turn",
    "UnreadAnswer", "Upload", "Upstream", "UpstreamProtocolError", "UsageError", "Watch", "Wire", "Withdrawn",
    "__version__", "agent_of", "call_of", "canonical", "checked_base", "coverage", "document_of", "effects_of_patch",
    "effects_of_unknown", "effects_of_url", "ends_with", "event_body", "event_bytes", "frozen", "hold", "hookimpl",
    "is_alive", "is_from_this_machine", "last_segment", "linear_pattern", "listed", "micro_dollars", "milliseconds",
    "object_of", "open_gatekeeper", "open_reader", "open_with_progress", "parse_json", "printable", "printed",
    "read_prices", "read_trust", "remedy", "result_of_event", "rewritten", "selection_options", "session_of",
    "session_of_event", "spans", "spliced", "text_of", "texts", "timestamp", "tokens", "told_call", "told_finding",
    "told_result", "true_name", "trust_file", "trust_identity", "trust_key", "trust_log", "whole_file", "with_members",
    "with_notice", "with_texts", "write_whole", "written",
]  # fmt: skip

_NAMES = {
    "occasio_core.detection.protocols": ("Detector", "NarrowWatch", "Sink", "Watch"),
    "occasio_core.detection.finding": ("Detection", "DetectorSettings", "Finding", "Observation", "Severity"),
    "occasio_core.approvals.answering": ("ApprovalAnswer", "Approvals"),
    "occasio_core.approvals.question": ("Ending",),
    "occasio_core.errors": (
        "AgentProtocolError", "LedgerError", "OccasioError", "PluginError", "PolicyError", "ProtocolError",
        "RequestRefusedError", "SealError", "UpstreamProtocolError", "UsageError",
    ),
    "occasio_core.files": ("whole_file", "write_whole"),
    "occasio_core.folder_permit": ("Entries", "FolderPermit"),
    "occasio_core.freeze": ("frozen",),
    "occasio_core.gatekeeper": ("Gatekeeper", "open_gatekeeper"),
    "occasio_core.guess": ("effects_of_unknown",),
    "occasio_core.hooks.event": ("HOOK", "HookAnswer", "HookEvent", "HookReply", "Installation", "Moment", "Scope"),
    "occasio_core.hooks.guest": ("told_call", "told_finding", "told_result"),
    "occasio_core.hooks.reading": (
        "call_of", "object_of", "result_of_event", "session_of_event", "text_of", "with_notice", "with_texts",
    ),
    "occasio_core.hookspecs": ("hookimpl",),
    "occasio_core.interfaces": (
        "Adapter", "Exchange", "FromUpstream", "HookDialect", "JoiningToolHandler",
        "KeylessSigner", "Permit", "PolicyRule", "RunningToolHandler", "SecretScanner", "SelectiveToolHandler",
        "Signer", "ToolHandler", "Transform", "Wire", "FolderRule", "NarrowRule",
    ),
    "occasio_core.keyless": ("KeylessRequest", "KeylessSignature"),
    "occasio_core.linear": ("LinearPattern", "linear_pattern"),
    "occasio_core.model": (
        "Action", "CallId", "Case", "CommandEntry", "ComputerUse", "Credential", "Decision", "Earlier", "Effect",
        "EffectKind", "HostEntry", "HttpRequest", "Limits", "Opinion", "PathEntry", "PathLists", "Policy", "Reason",
        "RequestDone", "RunId", "ScreenRegion", "Secret", "SessionId", "Signature", "TextPattern", "ToolCall",
        "ToolPolicy", "ToolResult",
    ),
    "occasio_core.patches": ("effects_of_patch",),
    "occasio_core.prices": ("Prices", "micro_dollars", "read_prices"),
    "occasio_core.remedies": ("remedy",),
    "occasio_core.run_state": ("is_alive",),
    "occasio_core.urls": ("effects_of_url",),
    "occasio_core.version": ("__version__",),
    "occasio_core.wires.answer": ("Answer", "UnreadAnswer"),
    "occasio_core.wires.batch": ("Batch", "Fetch", "Texts"),
    "occasio_core.wires.body": ("Element", "RequestBody", "listed"),
    "occasio_core.wires.calls": ("CallReader", "Held"),
    "occasio_core.wires.document": ("DocumentAnswer", "Found", "document_of"),
    "occasio_core.wires.events": ("event_body", "event_bytes", "rewritten"),
    "occasio_core.wires.exchange": ("AnswerTo", "CallExchange"),
    "occasio_core.wires.lines": ("LinesAnswer",),
    "occasio_core.wires.memory": ("ANSWERED", "REFUSED", "Archive", "CallMemory", "Withdrawn", "true_name"),
    "occasio_core.wires.offers": ("Offer",),
    "occasio_core.wires.order": ("InOrder", "Slot"),
    "occasio_core.wires.origin": ("Origin", "agent_of", "session_of"),
    "occasio_core.wires.routes": ("ends_with", "last_segment"),
    "occasio_core.wires.splice": ("JsonPath", "spans", "spliced", "with_members", "written"),
    "occasio_core.wires.sse": ("EventReader", "StreamEvent"),
    "occasio_core.wires.texts": ("texts",),
    "occasio_core.wires.upload": ("Upload",),
    "occasio_core.wires.usage": ("Tally", "tokens"),
    "occasio_verify": ("Json", "MalformedError", "Row", "TrustedIdentity", "canonical", "coverage", "parse_json"),
    "occasio_core.cli.output": ("printed",),
    "occasio_core.visible": ("printable",),
    "occasio_core.cli.selecting": ("Asked", "open_with_progress", "selection_options"),
    "occasio_core.reading": (
        "Bucket", "Counters", "Entry", "Health", "Reader", "RunSummary", "Selection", "milliseconds", "open_reader",
        "timestamp",
    ),
    "occasio_core.descriptors": ("Handle", "HoldError", "hold"),
    "occasio_core.scripted.model": ("ScriptedModel",),
    "occasio_core.scripted.turn": ("Call", "Turn"),
    "occasio_core.transports.proxy": ("is_from_this_machine",),
    "occasio_core.transports.upstream": ("Upstream", "checked_base"),
    "occasio_core.trustfile": ("TrustFile", "read_trust", "trust_file", "trust_identity", "trust_key", "trust_log"),
}  # fmt: skip
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

if not TYPE_CHECKING:  # else a checker would take any name for one of these

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
