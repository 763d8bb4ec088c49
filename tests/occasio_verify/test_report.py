import pytest

from occasio_verify.report import Check, Report, Status


def report(*statuses: Status) -> Report:
    return Report(
        subject="run \x1b[2J",
        profile="occasio",
        checks=tuple(Check("name", each, "code", "detail") for each in statuses),
    )


@pytest.mark.parametrize(
    ("statuses", "verdict", "code"),
    [
        ((), "FAILED", 1),
        ((Status.PASS,), "VERIFIED", 0),
        ((Status.PASS, Status.NOT_CHECKED), "INTACT", 3),
        ((Status.NOT_CHECKED, Status.FAIL, Status.PASS), "FAILED", 1),
    ],
)
def test_the_verdict_follows_from_the_checks(statuses, verdict, code):
    assert (report(*statuses).verdict, report(*statuses).exit_code()) == (verdict, code)


def test_integrity_is_enough_only_where_nothing_failed():
    assert report(Status.PASS, Status.NOT_CHECKED).exit_code(integrity_only=True) == 0
    assert report(Status.FAIL).exit_code(integrity_only=True) == 1


def test_what_is_printed_cannot_steer_a_terminal():
    assert "\x1b" not in report(Status.PASS).to_text()
