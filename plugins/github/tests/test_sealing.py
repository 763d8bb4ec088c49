"""Sealing a real run: by a key, unsigned, keyless through a private Sigstore with a job's own identity, and not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from occasio_core import OccasioError, UsageError
from occasio_github.inputs import inputs
from occasio_github.sealing import document, rekor_entry, seal
from tests.private_sigstore import PrivateSigstore
from tests.private_sigstore.signed import IDENTITY

OF_A_JOB = ("GITHUB_", "ACTIONS_", "RUNNER_", "OCCASIO_")


def environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(OF_A_JOB)} | more


@pytest.fixture
def key(tmp_path: Path) -> str:
    """A signing key as a secret holds it."""
    home = tmp_path / "keys of the owner"
    home.mkdir(mode=0o700)
    subprocess.run(
        [sys.executable, "-m", "occasio_core", "key", "new", "ci"],
        env=environment(OCCASIO_HOME=str(home)),
        check=True,
        capture_output=True,
    )
    return (home / "keys" / "ci.pem").read_text(encoding="utf-8")


def sealed(tmp_path: Path, evidence: Path, given: dict[str, str], **job: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Seal, and return the report and the bundle."""
    named = {f"OCCASIO_ACTION_{name}": value for name, value in given.items()}
    here = environment(**{"OCCASIO_ACTION_EVIDENCE": str(evidence), **named, **job})
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    made = seal(inputs(here), out / "home", out, here)
    bundle = json.loads(made.bundle.read_bytes())
    assert json.loads(made.attestation.read_bytes()) == bundle["attestation"]
    return json.loads(made.report.read_bytes()), bundle


def test_a_key_from_a_secret_signs_and_its_public_half_is_named(tmp_path: Path, evidence: Path, key: str) -> None:
    report, bundle = sealed(tmp_path, evidence, {"SIGN": "false", "SIGNING_KEY": key})
    assert report["verdict"] == "VERIFIED"
    assert bundle["key_bundle"] and bundle["sigstore_bundle"] is None
    assert (tmp_path / "out" / "home" / "keys" / "default.pem").stat().st_mode & 0o077 == 0


def test_another_key_than_the_expected_one_fails(tmp_path: Path, evidence: Path, key: str) -> None:
    report, _ = sealed(
        tmp_path, evidence, {"SIGN": "false", "SIGNING_KEY": key, "PUBLIC_KEY": str(evidence.parent / "demo.pub")}
    )
    assert report["verdict"] == "FAILED"


def test_without_a_signature_the_run_is_intact_whatever_the_evidence_trusts(tmp_path: Path, evidence: Path) -> None:
    assert (evidence / "trust.json").exists()
    assert sealed(tmp_path, evidence, {"SIGN": "false"})[0]["verdict"] == "INTACT"


def test_a_job_signs_keyless_and_is_verified_by_its_own_name(tmp_path: Path, evidence: Path) -> None:
    with PrivateSigstore() as sigstore:
        config, root = tmp_path / "config.json", tmp_path / "root.json"
        config.write_text(json.dumps(sigstore.client_trust_config()), encoding="utf-8")
        root.write_text(json.dumps(sigstore.trusted_root()), encoding="utf-8")
        given = {"TRUST_CONFIG": str(config), "TRUSTED_ROOT": str(root), "REPOSITORY": "octo/agent"}
        job = sigstore.github_environment()
        report, bundle = sealed(tmp_path, evidence, given | {"IDENTITY": IDENTITY}, **job)
        other, _ = sealed(tmp_path, evidence, given | {"IDENTITY": IDENTITY.replace("@", "x@")}, **job)
        elsewhere, _ = sealed(tmp_path, evidence, given | {"IDENTITY": IDENTITY, "REPOSITORY": "octo/other"}, **job)
    assert report["verdict"] == "VERIFIED", report
    assert bundle["sigstore_bundle"] and bundle["attestation"]["signature"]["identity"] == IDENTITY
    assert (rekor_entry(bundle) or "").startswith("https://search.sigstore.dev/?logIndex=")
    assert other["verdict"] == elsewhere["verdict"] == "FAILED"


