"""An answer is bound to the exact call, its run, its directory and the policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.occasio_core.approvals.questions import QUESTION, question


def test_the_same_question_has_the_same_digest() -> None:
    assert question().digest("run") == QUESTION.digest("run")


@pytest.mark.parametrize(
    "change", [{"call": "toolu_2"}, {"input_digest": "3" * 64}, {"cwd": "/else"}, {"tool": "PowerShell"}], ids=str
)
def test_another_call_has_another_digest(change: dict[str, object]) -> None:
    """Hole 64: what is bound is the digest of the exact input, not a command with its spaces folded."""
    assert question(**change).digest("run") != QUESTION.digest("run")


def test_another_run_or_policy_has_another_digest() -> None:
    """Hole 66: the run, the directory and the policy are bound as well."""
    assert QUESTION.digest("other") != QUESTION.digest("run")
    assert replace(QUESTION, policy_sha256="4" * 64).digest("run") != QUESTION.digest("run")
