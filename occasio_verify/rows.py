"""From the bytes of one line to a row that may be believed as far as itself (SPEC section 4).

Knows one row at a time: nothing of the rows before it, of files, or of runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn, cast

from occasio_verify.canonical import Json, canonical, canonical_text
from occasio_verify.errors import MalformedError
from occasio_verify.fields import GENESIS, ROW_SCHEMA, fault
from occasio_verify.parse import guard_scanner, nests_deeper, parse_json

__all__ = ["GENESIS", "MAX_ROW_BYTES", "MAX_ROW_DEPTH", "Row", "check_row", "parse_row", "row_hash"]

MAX_ROW_BYTES = 1 << 20
MAX_ROW_DEPTH = 32
_LARGEST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a log.  `line` is its canonical form, without a line end."""

    line: bytes = field(repr=False)
    fields: Mapping[str, Json]

    @property
    def hash(self) -> str:
        return cast("str", self.fields["hash"])

    @property
    def prev_hash(self) -> str:
        return cast("str", self.fields["prev_hash"])

    @property
    def seq(self) -> int:
        return cast("int", self.fields["seq"])

    @property
    def kind(self) -> str:
        return cast("str", self.fields["kind"])

    @property
    def run_id(self) -> str | None:
        return cast("str | None", self.fields["run_id"])

    @property
    def run_seq(self) -> int | None:
        return cast("int | None", self.fields["run_seq"])

    @property
    def run_prev_hash(self) -> str | None:
        return cast("str | None", self.fields["run_prev_hash"])


def parse_row(line: bytes) -> Row:
    """Return the row that `line` holds; `line` is a row line of SPEC section 4.1, without its line end.

    Raises `MalformedError`: `row-too-long`, the codes of SPEC section 3.1, `float`, `row-form`, `row-schema`,
    `row-field`, `row-hash`.
    """
    if len(line) > MAX_ROW_BYTES:
        raise MalformedError("row-too-long", f"a row of more than {MAX_ROW_BYTES} bytes")
    value = _read(line)
    check_row(value, line)
    return Row(line, value)


def check_row(row: Mapping[str, Json], line: bytes) -> None:
    """Check the members and the hash of `row`, whose canonical form is `line`.

    Raises `MalformedError`: `row-schema`, `row-field`, `row-hash`.
    """
    check_schema(row, ROW_SCHEMA)
    if (name := fault(row)) is not None:
        raise MalformedError("row-field", f"`{name}` is missing or is not what a row has there")
    if row_hash(row, line) != row["hash"]:
        raise MalformedError("row-hash", "`hash` is not the hash of the row")


def check_schema(row: Mapping[str, Json], schema: int) -> None:
    """Check that `row` is of this version.  Raises `MalformedError`: `row-schema`, or `row-field` if it names none."""
    stated = row.get("audit_schema")
    if type(stated) is not int:
        raise MalformedError("row-field", "`audit_schema` is missing or is not an integer")
    if stated != schema:
        raise MalformedError("row-schema", f"audit_schema is {stated}, not {schema}")


def row_hash(row: Mapping[str, Json], line: bytes | None = None) -> str:
    """Return SHA-256 over the canonical form of `row` without `hash` (SPEC section 4.3).

    `line`, where given, must be the canonical form of the whole row; it saves writing it again.
    """
    if line is not None and line.count(b'"hash":"') == 1:  # a name stands unescaped only as a name
        start = line.index(b'"hash":"')
        end = line.index(b'"', start + 8) + 1
        if line[end : end + 1] == b",":
            return hashlib.sha256(line[:start] + line[end + 1 :]).hexdigest()
    return hashlib.sha256(canonical({name: value for name, value in row.items() if name != "hash"})).hexdigest()


def _read(line: bytes) -> Mapping[str, Json]:
    """Return the object whose canonical form is `line`.

    The C scanner reads it and the C encoder writes it again: equality proves every rule at once, since what either of
    them is lenient about (names twice, escapes, white space, order) does not survive the trip.
    """
    try:
        text = line.decode("utf-8")
        if may_be_deep := text.count("{") + text.count("[") > MAX_ROW_DEPTH:
            guard_scanner(text)
        value, end = _scan(text, 0)
    except (ValueError, StopIteration, RecursionError):
        _diagnose(line)
    if end != len(text) or type(value) is not dict or (may_be_deep and nests_deeper(value, MAX_ROW_DEPTH)):
        _diagnose(line)
    if canonical_text(value) != text:
        _diagnose(line)
    return value


def _diagnose(line: bytes) -> NoReturn:
    """Say by the slow, exact parser what is wrong with a line that did not survive the trip."""
    value = parse_json(line, integers_only=True)
    if nests_deeper(value, MAX_ROW_DEPTH):
        raise MalformedError("too-deep", f"a row of more than {MAX_ROW_DEPTH} levels")
    what = "not an object" if not isinstance(value, Mapping) else "not in canonical form"
    raise MalformedError("row-form", f"the row is {what}")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > _LARGEST:  # the length first: no work on a million digits
        raise ValueError
    return number


def _refuse(_: str) -> NoReturn:
    raise ValueError


_scan = json.JSONDecoder(parse_int=_integer, parse_float=_refuse, parse_constant=_refuse).scan_once  # type: ignore[attr-defined]
