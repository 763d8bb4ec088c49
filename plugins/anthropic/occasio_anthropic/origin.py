"""Where Claude Code says which session a request belongs to, and by which name it goes."""

from __future__ import annotations

from collections.abc import Mapping

from occasio_core import Json, MalformedError, Origin, RunId, agent_of, parse_json, session_of

PROTOCOL = "anthropic-http"

_KNOWN = {"claude-cli": "claude-code"}


def origin_of(headers: Mapping[str, str], document: Mapping[str, Json], run: RunId, cwd: str) -> Origin:
    """Return whose request it is: the session that Claude Code names in its header or metadata, else the run's id."""
    names = (headers.get("x-claude-code-session-id"), _session_in(document.get("metadata")))
    return Origin(session=session_of(names, run), agent=agent_of(headers, _KNOWN), protocol=PROTOCOL, cwd=cwd)


def _session_in(metadata: Json) -> Json:
    """Return the session in `metadata.user_id`, which Claude Code fills with a JSON text."""
    if not isinstance(metadata, dict) or not isinstance(user := metadata.get("user_id"), str):
        return None
    try:
        fields = parse_json(user.encode("utf-8"))
    except MalformedError:
        return None  # other agents write plain names there
    return fields.get("session_id") if isinstance(fields, dict) else None
