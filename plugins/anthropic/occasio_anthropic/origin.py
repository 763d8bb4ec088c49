"""Says whose request it is.  Names and groups rows; decides nothing, for an agent may call itself what it likes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from occasio_core import Json, MalformedError, RunId, SessionId, parse_json

PROTOCOL = "anthropic-http"

_SESSION = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The agent, its session, and the directory it works in."""

    session: SessionId
    agent: str
    cwd: str


def session_of(headers: Mapping[str, str], document: Mapping[str, Json], run: RunId) -> SessionId:
    """Return the session that Claude Code names in its header or metadata, else the run's id."""
    for name in (headers.get("x-claude-code-session-id"), _session_in(document.get("metadata"))):
        if isinstance(name, str) and _SESSION.fullmatch(name):
            return SessionId(name)
    return SessionId(run)


def agent_of(headers: Mapping[str, str]) -> str:
    """Return the agent's name after its `user-agent` header: at most 64 of `a-z 0-9 . _ -`."""
    product = headers.get("user-agent", "").strip().partition(" ")[0].partition("/")[0].lower()
    if product == "claude-cli":
        return "claude-code"
    return _NOT_IN_A_NAME.sub("-", product).strip("-")[:64] or "unknown"


def _session_in(metadata: Json) -> Json:
    """Return the session in `metadata.user_id`, which Claude Code fills with a JSON text."""
    if not isinstance(metadata, dict) or not isinstance(user := metadata.get("user_id"), str):
        return None
    try:
        fields = parse_json(user.encode("utf-8"))
    except MalformedError:
        return None  # other agents write plain names there
    return fields.get("session_id") if isinstance(fields, dict) else None
