"""Answers as agents read them: JSON on standard output, or exit code 2 and a text."""

from __future__ import annotations

import json

from occasio_core import HookReply, Json

GOES_ON = HookReply()  # nothing said: the agent does what it would do without us
WITHOUT_REASON = "Occasio refuses, and gives no reason"


def said(members: dict[str, Json]) -> HookReply:
    """Return the reply that is a JSON object."""
    return HookReply(stdout=json.dumps(members).encode() + b"\n")


def blocked(text: str) -> HookReply:
    """Return the reply of exit code 2; agents want a reason."""
    return HookReply(exit_code=2, stderr=f"{text or WITHOUT_REASON}\n".encode("utf-8", "backslashreplace"))