def test_a_job_that_may_not_sign_is_told_what_it_lacks(tmp_path: Path, evidence: Path) -> None:
    with pytest.raises(UsageError, match="no identity to sign as") as refusal:
        sealed(tmp_path, evidence, {})
    assert "id-token: write" in refusal.value.hint


def test_a_signature_that_fails_leaves_no_bundle(tmp_path: Path, evidence: Path) -> None:
    job = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:9/",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x",
        "GITHUB_ACTIONS": "true",
    }
    with pytest.raises(OccasioError):
        sealed(tmp_path, evidence, {"IDENTITY": "x"}, **job)
    assert not (tmp_path / "out" / "run.occasio.json").exists()


def test_a_log_that_was_changed_is_not_signed(tmp_path: Path, evidence: Path, key: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes((evidence / "pipeline-events.jsonl").read_bytes().replace(b"salaries", b"salariex", 1))
    with pytest.raises(OccasioError, match="cannot be attested"):
        sealed(tmp_path, evidence, {"SIGN": "false", "SIGNING_KEY": key, "CHAIN_FILE": str(log)})
    assert not (tmp_path / "out" / "run.occasio.json").exists()


def test_no_name_in_a_reason_is_a_command_to_the_runner(tmp_path: Path, evidence: Path) -> None:
    log = tmp_path / "##[add-mask]x ::add-mask::y"
    with pytest.raises(OccasioError, match=r"no log at .*# #\[add-mask\]x : :add-mask: :y"):
        sealed(tmp_path, evidence, {"SIGN": "false", "CHAIN_FILE": str(log)})


def test_a_policy_may_be_handed_over_by_itself(tmp_path: Path, evidence: Path) -> None:
    (policy,) = (evidence / "policies").glob("*.yml")
    log = evidence / "pipeline-events.jsonl"
    given = {"SIGN": "false", "CHAIN_FILE": str(log), "POLICY_FILE": str(policy), "EVIDENCE": str(tmp_path)}
    _, bundle = sealed(tmp_path, evidence, given)
    assert bundle["policy_snapshot"]["sha256"] == hashlib.sha256(policy.read_bytes()).hexdigest()


def test_keys_plugins_and_trust_of_the_evidence_are_left_where_they_are(tmp_path: Path, evidence: Path) -> None:
    sealed(tmp_path, evidence, {"SIGN": "false"})
    home = tmp_path / "out" / "home"
    assert not (home / "trust.json").exists() and not (home / "policy.yml").exists()
    theirs = {path.read_bytes() for path in (evidence / "keys").iterdir()}
    assert not theirs & {path.read_bytes() for path in (home / "keys").iterdir()}


def test_only_plain_files_of_a_policys_size_are_taken_for_policies(tmp_path: Path, evidence: Path) -> None:
    handed = tmp_path / "handed"
    shutil.copytree(evidence / "policies", handed / "policies")
    shutil.copy(evidence / "pipeline-events.jsonl", handed)
    secret = tmp_path / "secret"
    secret.write_text("of this machine", encoding="utf-8")
    (handed / "policies" / "link.yml").symlink_to(secret)
    os.mkfifo(handed / "policies" / "pipe.yml")
    (handed / "policies" / "long.yml").write_bytes(b"#" * (5 << 20))
    sealed(tmp_path, handed, {"SIGN": "false"})
    assert len(list((tmp_path / "out" / "home" / "policies").iterdir())) == len(list((evidence / "policies").iterdir()))


@pytest.mark.parametrize("data", [b"", b"[]", b"no JSON", b'{"a":1,"a":2}'])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(OccasioError, match="`it`"):
        document(data, "it")


@pytest.mark.parametrize("index", [None, "", "5)[x](https://evil.test", "-1", "٣", 5.5])
def test_no_other_link_is_made_of_a_log_index(index: Any) -> None:
    assert rekor_entry({"sigstore_bundle": {"verificationMaterial": {"tlogEntries": [{"logIndex": index}]}}}) is None
    assert rekor_entry({"sigstore_bundle": None}) is None
