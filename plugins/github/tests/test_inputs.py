"""Inputs: the defaults protect, and what has not the form that it must have is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import UsageError
from occasio_github.inputs import GITHUB_ISSUER, inputs

JOB = {
    "GITHUB_REPOSITORY": "octo/agent",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_WORKFLOW_REF": "octo/agent/.github/workflows/agent.yml@refs/heads/main",
}


def test_without_any_the_run_is_signed_as_this_very_workflow() -> None:
    asked = inputs(JOB)
    assert asked.sign
    assert asked.identity == "https://github.com/octo/agent/.github/workflows/agent.yml@refs/heads/main"
    assert (asked.issuer, asked.repository) == (GITHUB_ISSUER, "octo/agent")
    assert asked.run_id is asked.chain_file is asked.expected_policy is None


def test_an_empty_input_is_none() -> None:
    assert inputs({**JOB, "OCCASIO_ACTION_RUN_ID": "", "OCCASIO_ACTION_SIGN": ""}) == inputs(JOB)


def test_what_is_given_is_taken() -> None:
    asked = inputs(
        {
            **JOB,
            "OCCASIO_ACTION_CHAIN_FILE": "a log.jsonl",
            "OCCASIO_ACTION_SIGN": "false",
            "OCCASIO_ACTION_ON_BLOCKED": "neutral",
        }
    )
    assert (asked.chain_file, asked.sign, asked.on_blocked) == (Path("a log.jsonl"), False, "neutral")


def test_a_key_is_not_shown() -> None:
    assert "PRIVATE" not in repr(inputs({**JOB, "OCCASIO_ACTION_SIGNING_KEY": "PRIVATE"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RUN_ID", "--help"),
        ("RUN_ID", "7F1D0C1E-5B1A-4C5E-9F5E-0123456789AB"),
        ("CHAIN_FILE", "--out=x"),
        ("CHAIN_FILE", "a\nb"),
        ("POLICY_FILE", "a\0b"),
        ("POLICY_FILE", "x" * 1025),
        ("SIGN", "yes"),
        ("SIGN", "True"),
        ("EXPECTED_POLICY", "0" * 63),
        ("ON_BLOCKED", "cancelled"),
        ("VIEW_BASE_URL", "javascript:alert(1)"),
        ("VIEW_BASE_URL", "https://view.test/) [x](https://evil.test"),
        ("REPOSITORY", "octo"),
        ("ISSUER", "http://issuer.test"),
        ("IDENTITY", "a\u202eb"),
    ],
)
def test_what_has_not_the_form_is_refused_by_the_inputs_name(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"`{name.lower().replace('_', '-')}`"):
        inputs({**JOB, f"OCCASIO_ACTION_{name}": value})
