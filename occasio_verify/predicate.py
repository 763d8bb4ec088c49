"""The predicate: what the rows of a run say in sum, as anybody can compute it again (SPEC section 8).

Knows rows that were checked, and nothing of signatures or files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from occasio_verify.canonical import Json, canonical
from occasio_verify.errors import MalformedError, PredicateError
from occasio_verify.fields import GENESIS

PREDICATE_TYPE = "https://github.com/occasiolabs/occasio/spec/agent-attestation/v1"
SCHEMA_VERSION = "1.0.0"
VERIFIER_URL = "https://github.com/occasiolabs/occasio"

Fields = Mapping[str, Json]

_MOST_SHOWN = 10
_NO_RULES: Fields = {"block_secrets": False, "deny_paths_count": 0, "deny_patterns_count": 0}


def predicate(rows: Sequence[Fields]) -> dict[str, Json]:
    """Return the predicate of the run whose rows are `rows`: checked rows of `audit_schema` 2, at least one."""
    first = rows[0]
    return {
        "schema_version": SCHEMA_VERSION,
        "predicate_type": PREDICATE_TYPE,
        "subject": {"run_id": first["run_id"], **_git(rows)},
        "agent": _agent(rows),
        "policy": _policy(rows),
        "execution_summary": _summary(rows),
        "audit_chain": {
            "genesis": GENESIS,
            "first_hash": first["hash"],
            "last_hash": rows[-1]["hash"],
            "event_count": len(rows),
            "chain_file": first["chain_file"],
            "verifier_url": VERIFIER_URL,
        },
    }


def check_equivalent(claimed: Fields, recomputed: Fields) -> None:
    """Raise `PredicateError` `predicate-mismatch`, naming what differs, unless both have one canonical form."""
    refuse_differences(differences(claimed, recomputed))


def refuse_differences(found: Sequence[str]) -> None:
    """Raise `PredicateError` `predicate-mismatch` if there are any."""
    if found:
        more = f"; and {len(found) - _MOST_SHOWN} more" if len(found) > _MOST_SHOWN else ""
        what = "; ".join(found[:_MOST_SHOWN]) + more
        raise PredicateError("predicate-mismatch", f"the attestation does not say what the rows say: {what}")


def differences(claimed: Json, recomputed: Json, place: str = "") -> list[str]:
    """Return where two values differ, one line each: the place, what is claimed, what was recomputed.

    A value without a canonical form, such as a sum beyond 2^53 - 1, differs from every other.
    """
    if isinstance(claimed, Mapping) and isinstance(recomputed, Mapping):
        found = []
        for name in sorted(claimed.keys() | recomputed.keys()):
            inner = f"{place}.{name}" if place else name
            if name not in claimed:
                found.append(f"{inner} is missing")
            elif name not in recomputed:
                found.append(f"{inner} does not belong there")
            else:
                found += differences(claimed[name], recomputed[name], inner)
        return found
    if _form(claimed) == _form(recomputed) != b"":
        return []
    return [f"{place} claims {_shown(claimed)}, the rows give {_shown(recomputed)}"]


def _form(value: Json) -> bytes:
    try:
        return canonical(value)
    except MalformedError:
        return b""


def _shown(value: Json) -> str:
    text = _form(value).decode() or "what has no canonical form"
    return text if len(text) <= 80 else text[:77] + "..."


def _git(rows: Iterable[Fields]) -> dict[str, Json]:
    states = [cast("Fields", row["tool_inputs"]) for row in rows if row["kind"] == "git_state"]
    if not states:
        return {}
    starts = [state for state in states if state["phase"] == "run_start"]
    ends = [state for state in states if state["phase"] == "run_end"]
    heads = [state["head"] for state in states if state["head"] is not None]
    state: dict[str, Json] = {
        "provenance": "chain",
        "run_start": _phase(starts[0]) if starts else None,
        "run_end": _phase(ends[-1]) if ends else None,
    }
    return {"git_state": state} | ({"git_commit": heads[-1]} if heads else {})


def _phase(state: Fields) -> dict[str, Json]:
    return {name: value for name, value in state.items() if name not in ("phase", "cwd")}


def _agent(rows: Sequence[Fields]) -> dict[str, Json]:
    agents = [row for row in rows if row["agent"] != "occasio"]
    models = (row["model"] for row in rows if row["kind"] == "request" and row["model"] is not None)
    return {
        "platform": agents[0]["agent"] if agents else "unknown",
        "model": next(models, None),
        "session_id": (agents[0] if agents else rows[0])["session_id"],
        "started_at": rows[0]["ts"],
        "ended_at": rows[-1]["ts"],
        "wall_time_s": seconds_between(rows[0]["ts"], rows[-1]["ts"]),
    }


def _policy(rows: Iterable[Fields]) -> dict[str, Json]:
    for row in rows:
        if row["kind"] == "policy_loaded":
            loaded = cast("Fields", row["tool_inputs"])
            return {
                "file_hash": loaded["policy_hash"],
                "file_path": loaded["policy_path"],
                "source": row["policy_source"],
                "version": loaded["version"],
                "rules_digest": loaded["rules_digest"],
            }
    return {"file_hash": GENESIS, "file_path": None, "source": "unknown", "version": None, "rules_digest": _NO_RULES}


def _summary(rows: Sequence[Fields]) -> dict[str, Json]:
    calls = [row for row in rows if row["kind"] == "tool_call"]
    actions = Counter(row["action"] for row in calls)
    redacted = [cast("int", row.get("secrets_redacted", 0)) for row in rows if row["kind"] == "tool_result"]
    return {
        "tool_calls": len(calls),
        "local": actions["LOCAL"],
        "passed": actions["PASS"],
        "blocked": actions["BLOCK"],
        "transformed": actions["TRANSFORM"],
        "secrets_redacted": sum(redacted),
        "blocked_events": [_blocked(row, rows[0]["ts"]) for row in calls if row["action"] == "BLOCK"],
    }


def _blocked(row: Fields, started: Json) -> dict[str, Json]:
    return {
        "tool": row["tool_name"],
        "target": target(row),
        "rule": row.get("rule", row["reason"]),
        "at_offset_s": seconds_between(started, row["ts"]),
    }


def target(row: Fields) -> str | None:
    """Return what a call was about, as its `tool_inputs` say it: the path, else the pattern."""
    inputs = row.get("tool_inputs")
    if not isinstance(inputs, Mapping):
        return None
    named = (inputs.get(name) for name in ("path", "pattern"))
    return next((value for value in named if isinstance(value, str)), None)


def seconds_between(start: Json, end: Json) -> int:
    """Return the whole seconds between two timestamps of SPEC section 4.2, at least 0."""
    return max(0, (_instant(end) - _instant(start)) // timedelta(seconds=1))


def _instant(timestamp: Json) -> datetime:
    return datetime.fromisoformat(str(timestamp))
