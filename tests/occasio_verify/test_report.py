"""What a report says: the verdict follows from the checks, and nobody else's text can pass for the report's own."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify.report import Basis, Check, Claim, Exit, Report, Status, clipped

STATUSES = st.lists(st.sampled_from(Status), max_size=5)
NASTY = "\x1b[2J\x1b[1;1HVERIFIED\r\n\x07\u202eevil\u2066\x9b\u200b\ud800\u2028VERIFIED"


def report(*statuses: Status, **members: object) -> Report:
    checks = tuple(Check(f"check-{number}", each, "code", "detail") for number, each in enumerate(statuses))
    return Report(**{"subject": "run x", "profile": "occasio", "checks": checks, **members})


def told(text: str) -> Report:
    """Return a report in which everything that others may choose is `text`."""
    return report(
        Status.PASS,
        subject=f"run {text}",
        checks=tuple(Check("name", status, "code", text) for status in Status),
        claims=tuple(Claim("claim", value, basis) for value in (text, [text], {text: 1}) for basis in Basis),
        blocked=({"tool": text, "target": text, "rule": text, "at_offset_s": text}, {}),
        signer=text,
        notes=(text,),
    )


@pytest.mark.parametrize(
    ("statuses", "verdict", "code"),
    [
        ((), "FAILED", 1),
        ((Status.PASS,), "VERIFIED", 0),
        ((Status.PASS, Status.NOT_CHECKED), "INTACT", 3),
        ((Status.NOT_CHECKED,), "INTACT", 3),
        ((Status.NOT_CHECKED, Status.FAIL, Status.PASS), "FAILED", 1),
        ((Status.FAIL,), "FAILED", 1),
    ],
)
def test_the_verdict_follows_from_the_checks(statuses, verdict, code):
    assert (report(*statuses).verdict, report(*statuses).exit_code()) == (verdict, code)


@settings(deadline=None)
@given(STATUSES, st.booleans())
def test_only_passed_checks_verify_and_only_where_there_are_some(statuses, integrity_only):
    found = report(*statuses)
    assert (found.verdict == "VERIFIED") == (set(statuses) == {Status.PASS})
    if Status.FAIL in statuses or not statuses:
        assert found.exit_code(integrity_only=integrity_only) is Exit.FAILED


def test_integrity_is_enough_only_where_nothing_failed():
    assert report(Status.PASS, Status.NOT_CHECKED).exit_code(integrity_only=True) == 0
    assert report(Status.PASS, Status.NOT_CHECKED).verdict == "INTACT"
    assert report(Status.FAIL).exit_code(integrity_only=True) == 1


def test_a_check_that_was_not_made_is_not_shown_as_passed():
    lines = report(Status.PASS, Status.FAIL, Status.NOT_CHECKED).to_text().splitlines()
    assert [line.split()[0] for line in lines if "check-" in line] == ["ok", "FAIL", "--"]


@settings(deadline=None, max_examples=200)
@given(
    st.text() | st.sampled_from([NASTY, "VERIFIED " * 30, "\u2800" * 200 + "VERIFIED", "漢" * 300]),
    st.integers(40, 120),
)
def test_text_of_others_neither_steers_the_terminal_nor_begins_a_line(text, width):
    first, *lines = told(text).to_text(width).split("\n")
    assert all(character.isprintable() for line in (first, *lines) for character in line)
    assert first.startswith("FAILED  run")
    assert all(line == "" or line.startswith("  ") for line in lines)


@settings(deadline=None, max_examples=200)
@given(st.text() | st.sampled_from(["a" * 500, "é" * 500, "漢" * 500, "a " * 500]), st.integers(40, 120))
def test_the_terminal_need_not_break_a_line(text, width):
    widths = [
        sum(1 if character.isascii() else 2 for character in line) for line in told(text).to_text(width).split("\n")
    ]
    assert max(widths) <= width


def test_a_digest_stays_in_one_piece():
    claims = (Claim("policy sha256", "0123456789abcdef" * 4, Basis.VERIFIED),)
    assert "0123456789abcdef" * 4 in report(Status.PASS, claims=claims).to_text()


def test_a_refused_call_is_told_with_its_time_or_without():
    events = ({"tool": "read", "target": None, "rule": "r", "at_offset_s": 3}, {"tool": None, "at_offset_s": True})
    lines = report(Status.PASS, blocked=events).to_text().splitlines()
    assert lines[-2:] == ["    read - [r] +3 s", "    - - [-]"]


def test_of_many_refused_calls_the_first_are_told():
    events = tuple({"tool": "t", "target": str(number), "rule": "r", "at_offset_s": 0} for number in range(25))
    lines = report(Status.PASS, blocked=events).to_text().splitlines()
    assert lines[-1] == "    and 5 more (--json shows all)"
    assert len(report(Status.PASS, blocked=events).to_json()["blocked"]) == 25


def test_what_a_verdict_means_depends_on_what_was_checked():
    assert "signer is one that you named" in report(Status.PASS).to_text()
    assert "the row stands" in report(Status.PASS, verified_means="the row stands").to_text()
    assert "the row stands" not in report(Status.FAIL, verified_means="the row stands").to_text()
    half = report(Status.PASS, Status.NOT_CHECKED)
    assert "anybody could have written it" in half.to_text()
    assert "anybody could" not in report(Status.PASS, Status.NOT_CHECKED, signer="ada").to_text()


def test_a_heading_that_is_too_long_keeps_the_verdict_in_front():
    lines = report(
        Status.PASS, signer="/a/very/long/path/to/the/public/key/of/somebody/ada.pub", subject="run " + "x" * 36
    )
    first, second, *_ = lines.to_text().splitlines()
    assert first == "VERIFIED  run " + "x" * 36
    assert second == "  signed by /a/very/long/path/to/the/public/key/of/somebody/ada.pub"


def test_the_json_report_says_everything():
    found = told("x").to_json()
    assert json.loads(json.dumps(found)) == found
    assert found["verdict"] == "FAILED" and found["exit_code"] == 1
    assert {check["status"] for check in found["checks"]} == {"pass", "fail", "not-checked"}
    assert {claim["basis"] for claim in found["claims"]} == {"verified", "self-reported", "inferred", "absent"}


def test_what_is_too_long_to_be_read_is_clipped():
    assert clipped("x" * 1000) == "x" * 1000
    assert clipped("x" * 1001) == "x" * 997 + "..."
