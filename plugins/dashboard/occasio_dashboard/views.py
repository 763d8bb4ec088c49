"""Rows as the page lists them: what happened, to what, why, and what a person can do about it.

Pure: knows the members of rows (SPEC section 5).  Texts of agents stay texts; the page shows them as such.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from occasio_core import Action, Json, remedy

MOST = 400  # characters of a text in a list; the row itself has the rest

Row = Mapping[str, Json]

_OF_INTEREST = ("path", "command", "url", "pattern", "query", "host")  # members of an input that say what it is about


def row_view(row: Row) -> dict[str, Json]:
    """Return a row for a list: `what` happened (a word to filter by), `title`, `text`, and what its kind adds."""
    view: dict[str, Json] = {
        "seq": row["seq"],
        "run": row.get("run_id"),
        "kind": row["kind"],
        "at": row["ts"],
        "agent": row.get("agent"),
    }
    told = _TELLERS.get(str(row["kind"]))
    return view | (told(row) if told else {"what": "other", "title": _clipped(row["kind"]), "text": ""})


def _call(row: Row) -> dict[str, Json]:
    action, reason, rule = str(row["action"]), str(row["reason"]), row.get("rule")
    named = rule if isinstance(rule, str) else None
    return {
        "what": action,
        "title": _clipped(row["tool_name"]),
        "text": _target(row),
        "reason": reason,
        "rule": _clipped(rule) if named else None,
        "message": _clipped(row.get("message") or ""),
        "todo": remedy(Action(action), reason, named) if action in list(Action) else "",
    }


def _target(row: Row) -> str:
    inputs, effects = row.get("tool_inputs"), row.get("effects")
    named = inputs if isinstance(inputs, Mapping) else {}
    for name in _OF_INTEREST:
        if isinstance(value := named.get(name), str) and value:
            return _clipped(value)
    if isinstance(effects, list) and effects:
        return _clipped(effects[0])
    return _clipped(next((value for value in named.values() if isinstance(value, str)), ""))


def _result(row: Row) -> dict[str, Json]:
    labels = row.get("secret_labels")
    secrets = _number(row, "secrets_redacted")
    told = [f"{_number(row, 'size'):,} bytes"]
    if secrets or row["result_kind"] == "withheld":
        kinds = ", ".join(str(label) for label in labels) if isinstance(labels, list) else ""
        counted = f"{secrets or 'a'} secret{'' if secrets in (0, 1) else 's'}"
        told.append(f"kept from the model: {counted}" + (f" ({kinds})" if kinds else ""))
    if left_out := _number(row, "left_out"):
        told.append(f"{left_out:,} left out")
    if row.get("is_error") is True:
        told.append("the tool failed")
    return {"what": str(row["result_kind"]), "title": "result", "text": _clipped("; ".join(told))}


def _request(row: Row) -> dict[str, Json]:
    status = _number(row, "status")
    failed = status == 0 or status >= 400
    return {
        "what": "request-failed" if failed else "request",
        "title": _clipped(row.get("model") or "model request"),
        "text": f"status {status}" if failed else "",
        "tokens_in": sum(_number(row, f"{name}_tokens") for name in ("input", "cache_read", "cache_write")),
        "tokens_out": _number(row, "output_tokens"),
        "cost_micro_usd": row.get("cost_micro_usd"),
    }


def _finding(row: Row) -> dict[str, Json]:
    tags, rows = row.get("tags"), row.get("rows")
    return {
        "what": str(row["severity"]),
        "title": _clipped(row["detector"]),
        "text": _clipped(row["message"]),
        "tags": [_clipped(tag) for tag in tags] if isinstance(tags, list) else [],
        "rows": len(rows) if isinstance(rows, list) else 0,
    }


def _approval(row: Row) -> dict[str, Json]:
    what = str(row["kind"]).removeprefix("approval_")
    by = f"by {row['approver']}" if row.get("approver") else ""
    how = f"({row['method']})" if row.get("method") else ""
    title = _clipped(row["tool_name"]) if what == "requested" else "approval"
    told = [f"a person is asked until {row['expires_at']}"] if what == "requested" else [what, by, how]
    return {"what": what, "title": title, "text": _clipped(" ".join(part for part in told if part))}


def _limit(row: Row) -> dict[str, Json]:
    return {
        "what": "limit",
        "title": _clipped(row["limit"]),
        "text": f"{_number(row, 'actual'):,} where {_number(row, 'max'):,} are allowed",
    }


def _started(row: Row) -> dict[str, Json]:
    return {"what": "started", "title": _clipped(row["command"]), "text": _clipped(f"in {row['cwd']}")}


def _ended(row: Row) -> dict[str, Json]:
    code = row.get("exit_code")
    return {
        "what": "ended",
        "title": "run ended",
        "text": _clipped(row["reason"]) + ("" if code is None else f", exit code {code}"),
    }


def _policy(row: Row) -> dict[str, Json]:
    if row["kind"] == "policy_rejected":
        return {"what": "rejected", "title": "policy edit not used", "text": _clipped(row["error"])}
    loaded = row["tool_inputs"]
    sha256 = str(loaded.get("policy_hash")) if isinstance(loaded, Mapping) else ""
    return {"what": "policy", "title": "policy in force", "text": f"{row['policy_source']}, {sha256[:16]}…"}


def _hook(row: Row) -> dict[str, Json]:
    answer = str(row["answer"])
    told = " ".join(str(row[name]) for name in ("tool_name", "source", "file") if row.get(name))
    return {
        "what": "hook-denied" if answer == "deny" else "hook",
        "title": _clipped(row["event"]),
        "text": _clipped(told),
    }


def _git(row: Row) -> dict[str, Json]:
    state = row["tool_inputs"]
    if not isinstance(state, Mapping) or not state.get("is_repo"):
        return {"what": "git", "title": "git", "text": "no repository"}
    head, dirty = str(state.get("head") or "no commit"), ", with changes" if state.get("dirty") else ""
    return {"what": "git", "title": "git", "text": _clipped(f"{state.get('branch') or '-'} at {head[:12]}{dirty}")}


def _checkpoint(row: Row) -> dict[str, Json]:
    return {"what": "checkpoint", "title": "checkpoint", "text": f"over {_number(row, 'tree_size'):,} rows"}


def _recovered(row: Row) -> dict[str, Json]:
    return {
        "what": "recovered",
        "title": "log recovered",
        "text": _clipped(f"{row['reason']}: {_number(row, 'bytes'):,} bytes"),
    }


_TELLERS: Mapping[str, Callable[[Row], dict[str, Json]]] = {
    "tool_call": _call,
    "tool_result": _result,
    "request": _request,
    "finding": _finding,
    "approval_requested": _approval,
    "approval_granted": _approval,
    "approval_denied": _approval,
    "approval_expired": _approval,
    "limit_exceeded": _limit,
    "run_started": _started,
    "run_ended": _ended,
    "policy_loaded": _policy,
    "policy_rejected": _policy,
    "hook_event": _hook,
    "git_state": _git,
    "checkpoint": _checkpoint,
    "recovered": _recovered,
}


def _clipped(value: Json) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"


def _number(row: Row, name: str) -> int:
    value = row.get(name)
    return value if type(value) is int else 0
