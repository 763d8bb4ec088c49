"""A log of one run, made row by row, for the tests of what is shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from occasio_verify import Row, parse_row
from tests.samples import RUN, Log, end, sha256, start

SESSION = "b6cf2e5a-1f0c-4b0e-8d51-5a4d2f1f6c11"


class Run:
    """Appends what a test wants; `rows` are those of the log so far, parsed."""

    def __init__(self, run: str = RUN, log: Log | None = None) -> None:
        self.log = log or Log()
        self.run = run
        start(self.log, run)

    def call(
        self,
        call: str,
        action: str = "PASS",
        *,
        tool: str = "read_file",
        effects: Sequence[str] = (),
        inputs: dict[str, Any] | None = None,
        reason: str = "ok",
        **more: Any,
    ) -> Run:
        fields = {"call_id": call, "input_digest": sha256(call.encode()), "effects": list(effects), "reason": reason}
        fields |= {"action": action, "tool_name": tool, "tool_inputs": inputs or {}, **more}
        return self.append("tool_call", **fields)

    def result(self, call: str, kind: str = "pass", size: int = 100, **more: Any) -> Run:
        digest = sha256(call.encode())
        return self.append("tool_result", call_id=call, content_digest=digest, result_kind=kind, size=size, **more)

    def request(self, *, sent: int = 10, cached: int = 0, received: int = 5, status: int = 200, **more: Any) -> Run:
        tokens = {"input_tokens": sent, "cache_read_tokens": cached, "cache_write_tokens": 0, "output_tokens": received}
        return self.append("request", **tokens, model="claude-opus-4-8", status=status, **more)

    def append(self, kind: str, **fields: Any) -> Run:
        self.log.append(kind, self.run, agent="claude-code", **fields)
        return self

    def end(self) -> Run:
        end(self.log, self.run)
        return self

    @property
    def rows(self) -> list[Row]:
        return [parse_row(line) for line in self.log.lines]
