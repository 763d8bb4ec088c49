"""The two commands, one after the other as the Action runs them: what they leave, print, and exit with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake_github import CHECK_RUN_URL, FakeGitHub

SHA = "a" * 40
OF_A_JOB = ("GITHUB_", "ACTIONS_", "RUNNER_", "OCCASIO_")


class Job:
    """One job: its environment, its files, and the commands in it."""

    def __init__(self, place: Path, evidence: Path, api: str) -> None:
        self.place = place
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OF_A_JOB)}
        self.environment = clean | {
            "RUNNER_TEMP": str(place),
            "OCCASIO_HOME": str(place / "home"),
            "GITHUB_REPOSITORY": "octo/agent",
            "GITHUB_SHA": SHA,
            "GITHUB_API_URL": api,
            "GITHUB_OUTPUT": str(place / "output"),
            "GITHUB_STEP_SUMMARY": str(place / "summary"),
            "OCCASIO_ACTION_GITHUB_TOKEN": "t0ken",
            "OCCASIO_ACTION_EVIDENCE": str(evidence),
            "OCCASIO_ACTION_SIGN": "false",
        }

    def run(self, command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "occasio_core", "github", command],
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.place / "output").read_text(encoding="utf-8").splitlines()
        return {lines[i].partition("<<")[0]: lines[i + 1] for i in range(0, len(lines), 3)}

    @property
    def summary(self) -> str:
        return (self.place / "summary").read_text(encoding="utf-8")


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with FakeGitHub() as running:
        yield running


@pytest.fixture
def job(tmp_path: Path, evidence: Path, github: FakeGitHub) -> Job:
    return Job(tmp_path, evidence, github.url)


def checked(github: FakeGitHub) -> Any:
    ((_, _, body),) = github.requests
    return body


def test_an_unsigned_run_is_neutral(job: Job, github: FakeGitHub) -> None:
    assert job.run("seal").returncode == 0
    done = job.run("report")
    assert (done.returncode, done.stdout) == (0, "conclusion: neutral\n")
    assert checked(github)["conclusion"] == "neutral"
    assert checked(github)["output"]["title"] == "Occasio Attested · 7 calls · 4 blocked"
    assert job.outputs["verdict"] == "INTACT" and job.outputs["check-run-url"] == CHECK_RUN_URL
    assert Path(job.outputs["bundle-path"]).exists() and Path(job.outputs["attestation-path"]).exists()
    assert "Blocked attempts" in job.summary and "salaries" in job.summary


def test_no_key_is_left_for_the_steps_after(job: Job, evidence: Path) -> None:
    key = next((evidence / "keys").glob("default.pem")).read_text(encoding="utf-8")
    assert job.run("seal", OCCASIO_ACTION_SIGNING_KEY=key).returncode == 0
    left = [path for path in (job.place / "occasio-evidence").rglob("*") if path.is_file()]
    assert sorted(path.name for path in left) == ["report.json", "run.attestation.json", "run.occasio.json"]
    assert json.loads(left[0].with_name("report.json").read_bytes())["verdict"] == "VERIFIED"


def test_a_changed_bundle_is_a_failure_and_the_step_fails(job: Job, github: FakeGitHub, evidence: Path) -> None:
    job.run("seal")
    bundle, out = Path(job.outputs["bundle-path"]), job.place / "occasio-evidence"
    bundle.write_bytes((evidence.parent / "tampered.occasio.json").read_bytes())
    verify = [sys.executable, "-m", "occasio_core", "verify", str(bundle), "--json"]
    (out / "report.json").write_bytes(
        subprocess.run(verify, env=job.environment, capture_output=True, check=False).stdout
    )
    assert job.run("report").returncode == 1
    assert checked(github)["conclusion"] == "failure"
    assert "row&#45;hash" in checked(github)["output"]["summary"]


def test_no_bundle_is_a_failure_that_says_why(job: Job, github: FakeGitHub) -> None:
    log = job.place / "nothing.jsonl"
    sealed = job.run("seal", OCCASIO_ACTION_CHAIN_FILE=str(log))
    assert sealed.returncode != 0 and "Traceback" not in sealed.stderr
    assert job.run("report").returncode == 1
    assert checked(github)["conclusion"] == "failure"
    assert "no log at" in checked(github)["output"]["summary"]


def test_without_the_step_before_there_is_a_failure_too(job: Job, github: FakeGitHub) -> None:
    assert job.run("report").returncode == 1
    assert checked(github)["conclusion"] == "failure"


def test_another_policy_than_the_expected_one_fails_the_job(job: Job, github: FakeGitHub) -> None:
    job.run("seal")
    assert job.run("report", OCCASIO_ACTION_EXPECTED_POLICY="0" * 64).returncode == 1
    assert "another policy" in checked(github)["output"]["summary"]


def test_a_wrong_input_is_told_by_both_steps(job: Job) -> None:
    for command in ("seal", "report"):
        done = job.run(command, OCCASIO_ACTION_RUN_ID="x;id")
        assert done.returncode == 2 and "`run-id`" in done.stderr


def test_a_check_run_that_is_refused_is_a_warning(tmp_path: Path, evidence: Path) -> None:
    with FakeGitHub(403) as github:
        job = Job(tmp_path, evidence, github.url)
        job.run("seal")
        done = job.run("report")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith(
        "::warning title=Occasio::there is no Check Run: GitHub refused the Check Run: status 403"
    )
    assert "check-run-url" not in job.outputs and job.outputs["conclusion"] == "neutral"


def test_nothing_that_the_run_says_is_printed(job: Job) -> None:
    printed = "".join(done.stdout + done.stderr for done in (job.run("seal"), job.run("report")))
    assert "salaries" not in printed and "deny_paths" not in printed


def test_the_link_to_a_viewer_names_repository_and_commit(job: Job, github: FakeGitHub) -> None:
    job.run("seal")
    job.run("report", OCCASIO_ACTION_VIEW_BASE_URL="https://view.test/v")
    assert checked(github)["details_url"] == f"https://view.test/v?repo=octo%2Fagent&sha={SHA}"


def test_outputs_are_read_back_as_they_were_put(job: Job) -> None:
    job.run("seal")
    assert json.loads(Path(job.outputs["bundle-path"]).read_bytes())["schema"] == "occasio-bundle/v1"
