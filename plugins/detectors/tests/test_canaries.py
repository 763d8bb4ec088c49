"""What the policy names as a canary is told when it is touched, and nothing is one by itself."""

from __future__ import annotations

import pytest

from occasio_core import Json, Severity
from occasio_detectors import Canary
from plugins.detectors.tests.rows import findings, opened, seen


def told(effects: list[str], action: str = "PASS", **options: Json) -> list[Severity]:
    row = seen(0, action=action, effects=list[Json](effects))
    return [one.severity for one in findings(opened(Canary(), **options), [row])]


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("passwords.kdbx", "/p/passwords.kdbx"),
        ("**/payroll/*.xlsx", "/p/a/payroll/2026.xlsx"),
        ("/srv/secret/*", "/srv/secret/plan.txt"),
        ("~/.ssh/id_canary", "/home/ada/.ssh/id_canary"),
    ],
)
def test_a_file_is_known_by_its_pattern(pattern: str, path: str) -> None:
    assert told([f"read {path}"], paths=[pattern]) == [Severity.HIGH]
    assert told([f"read {path.rpartition('/')[0]}.other"], paths=[pattern]) == []


@pytest.mark.parametrize("kind", ["read", "write", "delete", "execute"])
def test_whatever_is_done_to_it_counts(kind: str) -> None:
    assert told([f"{kind} /p/canary"], paths=["canary"]) == [Severity.HIGH]


def test_a_host_is_one_too() -> None:
    assert told(["connect https://db.canary.example:5432"], hosts=["*.canary.example"]) == [Severity.HIGH]


def test_an_attempt_that_was_refused_matters_less() -> None:
    assert told(["read /p/canary"], "BLOCK", paths=["canary"]) == [Severity.MEDIUM]


def test_nothing_is_one_by_itself() -> None:
    assert told(["read /p/canary", "connect canary.example"]) == []


def test_it_is_told_once_for_an_attempt_and_once_for_a_success() -> None:
    rows = [seen(at, action=action, effects=["read /p/canary"]) for at in range(5) for action in ("BLOCK", "PASS")]
    assert len(findings(opened(Canary(), paths=["canary"]), rows)) == 2
