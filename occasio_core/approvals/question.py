"""What a person is asked, and what she may answer.

Only nouns, and the digest that ties an answer to one call: the tool and its exact input, the run, the call's id, the
directory and the policy in force.  Knows no files and no clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from occasio_core.model import Opinion, ToolCall
from occasio_verify import Json, canonical

LIFE_SECONDS = 900  # an answer that comes later is none; longer than agents wait for a silent stream


class Ending(StrEnum):
    """How a question ends.  Each question ends once, and no end can be taken back."""

    GRANTED = "granted"
    DENIED = "denied"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call that waits for a person.

    `inputs` is the whole input, a text for each member, and `effects` what a row keeps of them: secrets masked.
    `touched` has every name of what it would touch: an answer holds for these.
    """

    call: ToolCall
    tool: str
    inputs: Mapping[str, Json] = field(repr=False)
    effects: tuple[str, ...] = field(repr=False)
    touched: tuple[str, ...] = field(repr=False)
    opinion: Opinion
    policy_sha256: str

    def digest(self, run_id: str) -> str:
        """Return the SHA-256, in lower-case hex, of everything that the answer is bound to."""
        bound: dict[str, Json] = {
            "call_id": self.call.call,
            "cwd": self.call.cwd,
            "input_digest": self.call.input_digest,
            "policy_hash": self.policy_sha256,
            "run_id": run_id,
            "tool": self.call.tool,
        }
        return hashlib.sha256(canonical(bound)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A question that was asked: its id, and until when it can be answered, as RFC 3339 has it."""

    approval_id: str
    expires_at: str
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a person said, and how it is known; `approver` is None where nobody said anything."""

    answer: Ending
    approver: str | None = None
    method: str | None = None
    message: str = ""
