"""What the log says of one event: its row, the call and the results that belong to it, and the policy in force then.

Reads the log once and checks each row that it shows by itself; whether the whole log holds, `audit verify` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from occasio_core.errors import UsageError
from occasio_verify import Json, Row, VerifyError, canonical, parse_row

_POLICY = b'"kind":"policy_loaded"'
_CALL = "tool_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of the log.

    `call` is the row of the call that it is about, `results` what came of that call, `policy` the row of the policy
    that was in force; None where there is none.
    """

    row: Row
    call: Row | None
    results: tuple[Row, ...]
    policy: Row | None


def event(log: Path, name: str) -> Event:
    """Return the event with this id, the beginning of one, or the id of a call.

    Raises `UsageError` if there is none or more than one, or a row of it does not hold.
    """
    found = _only(log, name)
    run, call = found.run_id, found.fields.get("call_id")
    policy: Row | None = None
    of_call: list[Row] = []
    for row in _rows(log, (_POLICY, canonical(call) if isinstance(call, str) else _POLICY)):
        if row.run_id != run:
            continue
        if row.kind == "policy_loaded" and row.seq <= found.seq:
            policy = row
        elif call is not None and row.fields.get("call_id") == call:
            of_call.append(row)
    calls = [row for row in of_call if row.kind == _CALL]
    results = tuple(row for row in of_call if row.kind != _CALL)
    return Event(row=found, call=calls[0] if calls else None, results=results, policy=policy)


def text_of(row: Row, member: str) -> str:
    """Return a member of the row as text, empty where it has none."""
    value = row.fields.get(member)
    return value if isinstance(value, str) else ""


def policy_of_row(row: Row) -> tuple[str, str]:
    """Return the hash and the path of the policy that a `policy_loaded` row names; the built-in one has no path."""
    told = row.fields.get("tool_inputs")
    members = cast("dict[str, Json]", told if isinstance(told, dict) else {})
    return str(members.get("policy_hash") or ""), str(members.get("policy_path") or "")


def _only(log: Path, name: str) -> Row:
    """Return the row that `name` means."""
    begins = canonical(name)[:-1]
    matches = [
        row
        for row in _rows(log, (begins,))
        if text_of(row, "event_id").startswith(name) or (row.kind == _CALL and row.fields.get("call_id") == name)
    ]
    exact = [row for row in matches if name in {text_of(row, "event_id"), row.fields.get("call_id")}]
    chosen = exact or matches
    if not chosen:
        raise UsageError(f"no event `{name}` in {log}", hint="`occasio audit verify` shows what the log holds")
    if len(chosen) > 1:
        shown = ", ".join(text_of(row, "event_id") for row in chosen[:3])
        raise UsageError(f"`{name}` is the beginning of {len(chosen)} events: {shown}", hint="give more of it")
    return chosen[0]


def _rows(log: Path, needles: tuple[bytes, ...]) -> Iterator[Row]:
    """Yield the rows of the lines that hold any of the needles."""
    with log.open("rb") as file:
        for number, line in enumerate(file, 1):
            if any(needle in line for needle in needles):
                try:
                    yield parse_row(line.removesuffix(b"\n"))
                except VerifyError as error:
                    hint = "`occasio audit verify` says what is wrong with the log"
                    raise UsageError(f"{log}: line {number} does not hold: {error}", hint=hint) from None
