"""A row before and while it gets its place: everything that can be done before the lock is taken.

A draft is the row's canonical text with gaps for the six members that depend on its place.  It has passed the
verifier's own check with stand-ins in the gaps, so no writer can put a row into the log that verifiers refuse.
Knows the form of a row (SPEC section 4), not the log, clocks or files.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from occasio_core.errors import LedgerError
from occasio_verify import GENESIS, MAX_ROW_BYTES, ROW_SCHEMA, Json, MalformedError, Row, canonical, parse_row

_PLACED = ("hash", "prev_hash", "run_prev_hash", "run_seq", "seq", "ts")  # in canonical order
_GIVEN = ("agent", "audit_schema", "event_id", "kind", "protocol", "run_id", "session_id")
_ENVELOPE = frozenset((*_PLACED, *_GIVEN))
_HASH = b'"hash":'
_GAP = secrets.token_hex(32)
_GAPS = dict.fromkeys(_PLACED, _GAP)
_GAP_TEXT = b'"%b"' % _GAP.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be recorded.  `run_id` and `session_id` are None for rows that belong to no run (SPEC section 4.2)."""

    kind: str
    agent: str
    protocol: str
    run_id: str | None
    session_id: str | None
    fields: Mapping[str, Json] = field(repr=False)


class RunTail(NamedTuple):
    """Where an open run ends: the `run_seq` that follows, and the hash of its last row."""

    next_seq: int = 0
    last_hash: str = GENESIS


class Place(NamedTuple):
    """Where a row joins on: to the log, and to its run if it is of one."""

    seq: int
    prev_hash: str
    run: RunTail | None


class Placed(NamedTuple):
    """A row at its place: what is written, and what it takes to say it in members."""

    draft: Draft
    place: Place
    ts: str
    line: bytes
    hash: str

    def row(self) -> Row:
        """Return the row."""
        (seq, prev_hash, run), members = self.place, self.draft.members
        placed = {
            "hash": self.hash,
            "prev_hash": prev_hash,
            "run_prev_hash": None if run is None else run.last_hash,
            "run_seq": None if run is None else run.next_seq,
            "seq": seq,
            "ts": self.ts,
        }
        return Row(self.line, {**members, **placed})


class Draft(NamedTuple):
    """A row but for its place.  `texts` are what stands before, between and after the values of the placed members."""

    kind: str
    run_id: str | None
    members: Mapping[str, Json]
    texts: list[bytes]

    def at(self, place: Place, ts: str) -> Placed:
        """Return the row at its place.  Raises `LedgerError` if its line is too long."""
        seq, prev_hash, run = place
        before, t1, t2, t3, t4, t5, t6 = self.texts
        link, count = (b"null", b"null") if run is None else (b'"%b"' % run.last_hash.encode(), b"%d" % run.next_seq)
        rest = b'%b"%b"%b%b%b%b%b%d%b"%b"%b' % (
            t1, prev_hash.encode(), t2, link, t3, count, t4, seq, t5, ts.encode(), t6
        )  # fmt: skip
        digest = sha256(before[: -len(_HASH)] + rest[1:]).hexdigest()  # without the member and its comma
        line = b'%b"%b"%b' % (before, digest.encode(), rest)
        if len(line) > MAX_ROW_BYTES:
            raise LedgerError(f"a `{self.kind}` row of {len(line)} bytes is too long: {MAX_ROW_BYTES} is the most")
        return Placed(self, place, ts, line, digest)


def timestamp(moment: datetime) -> str:
    """Return `moment`, which must know its time zone, as a row writes it: UTC, milliseconds (SPEC section 4.2)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def draft(entry: Entry, event_id: str) -> Draft:
    """Return `entry` made ready for the log.  Raises `LedgerError` for what no verifier would accept as a row."""
    if not _ENVELOPE.isdisjoint(entry.fields):
        taken = min(_ENVELOPE & entry.fields.keys())
        raise LedgerError(f"a `{entry.kind}` row cannot have a field `{taken}` of its own")
    members: dict[str, Json] = {
        **entry.fields,
        "agent": entry.agent,
        "audit_schema": ROW_SCHEMA,
        "event_id": event_id,
        "kind": entry.kind,
        "protocol": entry.protocol,
        "run_id": entry.run_id,
        "session_id": entry.session_id,
    }
    try:
        unchecked = Draft(entry.kind, entry.run_id, members, _texts(members))
        row = parse_row(unchecked.at(_stand_in(entry), "2000-01-01T00:00:00.000Z").line)
    except MalformedError as error:
        raise LedgerError(f"a `{entry.kind}` row cannot be written: {error.detail}") from error
    return Draft(entry.kind, entry.run_id, row.fields, unchecked.texts)


def _texts(members: Mapping[str, Json]) -> list[bytes]:
    """Return the seven pieces of the canonical form around the values of the placed members.

    Each value is one that nobody can guess, so it occurs nowhere else.
    """
    return canonical({**members, **_GAPS}).split(_GAP_TEXT)


def _stand_in(entry: Entry) -> Place:
    return Place(0, GENESIS, None if entry.run_id is None else RunTail())
