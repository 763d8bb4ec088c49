"""Sample evidence for tests and benchmarks: rows, logs and slices as SPEC describes them, made without occasio_core."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
RUN = "7f1d0c1e-5b1a-4c5e-9f5e-0123456789ab"
POLICY = "version: 1\ndeny_paths:\n  - ~/.ssh\n"

Fields = dict[str, Any]


def canonical(value: object) -> bytes:
    """Return the canonical form of a value whose names are ASCII and whose numbers are integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def hashed(row: Mapping[str, Any]) -> Fields:
    """Return `row` with the hash that belongs to it."""
    bare = {name: value for name, value in row.items() if name != "hash"}
    return bare | {"hash": sha256(canonical(bare))}


class Log:
    """Writes rows the plain way: one dict, one chain, one chain for each run."""

    def __init__(self) -> None:
        self.rows: list[Fields] = []
        self._runs: dict[str, tuple[int, str]] = {}
        self._last = GENESIS
        self._seq = count()

    def append(self, kind: str, run: str | None = RUN, *, agent: str = "occasio", **fields: Any) -> Fields:
        seq = next(self._seq)
        run_seq, run_prev = self._runs.get(run, (0, GENESIS)) if run else (None, None)
        row = hashed(
            {
                "agent": agent,
                "audit_schema": 2,
                "event_id": f"evt-{seq:016}",
                "kind": kind,
                "prev_hash": self._last,
                "protocol": "internal" if agent == "occasio" else "anthropic-http",
                "run_id": run,
                "run_prev_hash": run_prev,
                "run_seq": run_seq,
                "seq": seq,
                "session_id": "b6cf2e5a-1f0c-4b0e-8d51-5a4d2f1f6c11" if run else None,
                "ts": f"2026-01-02T{seq // 3600 % 24:02}:{seq // 60 % 60:02}:{seq % 60:02}.000Z",
                **fields,
            }
        )
        self._last = row["hash"]
        if run:
            self._runs[run] = (run_seq + 1, row["hash"])
        self.rows.append(row)
        return row

    @property
    def lines(self) -> list[bytes]:
        return [canonical(row) for row in self.rows]

    @property
    def data(self) -> bytes:
        return b"".join(line + b"\n" for line in self.lines)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.data)
        return path


def start(log: Log, run: str = RUN) -> None:
    """Append the rows that a run begins with."""
    log.append(
        "run_started",
        run,
        chain_file="/home/ada/.occasio/pipeline-events.jsonl",
        command="claude",
        cwd="/home/ada/project",
        enforcement_points=["proxy"],
        plugins=[{"name": "paths", "version": "0.1.0"}],
        versions={"occasio": "0.1.0", "python": "3.11.7"},
    )
    log.append(
        "policy_loaded",
        run,
        policy_source="user",
        tool_inputs={
            "policy_hash": sha256(POLICY.encode()),
            "policy_path": "/home/ada/.occasio/policy.yml",
            "rules_digest": {"block_secrets": True, "deny_paths_count": 1, "deny_patterns_count": 0},
            "version": 1,
        },
    )


def call(
    log: Log, number: int, *, action: str = "PASS", path: str = "/home/ada/project/src/app.py", run: str = RUN
) -> None:
    """Append a call and, if it passed, its result."""
    refused = {"rule": "deny_paths: ~/.ssh"} if action == "BLOCK" else {}
    log.append(
        "tool_call",
        run,
        agent="claude-code",
        action=action,
        call_id=f"toolu_{number:024}",
        effects=[f"read {path}"],
        input_digest=sha256(path.encode()),
        reason="path-denied" if action == "BLOCK" else "ok",
        tool_inputs={"path": path},
        tool_name="read_file",
        **refused,
    )
    if action == "PASS":
        log.append(
            "tool_result",
            run,
            agent="claude-code",
            call_id=f"toolu_{number:024}",
            content_digest=sha256(b"%d" % number),
            result_kind="pass",
            size=number,
        )


def request(log: Log, run: str = RUN) -> None:
    log.append(
        "request",
        run,
        agent="claude-code",
        cache_read_tokens=0,
        cache_write_tokens=0,
        input_tokens=10,
        model="claude-opus-4-8",
        output_tokens=5,
        status=200,
    )


def end(log: Log, run: str = RUN) -> None:
    log.append("run_ended", run, exit_code=0, reason="exit")


def run_of(calls: int = 3) -> Log:
    """Return the log of one run: `calls` calls, every third refused."""
    log = Log()
    start(log)
    for number in range(calls):
        refused = number % 3 == 1
        call(
            log,
            number,
            action="BLOCK" if refused else "PASS",
            path="/home/ada/.ssh/id" if refused else f"/home/ada/p/{number}",
        )
        request(log)
    end(log)
    return log


def interleaved(rows: int, runs: int = 4) -> Iterator[bytes]:
    """Yield the lines of a long log of several runs, in order; memory is that of a row."""
    log = Log()
    names = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(runs)]
    for name in names:
        start(log, name)
    for number in count():
        name = names[number % runs]
        refused = number % 7 == 0
        call(
            log,
            number,
            action="BLOCK" if refused else "PASS",
            path=f"/home/ada/project/src/m{number % 50}.py",
            run=name,
        )
        if number % 5 == 0:
            request(log, name)
        for row in log.rows:
            yield canonical(row)
            if (rows := rows - 1) == 0:
                return
        log.rows.clear()
