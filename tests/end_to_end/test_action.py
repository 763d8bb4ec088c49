"""The Action's own steps, run as a runner runs them, against a fake GitHub and a private Sigstore on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.action import Ran, Runner
from tests.fake_github import CHECK_RUN_URL, FakeGitHub
from tests.private_sigstore import PrivateSigstore
from tests.private_sigstore.signed import IDENTITY

OCCASIO = Path(sys.executable).with_name("occasio")
SHA = "a" * 40
OF_A_JOB = ("GITHUB_", "ACTIONS_", "RUNNER_", "OCCASIO_")

pytestmark = pytest.mark.skipif(shutil.which("bash") is None or not OCCASIO.exists(), reason="needs bash and `occasio`")


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the agent's job hands over: the log and the policies."""
    place = tmp_path_factory.mktemp("action")
    subprocess.run(
        [OCCASIO, "demo", "attest", "--out", place / "demo-out"], check=True, capture_output=True, timeout=120
    )
    home, handed = place / "demo-out" / "home", place / "evidence"
    shutil.copytree(home / "policies", handed / "policies")
    shutil.copy(home / "pipeline-events.jsonl", handed)
    return handed


def ran(
    temp: Path, api: str, inputs: Mapping[str, str], *, done: Mapping[str, dict[str, str]] | None = None, **more: str
) -> Ran:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OF_A_JOB)}
    job = {
        "GITHUB_REPOSITORY": "octo/agent",
        "GITHUB_SHA": SHA,
        "GITHUB_API_URL": api,
        "GITHUB_STEP_SUMMARY": str(temp / "summary"),
    }
    # to install is to download: the tests' own Occasio is taken for it
    given = {"install": {"occasio": str(OCCASIO)}} if done is None else done
    return Runner(temp, clean | job | more, inputs).run(given)


def checked(github: FakeGitHub) -> Any:
    ((_, headers, body),) = github.requests
    assert headers["Authorization"] == "Bearer t0ken"
    return body


def test_a_job_seals_signs_as_itself_verifies_and_tells(tmp_path: Path, evidence: Path) -> None:
    with FakeGitHub() as github, PrivateSigstore() as sigstore:
        files = {"trust-config": sigstore.client_trust_config(), "trusted-root": sigstore.trusted_root()}
        for name, document in files.items():
            (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
        ref = {
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_WORKFLOW_REF": IDENTITY.removeprefix("https://github.com/"),
        }
        inputs = {"evidence": str(evidence), **{name: str(tmp_path / name) for name in files}}
        done = ran(tmp_path, github.url, inputs, **sigstore.github_environment(), **ref)
    assert done.outcomes["seal"] == done.outcomes["report"] == "success", done.printed
    outputs = done.action_outputs
    assert (outputs["verdict"], outputs["conclusion"], outputs["check-run-url"]) == (
        "VERIFIED",
        "success",
        CHECK_RUN_URL,
    )
    assert outputs["rekor-entry"].startswith("https://search.sigstore.dev/?logIndex=")
    assert checked(github)["conclusion"] == "success"
    uploaded = done.used["actions/upload-artifact"]["path"].split()
    assert uploaded[:2] == [outputs["bundle-path"], outputs["attestation-path"]]
    assert all(Path(path).exists() for path in uploaded)


def test_a_key_from_a_secret_signs_alone(tmp_path: Path, evidence: Path) -> None:
    key = (evidence.parent / "demo-out" / "home" / "keys" / "default.pem").read_text(encoding="utf-8")
    with FakeGitHub() as github:
        done = ran(tmp_path, github.url, {"evidence": str(evidence), "sign": "false", "signing-key": key})
    assert done.action_outputs["verdict"] == "VERIFIED", done.printed
    assert key.split()[4] not in done.printed


def test_without_the_right_to_sign_nothing_is_uploaded_and_the_check_fails(tmp_path: Path, evidence: Path) -> None:
    with FakeGitHub() as github:
        done = ran(tmp_path, github.url, {"evidence": str(evidence)})
    assert (done.outcomes["seal"], done.outcomes["report"]) == ("failure", "failure")
    assert "id-token: write" in done.printed
    assert "actions/upload-artifact" not in done.used
    assert checked(github)["conclusion"] == "failure"


def test_an_agent_that_changed_its_log_gets_no_signature(tmp_path: Path, evidence: Path) -> None:
    forged = tmp_path / "forged"
    shutil.copytree(evidence, forged)
    log = forged / "pipeline-events.jsonl"
    log.write_bytes(log.read_bytes().replace(b"salaries", b"salariex", 1))
    with FakeGitHub() as github:
        done = ran(tmp_path, github.url, {"evidence": str(forged), "sign": "false"})
    assert done.outcomes["seal"] == "failure" and done.action_outputs["bundle-path"] == ""
    assert checked(github)["conclusion"] == "failure"


def test_inputs_cannot_start_anything(tmp_path: Path, evidence: Path) -> None:
    mark = tmp_path / "mark"
    for name in ("run-id", "chain-file", "public-key", "identity"):
        with FakeGitHub() as github:
            ran(
                tmp_path,
                github.url,
                {"evidence": str(evidence), "sign": "false", name: f'$(touch {mark}) "; touch {mark}; "'},
            )
    assert not mark.exists()


@pytest.mark.parametrize(
    "version", ["latest", "1.2", ">=1.0.0", "1.2.3; id", "1.2.3 evil", "$(id)", "1.2.3\n--editable ."]
)
def test_no_version_but_an_exact_one_is_installed(tmp_path: Path, version: str) -> None:
    done = ran(tmp_path, "http://127.0.0.1:9", {"occasio-version": version}, done={})
    assert done.outcomes == {
        "install": "failure",
        "seal": "skipped",
        "Keep the evidence": "skipped",
        "report": "skipped",
    }
    assert "not an exact version" in done.printed
    assert not (tmp_path / "occasio-venv").exists()
