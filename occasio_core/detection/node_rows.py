"""Rows that the Node implementation wrote (`audit_schema` 1): whether they follow, and what they are in our words.

Their hash is over the line as it stands without `hash`, which comes last; rows from before it had a chain have none.
Knows what such rows say of calls.  It does not know files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from occasio_core.detection.moment import seconds
from occasio_verify import GENESIS, MAX_ROW_BYTES, Json, MalformedError, parse_json

SCHEMA = 1
_HASH = re.compile(rb',"prev_hash":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}')
_HASH_BYTES = len(b',"hash":""') + 64 + 1  # with the brace behind it
_READ = frozenset({"read", "read_file"})
_SECRETS = "secrets_redacted"


def is_node(line: bytes) -> bool:
    """Return whether a log that begins with this line was written by the Node implementation."""
    try:
        row = parse_json(line)
    except MalformedError:
        return False
    return isinstance(row, Mapping) and ("seq" not in row or row.get("audit_schema") == SCHEMA)


class NodeChain:
    """The rows of such a log, each checked against the one before."""

    def __init__(self) -> None:
        self._last = GENESIS
        self._is_chained = False

    def follow(self, line: bytes) -> tuple[Mapping[str, Json] | None, str]:
        """Return the next row in our words, None for one of before there was a chain, and what is wrong with it."""
        if len(line) > MAX_ROW_BYTES:
            return None, f"a row of more than {MAX_ROW_BYTES} bytes (row-too-long)"
        try:
            row = parse_json(line)
        except MalformedError as error:
            return None, f"{error.detail} ({error.code})"
        if not isinstance(row, Mapping):
            return None, "the row is not an object (row-form)"
        if "hash" not in row and not self._is_chained:
            return None, ""
        return self._linked(row, line)

    def _linked(self, row: Mapping[str, Json], line: bytes) -> tuple[Mapping[str, Json] | None, str]:
        found = _HASH.search(line, max(0, len(line) - 2 * _HASH_BYTES - 16))
        if found is None or found.end() != len(line):
            return None, "the row has no hash at its end (row-field)"
        if hashlib.sha256(line[:-_HASH_BYTES] + b"}").hexdigest().encode() != found[2]:
            return None, "`hash` is not the hash of the row (row-hash)"
        if found[1].decode() != self._last:
            return None, "prev_hash is not the hash of the row before (log-link)"
        if not _is_readable(row):
            return None, "the row has no time or no kind (row-field)"
        self._last, self._is_chained = found[2].decode(), True
        return translated(row), ""


def translated(row: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return a row of the Node implementation with the members that our rows have for the same things."""
    if row["kind"] != "tool_call":
        return row
    given = row.get("tool_inputs")
    inputs = given if isinstance(given, Mapping) else {}
    common: dict[str, Json] = {"call_id": row.get("event_id") or row["hash"], "agent": row.get("agent") or ""}
    if row.get("direction") == "outbound":  # what was done to a result, on its way to the model
        count = row.get(_SECRETS)
        redacted = {_SECRETS: count} if isinstance(count, int) and count > 0 else {}
        return {"content_digest": row["hash"], **row, **common, "kind": "tool_result", **redacted}
    tool, path = str(row.get("tool_name") or ""), inputs.get("path", inputs.get("file_path"))
    effects = [f"read {path}"] if tool.lower() in _READ and isinstance(path, str) else []
    return {
        "reason": "",
        "action": "",
        **row,
        **common,
        "effects": effects,
        "input_digest": "",
        "input_names": sorted(inputs),
        "tool_inputs": inputs,
        "tool_name": tool,
    }


def _is_readable(row: Mapping[str, Json]) -> bool:
    ts = row.get("ts")
    if not isinstance(row.get("kind"), str) or not isinstance(ts, str):
        return False
    try:
        seconds(ts)
    except ValueError:
        return False
    return True
