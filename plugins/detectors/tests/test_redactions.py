"""More secrets than are ordinary are told, and one is not counted again and again."""

from __future__ import annotations

from occasio_core import Observation
from occasio_detectors import SecretRate
from plugins.detectors.tests.rows import findings, opened, seen


def secret(at: float, count: int = 1, content: str | None = None) -> Observation:
    digest = content or f"content {at}"
    return seen(at, "tool_result", secrets_redacted=count, secret_labels=["password"], content_digest=digest)


def test_secrets_are_added_up() -> None:
    watch = opened(SecretRate())
    assert findings(watch, [secret(0, 2), secret(1, 3)]) == []
    (found,) = findings(watch, [secret(2, 1)])
    assert (found.observed, len(found.rows)) == (6, 3)


def test_157_a_single_redaction_is_no_finding() -> None:
    assert findings(opened(SecretRate()), [secret(hour * 3600.0, 3) for hour in range(100)]) == []


def test_157_the_same_content_counts_once_for_each_call() -> None:
    watch = opened(SecretRate())
    findings(watch, [secret(0, 2, "same")])
    assert findings(watch, [secret(at, 2, "same") for at in range(1, 4)]) == []


def test_results_that_were_withheld_count_by_their_kinds() -> None:
    rows = [
        seen(at, "tool_result", secret_labels=["a", "b"], result_kind="withheld", content_digest=str(at))
        for at in range(3)
    ]
    assert len(findings(opened(SecretRate()), rows)) == 1


def test_what_requests_tell_counts_too_and_other_rows_do_not() -> None:
    watch = opened(SecretRate())
    assert findings(watch, [seen(at, "hook_event", secrets_redacted=9) for at in range(5)]) == []
    assert findings(watch, [seen(9 + at, "request", secrets_redacted=3) for at in range(2)])


def test_a_file_with_very_many_secrets_says_no_more_than_one_with_some() -> None:
    (found,) = findings(opened(SecretRate()), [secret(0, 10_000), secret(1, 10_000)])
    assert found.observed == 10


def test_rows_of_the_node_implementation_have_them_in_calls() -> None:
    rows = [seen(at, "tool_call", action="TRANSFORM", secrets_redacted=2) for at in range(3)]
    assert len(findings(opened(SecretRate()), rows)) == 1
