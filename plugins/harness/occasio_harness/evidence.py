"""What an attack leaves: the rows of its run, those that stopped it, and the sealed bundle.

Knows Occasio's log and commands.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from occasio_core import Json, MalformedError, parse_json
from occasio_harness.process import run
from occasio_harness.scratch import Scratch

Row = Mapping[str, Json]
_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sealed run, the public key of whoever signed it, and whether it verifies; `why_not` says why not."""

    bundle: Path | None = None
    key: Path | None = None
    why_not: str = ""


def rows_of_last_run(log: Path) -> list[Row]:
    """Return the rows of the run that began last, in order; none if there is no log.  Raises `OSError`."""
    rows = _rows(log)
    last = next((row["run_id"] for row in reversed(rows) if row["kind"] == "run_started"), None)
    return [row for row in rows if row["run_id"] == last and last is not None]


def of_call(rows: Sequence[Row], call: str) -> list[Row]:
    """Return the rows that name a call."""
    return [row for row in rows if row.get("call_id") == call]


def stops(row: Row) -> bool:
    """Return whether a row says that something was kept from the agent or from the model."""
    match row["kind"]:
        case "tool_call":
            return row["action"] == "BLOCK"
        case "tool_result":
            return row["result_kind"] in ("transform", "withheld")
        case "request":
            return bool(row.get("secrets_redacted"))
        case "hook_event":
            return row["answer"] == "deny"
        case kind:
            return kind in ("limit_exceeded", "approval_denied", "approval_expired")


def sealed(scratch: Scratch, out: Path, name: str) -> Sealed:
    """Seal the last run into `out`, verify the bundle in another process, and return both; never silent."""
    bundle, key = out / f"{name}.occasio.json", out / f"{name}.pub"
    key.unlink(missing_ok=True)  # of an attack before, by another key
    for command in (["bundle", "--out", str(bundle)], ["key", "export", "--out", str(key)]):
        done = scratch.occasio(*command)
        if done.exit_code:
            return Sealed(why_not=f"`occasio {command[0]}` failed: {done.words}")
    words = [sys.executable, "-m", "occasio_verify", str(bundle), "--key", str(key)]
    verified = run(words, environment=scratch.environment, directory=out, seconds=_SECONDS)
    if verified.exit_code or not verified.stdout.startswith("VERIFIED"):
        return Sealed(bundle=bundle, key=key, why_not=f"the bundle does not verify: {verified.stdout[:200]}")
    return Sealed(bundle=bundle, key=key)


def kept_log(scratch: Scratch, out: Path, name: str) -> Path | None:
    """Copy the log to `out`, and return the copy; None if there is no log."""
    if not scratch.log.is_file():
        return None
    return Path(shutil.copyfile(scratch.log, out / f"{name}.log.jsonl"))


def _rows(log: Path) -> list[Row]:
    """Return the rows of a log; a line that is none, which an attack may have left, is left out."""
    if not log.is_file():
        return []
    found: list[Row] = []
    for line in log.read_bytes().split(b"\n"):
        try:
            row = parse_json(line)
        except MalformedError:
            continue
        if isinstance(row, dict) and "kind" in row:
            found.append(row)
    return found
