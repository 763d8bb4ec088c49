"""Where agents that speak to OpenAI say which session a request belongs to, and by which names they go."""

from __future__ import annotations

from collections.abc import Mapping

from occasio_core import Json, Origin, RunId, agent_of, session_of

_KNOWN = {"codex_cli_rs": "codex", "codex_exec": "codex", "codex-tui": "codex", "codex_tui": "codex"}
_HEADERS = ("session-id", "session_id", "x-session-id")  # Codex, Codex before 0.100, opencode


def origin_of(headers: Mapping[str, str], document: Mapping[str, Json], run: RunId, cwd: str, protocol: str) -> Origin:
    """Return whose request it is: the session that the agent names in a header or the body, else the run's id."""
    names = [*map(headers.get, _HEADERS), document.get("prompt_cache_key")]
    return Origin(session=session_of(names, run), agent=agent_of(headers, _KNOWN), protocol=protocol, cwd=cwd)
