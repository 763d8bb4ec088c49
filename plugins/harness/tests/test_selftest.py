"""The self-test passes here, and each of its checks fails where what it looks at does not hold or cannot be looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from occasio_harness import selftest as checks
from occasio_harness.commands import selftest
from occasio_harness.evidence import Row
from occasio_harness.process import Finished
from occasio_harness.scratch import prepared
from occasio_harness.selftest import CHECKS, Check, Checked, as_document, is_ok, shown
from occasio_harness.trial import AWS, MADE, REDACTING, Trial

SEED = (
    *("denied-read", "denied-cat", "denied-powershell", "local-read", "secret-withheld", "secret-redacted"),
    *("chain-verifies", "rows-counted"),
)
BY_NAME = {check.name: check for check in CHECKS}


@pytest.fixture(scope="module")
def done() -> list[Checked]:
    return checks.selftest()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_check_holds(done: list[Checked], name: str) -> None:
    (found,) = [one for one in done if one.check.name == name]
    assert found.why == ""


def test_the_seeds_eight_are_among_them() -> None:
    assert set(SEED) <= set(BY_NAME)


def broken(tmp_path: Path, change: Callable[[Trial], None]) -> Trial:
    """Return a trial in which something was changed after its first run."""
    trial = Trial(tmp_path.resolve())
    assert trial.first
    change(trial)
    return trial


def with_rows(trial: Trial, change: Callable[[Row], Row]) -> None:
    trial.__dict__["first"] = replace(trial.first, rows=[change(row) for row in trial.first.rows])


def passes_all(trial: Trial) -> None:
    with_rows(trial, lambda row: {**row, "action": "PASS"} if row["kind"] == "tool_call" else row)


def leaks(trial: Trial) -> None:
    text = f"{trial.scratch.denied.text} {AWS}".encode()
    trial.__dict__["first"] = replace(
        trial.first,
        results=dict.fromkeys(trial.first.results, text),
        sent=[replace(one, data=one.data + text) for one in trial.first.sent],
    )


def loses_results(trial: Trial) -> None:
    trial.__dict__["first"] = replace(trial.first, results={})


def spoils_files(trial: Trial) -> None:
    (trial.scratch.work / MADE).touch()
    trial.scratch.policy.write_text(REDACTING + "#\n", encoding="utf-8")
    (trial.scratch.home / "key").write_text("sk-only-the-model-may-see-this-key", encoding="utf-8")
    trial.scratch.log.write_bytes(trial.scratch.log.read_bytes().replace(b'"PASS"', b'"BLOCK"', 1))


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (passes_all, ["denied-read", "denied-cat", "denied-powershell", "local-read", "policy-protected", "mixed-turn", "rows-counted"]),
        (leaks, ["denied-read", "denied-cat", "denied-powershell", "local-read", "passed-command", "secret-redacted", "marker-nowhere"]),
        (loses_results, ["denied-read", "local-read", "passed-command", "secret-redacted"]),
        (spoils_files, ["mixed-turn", "policy-protected", "key-kept", "chain-verifies", "bundle-verifies"]),
    ],
)  # fmt: skip
def test_a_check_fails_where_it_does_not_hold(
    change: Callable[[Trial], None], names: list[str], tmp_path: Path
) -> None:
    trial = broken(tmp_path, change)
    assert [name for name in names if not checks.looked(BY_NAME[name], trial)] == []


def test_hooks_gateway_and_verifier_are_believed_only_with_their_answers(tmp_path: Path) -> None:
    trial = Trial(tmp_path.resolve())
    allows = Finished(exit_code=0, stdout='{"permissionDecision": "allow"}', stderr="")
    trial.__dict__["hook"] = (allows, allows)
    trial.__dict__["server"] = ({"result": "vault"}, {"result": "vault"})
    for name in ("hook-denied", "hook-fails-closed", "mcp-denied"):
        assert checks.looked(BY_NAME[name], trial)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_check_that_could_not_be_made_has_failed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr("occasio_harness.trial.prepared", cannot)
    monkeypatch.setattr("occasio_harness.selftest.prepared", cannot)
    assert checks.looked(BY_NAME[name], Trial(tmp_path)).startswith("could not be looked at")


def test_no_check_is_no_success() -> None:
    assert not is_ok([])


GOOD, BAD = (Checked(Check(name, f"{name} holds", lambda trial: ""), why) for name, why in (("a", ""), ("b", "no")))


def test_a_line_for_each_and_one_for_all() -> None:
    assert shown([GOOD, BAD]).splitlines() == ["ok    a holds", "FAIL  b holds: no", "1 of 2 checks passed"]
    assert as_document([GOOD, BAD])["ok"] is False  # type: ignore[index, call-overload]


@pytest.mark.parametrize(("found", "code"), [([GOOD], 0), ([GOOD, BAD], 1), ([], 1)])
def test_the_exit_code_says_whether_all_hold(found: list[Checked], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "selftest", lambda: found)
    assert CliRunner().invoke(selftest, []).exit_code == code
    told = CliRunner().invoke(selftest, ["--json"])
    assert json.loads(told.stdout)["schema"] == "occasio-selftest/v1"


def test_a_scratch_is_prepared_for_the_policy_that_is_bad(tmp_path: Path) -> None:
    assert prepared(tmp_path).policy.is_file()
