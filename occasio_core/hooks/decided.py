"""What a run has decided and recorded of each call, whichever door it came through.

Fed with every row as it is written, so that a hook that sees a call behind the proxy neither decides it anew nor has it
counted twice.  For several threads at once.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from occasio_core.commands import Record


@dataclass(frozen=True, slots=True)
class Known:
    """The decision on a call, and the door that it was taken at."""

    action: str
    protocol: str
    input_digest: str
    tool: str = ""
    effects: tuple[str, ...] = ()
    has_result: bool = False
    is_approved: bool = False


class Decided:
    """Remembers decisions by the calls' ids."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._lock = threading.Lock()

    def note(self, record: Record) -> None:
        """Take notice of a row that was written."""
        call = record.members.get("call_id")
        if not isinstance(call, str):
            return
        with self._lock:
            if record.kind == "tool_call":
                action, digest = str(record.members["action"]), str(record.members["input_digest"])
                tool, effects = str(record.members["tool_name"]), record.members["effects"]
                assert isinstance(effects, list)
                self._known[call] = Known(
                    action=action,
                    protocol=record.protocol,
                    input_digest=digest,
                    tool=tool,
                    effects=tuple(map(str, effects)),
                    is_approved="approval_id" in record.members,
                )
            elif record.kind == "tool_result" and (known := self._known.get(call)) is not None:
                self._known[call] = replace(known, has_result=True)

    def find(self, call: str) -> Known | None:
        """Return what is known of the call, None if nobody has decided on it."""
        with self._lock:
            return self._known.get(call)
