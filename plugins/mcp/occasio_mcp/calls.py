"""From requests of MCP to calls that are judged, and from answers to what a model may read in them.

Knows the shapes of MCP.  It does not know who judges, nor what is passed on when.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from occasio_core import CallId, Json, MalformedError, SessionId, ToolCall, canonical, frozen, texts
from occasio_mcp.frames import REFUSED, Request, failed, ok

MCP = "mcp"  # what rows say in `protocol`, and in `enforcement_points`
VERSION_OF = "io.modelcontextprotocol/protocolVersion"  # in `_meta`, since 2026-07-28
CLIENT_OF = "io.modelcontextprotocol/clientInfo"
CAPABILITIES_OF = "io.modelcontextprotocol/clientCapabilities"

TOOLS_CALL = "tools/call"
RESOURCES_READ = "resources/read"
PROMPTS_GET = "prompts/get"
TASKS_RESULT = "tasks/result"
SAMPLING = "sampling/createMessage"
ELICITATION = "elicitation/create"
OF_SERVERS = {SAMPLING: "sampling", ELICITATION: "elicitation"}  # what servers ask of clients, and as which tool

_HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")  # as Claude Code writes the names of tools
_CALL_IDS = ("claudecode/toolUseId", "callId")  # Claude Code, Codex
_LONGEST_ID = 256
_AGENTS = {
    "codex-mcp-client": "codex",
    "gemini-cli-mcp-client": "gemini",
    "qwen-cli-mcp-client": "qwen",
}
_NOT_IN_LABELS = re.compile(r"[^a-z0-9._-]+")
_MEDIA = ("image/", "audio/", "video/")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{1024,}={0,2}\s*")  # a shorter one may as well be a key


def name_of(server: str, tool: str) -> str:
    """Return what rows and policies call a server's tool: the name that agents give it."""
    return f"mcp__{_NOT_IN_NAMES.sub('_', server)}__{_NOT_IN_NAMES.sub('_', tool)}"


def agent_of(client: Json) -> str:
    """Return the agent's name, as rows say it, from its `clientInfo`."""
    name = client.get("name") if isinstance(client, Mapping) else None
    label = _NOT_IN_LABELS.sub("-", name.lower()).strip("-._")[:64] if isinstance(name, str) else ""
    return _AGENTS.get(label, label) or MCP


def call_of(
    request: Request,
    *,
    server: str,
    session: SessionId,
    agent: str,
    cwd: str,
    annotations: Mapping[str, Json] = MappingProxyType({}),
    objection: str = "",
) -> ToolCall:
    """Return the call that a request of a client is; what has no one reading is its problem."""
    reads = request.method != TOOLS_CALL
    tool: Json
    given: Json
    match request.method:
        case "resources/read":
            tool, given = "resources_read", {"uri": request.params.get("uri")}
        case "prompts/get":
            tool, given = "prompts_get", {name: request.params.get(name) for name in ("name", "arguments")}
        case _:
            tool, given = request.params.get("name"), request.params.get("arguments", {})
    problem, digest = "", hashlib.sha256(request.data).hexdigest()
    if not isinstance(tool, str) or not tool:
        problem = "the call names no tool"
    elif not isinstance(given, dict):
        problem = "the input is no object"
    else:
        try:
            digest = hashlib.sha256(canonical(given)).hexdigest()
        except MalformedError as error:
            problem = f"the input has no canonical form ({error.code})"
    return ToolCall(
        session=session,
        call=call_id(request.params),
        agent=agent,
        protocol=MCP,
        tool=name_of(server, tool if isinstance(tool, str) else ""),
        input=frozen({}) if problem or not isinstance(given, dict) else frozen(given),
        input_digest=digest,
        cwd=cwd,
        problem=problem,
        annotations=frozen({"readOnlyHint": True}) if reads else frozen(hints(annotations)),
        objection=objection,
    )


def call_of_server(request: Request, *, server: str, session: SessionId, agent: str, cwd: str) -> ToolCall:
    """Return the call that a server's request of the client is judged as: what it says is scanned, as results are."""
    given: dict[str, Json] = {}
    return ToolCall(
        session=session,
        call=CallId(f"mcp-{uuid.uuid4()}"),
        agent=agent,
        protocol=MCP,
        tool=name_of(server, OF_SERVERS[request.method]),
        input=frozen(given),
        input_digest=hashlib.sha256(canonical(given)).hexdigest(),
        cwd=cwd,
        annotations=frozen({"readOnlyHint": True}),
    )


def call_id(params: Mapping[str, Json]) -> CallId:
    """Return the id that the agent's model has given the call, a new one where the agent does not tell it."""
    meta = params.get("_meta")
    if not isinstance(meta, Mapping):
        meta = {}
    for member in _CALL_IDS:
        if isinstance(told := meta.get(member), str) and 0 < len(told) <= _LONGEST_ID:
            return CallId(told)
    return CallId(f"mcp-{uuid.uuid4()}")


def hints(annotations: Json) -> dict[str, Json]:
    """Return those annotations of a tool that say what it does."""
    if not isinstance(annotations, Mapping):
        return {}
    return {hint: annotations[hint] for hint in _HINTS if isinstance(annotations.get(hint), bool)}


def places_of_texts(content: Json) -> Sequence[tuple[str | int, ...]]:
    """Return where in a result a model may read: every string but pictures, sounds and what is opaque to the client."""
    return [path for path, _ in texts(content, (), _is_no_text)]


def refused(request: Request, text: str) -> bytes:
    """Return a response that says why nothing was done; the model reads it."""
    if request.method != TOOLS_CALL:
        return failed(request.id, REFUSED, text)
    said: dict[str, Json] = {"content": [{"type": "text", "text": text}], "isError": True}
    meta = request.params.get("_meta")
    if isinstance(meta, Mapping) and VERSION_OF in meta:
        said["resultType"] = "complete"
    return ok(request.id, said)


def _is_no_text(value: Mapping[str, Json], name: str) -> bool:
    kind, data = value.get("mimeType"), value.get(name)
    if name in {"data", "blob"} and isinstance(kind, str) and kind.startswith(_MEDIA):
        return isinstance(data, str) and _BASE64.fullmatch(data) is not None
    return name == "requestState"
