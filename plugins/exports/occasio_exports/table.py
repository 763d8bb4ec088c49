"""Rows as a flat table with typed columns; one line for each row, the same columns for every kind.

Knows rows and the columns.  It does not know who writes the table.  A column is null where a row has no such member;
members without a column of their own are in `other`, as canonical JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from occasio_core import Json, canonical
from occasio_exports.members import Fields, Members, milliseconds


class Type(Enum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIME = "time"  # UTC, milliseconds
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what it holds, and the member of a row that is told there."""

    name: str
    type: Type
    member: str


def _columns(type_: Type, *names: str) -> list[Column]:
    return [Column(name, type_, name) for name in names]


OTHER = "other"
COLUMNS: tuple[Column, ...] = (
    Column("seq", Type.INTEGER, "seq"),
    Column("ts", Type.TIME, "ts"),
    *_columns(Type.TEXT, "kind", "run_id"),
    Column("run_seq", Type.INTEGER, "run_seq"),
    *_columns(Type.TEXT, "session_id", "agent", "protocol", "event_id"),
    # calls and results
    *_columns(Type.TEXT, "action", "tool_name", "call_id", "reason", "rule", "message", "transform", "approval_id"),
    *_columns(Type.TEXTS, "effects"),
    *_columns(Type.TEXT, "input_digest", "result_kind", "content_digest", "returned_digest"),
    *_columns(Type.INTEGER, "size", "returned_size", "exit_code", "left_out", "secrets_redacted"),
    *_columns(Type.BOOLEAN, "is_error"),
    *_columns(Type.TEXTS, "secret_labels", "shaped_by"),
    # requests
    *_columns(Type.TEXT, "model"),
    *_columns(Type.INTEGER, "status", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    *_columns(Type.INTEGER, "cost_micro_usd"),
    *_columns(Type.BOOLEAN, "complete"),
    # runs and the policy
    *_columns(Type.TEXT, "command", "cwd"),
    *_columns(Type.TEXTS, "enforcement_points"),
    *_columns(Type.TEXT, "policy_source"),
    # limits, approvals, findings, hooks
    # (words of SQL would have to be quoted in every query)
    Column("limit_name", Type.TEXT, "limit"),
    Column("limit_max", Type.INTEGER, "max"),
    Column("limit_actual", Type.INTEGER, "actual"),
    *_columns(Type.TEXT, "approver", "method", "detector", "severity"),
    Column("finding_rows", Type.TEXTS, "rows"),
    *_columns(Type.TEXTS, "tags"),
    *_columns(Type.TEXT, "event", "answer", "source", "subagent"),
    # the log itself
    *_columns(Type.TEXT, "origin", "root_hash"),
    *_columns(Type.INTEGER, "tree_size", "audit_schema"),
    *_columns(Type.TEXT, "hash", "prev_hash", "run_prev_hash"),
    Column(OTHER, Type.TEXT, ""),
)


def record(row: Fields) -> list[Json]:
    """Return the values of a row, in the order of the columns; a time is in milliseconds since 1970."""
    members = Members(row)
    values = [_value(members, row, column) for column in COLUMNS[:-1]]
    rest = members.rest()
    return [*values, canonical(rest).decode() if rest else None]


def records(rows: Iterable[Fields], most: int) -> Iterator[Sequence[list[Json]]]:
    """Yield the values of the rows, `most` rows at a time."""
    pending = iter(rows)
    while batch := [record(row) for row in islice(pending, most)]:
        yield batch


def _value(members: Members, row: Fields, column: Column) -> Json:
    value = row.get(column.member)
    if not _fits(value, column.type):
        return None  # of another kind of row, whose member of that name is another thing: it stays in `other`
    members.take(column.member)
    return milliseconds(str(value)) if column.type is Type.TIME else value


def _fits(value: Json, type_: Type) -> bool:
    match type_:
        case Type.TEXT | Type.TIME:
            return isinstance(value, str)
        case Type.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Type.BOOLEAN:
            return isinstance(value, bool)
        case Type.TEXTS:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
