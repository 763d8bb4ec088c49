"""The predicate of a slice, computed as the table of SPEC section 8 says, member by member."""

from datetime import datetime, timedelta
from typing import Any

from generator.canonical import ZEROS
from generator.rows import Row

TYPE = "https://github.com/occasiolabs/occasio/spec/agent-attestation/v1"
URL = "https://github.com/occasiolabs/occasio"


def predicate(rows: list[Row]) -> dict[str, Any]:
    """Returns the predicate."""
    return {
        "schema_version": "1.0.0",
        "predicate_type": TYPE,
        "subject": subject(rows),
        "agent": agent(rows),
        "policy": policy(rows),
        "execution_summary": execution_summary(rows),
        "audit_chain": {
            "genesis": ZEROS,
            "first_hash": rows[0]["hash"],
            "last_hash": rows[-1]["hash"],
            "event_count": len(rows),
            "chain_file": rows[0]["chain_file"],
            "verifier_url": URL,
        },
    }


def subject(rows: list[Row]) -> dict[str, Any]:
    """Returns `subject`."""
    out: dict[str, Any] = {"run_id": rows[0]["run_id"]}
    states = [row["tool_inputs"] for row in rows if row["kind"] == "git_state"]
    heads = [state["head"] for state in states if state["head"] is not None]
    if heads:
        out["git_commit"] = heads[-1]
    if states:
        starts = [phase_state(state) for state in states if state["phase"] == "run_start"]
        ends = [phase_state(state) for state in states if state["phase"] == "run_end"]
        run_start, run_end = starts[0] if starts else None, ends[-1] if ends else None
        out["git_state"] = {"provenance": "chain", "run_start": run_start, "run_end": run_end}
    return out


def phase_state(state: Row) -> Row:
    """Returns `tool_inputs` of a `git_state` row without `phase` and `cwd`."""
    return {name: value for name, value in state.items() if name not in ("phase", "cwd")}


def agent(rows: list[Row]) -> dict[str, Any]:
    """Returns `agent`."""
    others = [row for row in rows if row["agent"] != "occasio"]
    models = [row["model"] for row in rows if row["kind"] == "request" and row["model"] is not None]
    return {
        "platform": others[0]["agent"] if others else "unknown",
        "model": models[0] if models else None,
        "session_id": (others or rows)[0]["session_id"],
        "started_at": rows[0]["ts"],
        "ended_at": rows[-1]["ts"],
        "wall_time_s": seconds(rows[0], rows[-1]),
    }


def policy(rows: list[Row]) -> dict[str, Any]:
    """Returns `policy`."""
    loaded = [row for row in rows if row["kind"] == "policy_loaded"]
    if not loaded:
        rules = {"block_secrets": False, "deny_paths_count": 0, "deny_patterns_count": 0}
        return {"file_hash": ZEROS, "file_path": None, "source": "unknown", "version": None, "rules_digest": rules}
    inputs = loaded[0]["tool_inputs"]
    return {
        "file_hash": inputs["policy_hash"],
        "file_path": inputs["policy_path"],
        "source": loaded[0]["policy_source"],
        "version": inputs["version"],
        "rules_digest": inputs["rules_digest"],
    }


def execution_summary(rows: list[Row]) -> dict[str, Any]:
    """Returns `execution_summary`."""
    calls = [row for row in rows if row["kind"] == "tool_call"]

    def count(action: str) -> int:
        return sum(call["action"] == action for call in calls)

    return {
        "tool_calls": len(calls),
        "local": count("LOCAL"),
        "passed": count("PASS"),
        "transformed": count("TRANSFORM"),
        "blocked": count("BLOCK"),
        "secrets_redacted": sum(row.get("secrets_redacted", 0) for row in rows if row["kind"] == "tool_result"),
        "blocked_events": [blocked_event(rows[0], call) for call in calls if call["action"] == "BLOCK"],
    }


def blocked_event(first: Row, call: Row) -> dict[str, Any]:
    """Returns an entry of `blocked_events`."""
    named = (call["tool_inputs"].get(name) for name in ("path", "pattern"))
    target = next((name for name in named if isinstance(name, str)), None)
    rule = call.get("rule", call["reason"])
    return {"tool": call["tool_name"], "target": target, "rule": rule, "at_offset_s": seconds(first, call)}


def seconds(first: Row, last: Row) -> int:
    """Returns whole seconds between two rows, rounded down, at least 0."""
    elapsed = datetime.fromisoformat(last["ts"]) - datetime.fromisoformat(first["ts"])
    return max(0, elapsed // timedelta(seconds=1))
