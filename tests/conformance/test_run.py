"""The runner, and the clients that it is there for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.vectors import CONFORMANCE, ROOT, cases, script

ECHO = """\
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    answer = {{"id": request["id"], "ok": True}}
    {body}
    print(json.dumps(answer), flush=True)
"""
FAMILY = ("--only", "parse-levels-*")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Return what the runner did."""
    command = [sys.executable, CONFORMANCE / "run.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def client(tmp_path: Path, body: str) -> list[str | Path]:
    """Return the arguments that make a client which does `body` before it answers yes."""
    path = tmp_path / "client.py"
    path.write_text(ECHO.format(body=body), encoding="utf-8")
    return ["--", sys.executable, path]


def failed(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the ids of the cases that failed."""
    return {line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED ")}


def test_the_python_verifier_passes_every_case() -> None:
    done = run("--", sys.executable, CONFORMANCE / "occasio_verify_client.py")
    assert done.stdout.splitlines()[-1] == f"{len(cases())} passed, 0 failed", done.stdout
    assert done.returncode == 0


def test_a_client_that_always_says_yes_fails_every_hostile_case() -> None:
    done = run("--", sys.executable, CONFORMANCE / "selftest_client.py")
    assert done.returncode == 1
    assert {case.id for case in cases() if case.kind == "hostile"} - failed(done) == set()


def test_a_client_that_always_says_no_fails_every_honest_case(tmp_path: Path) -> None:
    done = run(*client(tmp_path, 'answer = {"id": request["id"], "ok": False, "code": "unsupported-op"}'))
    assert done.returncode == 1
    assert {case.id for case in cases()} - failed(done) == set()


def test_a_failure_says_why_what_was_expected_and_what_came(tmp_path: Path) -> None:
    done = run("--only", "parse-bom", *client(tmp_path, "pass"))
    assert done.stdout.splitlines() == [
        "FAILED parse-bom (hostile, SPEC 3.1)",
        "  why: a byte order mark",
        "  ok: expected false, got true",
        '  code: expected "bom", got null',
        "parse: 0 of 1",
        "0 passed, 1 failed",
    ]


def test_a_client_that_dies_is_started_again_for_the_next_case(tmp_path: Path) -> None:
    done = run(*FAMILY, *client(tmp_path, 'request["id"] == "parse-levels-64" and sys.exit(7)'))
    assert "the client ended with status 7" in done.stdout
    assert "parse-levels-beside" not in failed(done)


def test_a_client_that_hangs_is_given_up_for_that_case_alone(tmp_path: Path) -> None:
    wait = 'request["id"] == "parse-levels-64" and __import__("threading").Event().wait()'
    done = run(*FAMILY, "--seconds", "1", *client(tmp_path, wait))
    assert "no answer in 1 s" in done.stdout
    assert "parse-levels-beside" not in failed(done)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('hello', flush=True)", "not a line of JSON"),
        ('answer["id"] = "other"', "an answer to `other`"),
        ('del answer["ok"]', "an answer without `ok`"),
        ('answer["ok"] = 1', "an answer without `ok`"),
    ],
)
def test_an_answer_that_is_not_one_fails_its_case(tmp_path: Path, body: str, said: str) -> None:
    done = run("--only", "parse-empty-object", *client(tmp_path, body))
    assert said in done.stdout
    assert done.returncode == 1


def test_an_operation_can_be_left_out(tmp_path: Path) -> None:
    done = run("--only", "*-empty", "--skip-op", "parse", *client(tmp_path, "pass"))
    assert "parse-empty" not in failed(done)


def test_a_choice_of_no_case_is_wrong_use(tmp_path: Path) -> None:
    assert run("--only", "nothing", *client(tmp_path, "pass")).returncode == 2


@pytest.mark.parametrize(
    ("expect", "answer", "agrees"),
    [
        ({"ok": True}, {"ok": True, "more": 1}, True),
        ({"ok": True}, {"ok": 1}, False),
        ({"size": 1}, {"size": True}, False),
        ({"size": 1}, {}, False),
        ({"code": ["a", "b"]}, {"code": "b"}, True),
        ({"code": ["a", "b"]}, {"code": "c"}, False),
        ({"first_failed": ["rows", "row-hash"]}, {"failed": [["rows", "row-hash"], ["policy", "x"]]}, True),
        ({"first_failed": ["rows", "row-hash"]}, {"failed": [["policy", "x"], ["rows", "row-hash"]]}, False),
        ({"first_failed": ["rows", "row-hash"]}, {"failed": []}, False),
        ({"first_failed": [["a", "b"], ["c", "d"]]}, {"failed": [["c", "d"]]}, True),
        ({"not_checked": []}, {"not_checked": [["signer", "unsigned"]]}, False),
    ],
)
def test_an_answer_is_compared_member_by_member(
    expect: dict[str, object], answer: dict[str, object], agrees: bool
) -> None:
    assert (script("run").differences(expect, answer) == []) is agrees
