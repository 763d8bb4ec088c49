"""What the tests of the dialects share: answers of every kind, and what an agent gets of them, parsed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from occasio_core import HookAnswer, HookDialect, Json

_EVERY = (
    HookAnswer(),
    HookAnswer(refuses=True, text="deny_paths: ./private"),
    HookAnswer(refuses=True),
    HookAnswer(notice="[withheld]"),
    HookAnswer(texts=("",)),
    HookAnswer(texts=("[REDACTED]",)),
)


@pytest.fixture(params=_EVERY, ids=["goes-on", "refused", "without-reason", "withheld", "emptied", "redacted"])
def answer(request: pytest.FixtureRequest) -> HookAnswer:
    """Every kind of answer, one after the other."""
    given: HookAnswer = request.param
    return given


@pytest.fixture
def replied() -> Callable[[HookDialect, Mapping[str, Json], HookAnswer], Any]:
    """What an agent reads on standard output that told an event, None for nothing; it is all that it gets."""

    def said(dialect: HookDialect, payload: Mapping[str, Json], answer: HookAnswer) -> Any:
        reply = dialect.reply(dialect.event(payload), answer)
        assert (reply.exit_code, reply.stderr) == (0, b"")
        return json.loads(reply.stdout) if reply.stdout else None

    return said
