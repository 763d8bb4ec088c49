"""Questions as the tests of approvals ask them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from occasio_core.approvals.question import Question
from occasio_core.model import Action, CallId, Opinion, SessionId, ToolCall

CALL = ToolCall(
    session=SessionId("s"),
    call=CallId("toolu_1"),
    agent="claude-code",
    protocol="anthropic-http",
    tool="Bash",
    input=MappingProxyType({"command": "git push"}),
    input_digest="1" * 64,
    cwd="/work",
)
QUESTION = Question(
    call=CALL,
    tool="shell_bash",
    inputs={"command": "git push"},
    effects=("execute git",),
    touched=("execute git ()",),
    opinion=Opinion(action=Action.ASK, reason="approval-required", rule="identity_approval: push", message="pushes"),
    policy_sha256="2" * 64,
)


def question(**changes: object) -> Question:
    """Return the question about another call."""
    return replace(QUESTION, call=replace(CALL, **changes))  # type: ignore[arg-type]
