"""What a reviewer reads of a run."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt

from occasio_github.judgement import Judgement
from occasio_github.summary import MOST_BLOCKED, MOST_CHARACTERS, Run, summary, title

GOOD = Judgement("success", ("all is well",))
BAD = Judgement("failure", ("a check failed",))
EVENT = {"tool": "Read", "target": "/home/ada/.ssh/id", "rule": "deny_paths: ~/.ssh", "at_offset_s": 4}
BUNDLE: dict[str, Any] = {
    "run_id": "7f1d0c1e-5b1a-4c5e-9f5e-0123456789ab",
    "attestation": {
        "predicate_type": "https://example.test/v1",
        "agent": {"platform": "claude-code", "model": "m"},
        "policy": {"file_hash": "c" * 64, "source": "user"},
        "subject": {"git_commit": "d" * 40},
        "audit_chain": {"first_hash": "e" * 64, "last_hash": "f" * 64},
    },
}


def run(
    *, blocked: list[Any] | None = None, checks: list[Any] | None = None, rekor: str | None = None, bundle: Any = None
) -> Run:
    counts = {
        "tool_calls": 7,
        "local": 1,
        "passed": 3,
        "blocked": 2,
        "transformed": 1,
        "secrets_redacted": 5,
        "rows": 22,
    }
    claims = [{"name": name, "value": value, "basis": "verified"} for name, value in counts.items()]
    report = {
        "verdict": "VERIFIED",
        "signer": "ada",
        "claims": claims,
        "blocked": blocked or [],
        "checks": checks or [],
    }
    return Run(report=report, bundle=bundle or BUNDLE, rekor_entry=rekor)


def test_the_title_counts() -> None:
    assert title(run(), GOOD) == "Occasio Attested · 7 calls · 2 blocked"
    assert title(run(), BAD) == "Occasio · not verified · 7 calls · 2 blocked"


def test_what_was_not_recomputed_has_no_number() -> None:
    failed = Run(report={"verdict": "FAILED", "claims": [], "checks": [], "blocked": []}, bundle=BUNDLE)
    assert title(failed, BAD) == "Occasio · not verified"
    assert "? / ? / ? / ?" in summary(failed, BAD)


def test_the_table_says_what_the_report_and_the_attestation_say() -> None:
    text = MarkdownIt("commonmark").enable("table").render(summary(run(), GOOD)).replace("&#47;", "/")
    for said in (
        "1 / 3 / 2 / 1",
        "claude-code",
        "ada",
        "22 events",
        "eeeeeeeeeeeeeeee",
        "dddddddddddd",
        "all is well",
        "cccccccccccccccc",
    ):
        assert said in text.replace("&amp;", "&").replace("&lt;code&gt;", "").replace("&lt;/code&gt;", "").replace(
            "&#45;", "-"
        ), said


def test_blocked_attempts_are_a_table_of_at_most_so_many() -> None:
    text = summary(run(blocked=[EVENT] * 40), GOOD)
    assert text.count("T+4s") == MOST_BLOCKED
    assert "15 more stand in the bundle" in text


def test_without_blocked_attempts_there_is_no_such_table() -> None:
    assert "Blocked attempts" not in summary(run(), GOOD)


def test_the_worst_texts_leave_it_short_enough_for_github() -> None:
    event = {"tool": "|" * 9999, "target": "\\`" * 9999, "rule": "<" * 9999, "at_offset_s": 2**53}
    text = summary(run(blocked=[event] * 40), GOOD)
    assert len(text) <= MOST_CHARACTERS
    assert "more stand in the bundle" in text


def test_a_failed_check_is_told_with_its_code() -> None:
    failed = {"name": "rows", "status": "fail", "code": "row-hash", "detail": "row 6"}
    passed = {"name": "format", "status": "pass", "code": "ok", "detail": "fine"}
    text = summary(run(checks=[failed, passed]), BAD)
    assert "row&#45;hash" in text and "fine" not in text


def test_a_link_goes_to_the_transparency_log_or_nowhere() -> None:
    assert "[entry](https://search.sigstore.dev/?logIndex=5)" in summary(
        run(rekor="https://search.sigstore.dev/?logIndex=5"), GOOD
    )
    assert "evil" not in summary(run(rekor="https://evil.test/"), GOOD)


def test_why_there_is_no_bundle_is_told_as_text() -> None:
    text = summary(Run(report=None, bundle=None, problem="no run `x` in [log](https://evil.test)"), BAD)
    assert "no bundle" in text and "](" not in text
    assert title(Run(report=None, bundle=None), BAD) == "Occasio · no evidence"


def test_a_bundle_of_another_form_is_told_of_without_what_it_lacks() -> None:
    for bundle in ({"attestation": None}, {"attestation": {"agent": [], "policy": "x"}}, {"run_id": 5}):
        assert "Signed by" in summary(run(bundle=bundle), GOOD)
