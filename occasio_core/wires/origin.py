"""Says whose request it is.  CallNames and groups rows; decides nothing, for an agent may call itself what it likes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from occasio_core.model import RunId, SessionId
from occasio_verify import Json

_SESSION = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The agent, its session, the protocol that it speaks, and the directory it works in."""

    session: SessionId
    agent: str
    protocol: str
    cwd: str


def session_of(names: Iterable[Json], run: RunId) -> SessionId:
    """Return the first of `names` that can name a session, else the run's id."""
    found = (name for name in names if isinstance(name, str) and _SESSION.fullmatch(name))
    return SessionId(next(found, run))


def agent_of(headers: Mapping[str, str], known: Mapping[str, str]) -> str:
    """Return the agent's name after its `user-agent` header: at most 64 of `a-z 0-9 . _ -`.

    `known` has the names by which rows call agents that send another.
    """
    product = headers.get("user-agent", "").strip().partition(" ")[0].partition("/")[0].lower()
    return known.get(product) or _NOT_IN_A_NAME.sub("-", product).strip("-")[:64] or "unknown"
