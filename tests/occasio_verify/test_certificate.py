"""Whose signature it is, and when it was made: with real Sigstore signatures from a private instance."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from occasio_verify import Report, Trust, TrustedKey, load_public_key, main, verify_bundle
from occasio_verify.certificate import signature_block
from occasio_verify.keyless import GITHUB_ISSUER, check_sigstore
from occasio_verify.trust import TrustedIdentity
from tests.occasio_verify import test_node as node
from tests.private_sigstore import PrivateSigstore
from tests.private_sigstore.signed import (
    IDENTITY,
    Bundle,
    ending,
    mended,
    payload,
    root,
    signed,
    sigstore_bundle,
    unsigned,
    written,
)
from tests.samples import RUN, Log, canonical, end, sha256, start
from tests.spec import worked_example as example

WORKFLOW = TrustedIdentity("our workflow", IDENTITY, GITHUB_ISSUER, "octo/agent")


@pytest.fixture(scope="module")
def sigstore() -> Iterator[PrivateSigstore]:
    with PrivateSigstore() as instance:
        yield instance


@pytest.fixture(scope="module")
def bundle(sigstore: PrivateSigstore) -> Bundle:
    return signed(sigstore)


@pytest.fixture(scope="module")
def trust(sigstore: PrivateSigstore) -> Trust:
    return Trust(trusted_root=root(sigstore))


def named(trust: Trust, *identities: TrustedIdentity) -> Trust:
    return replace(trust, identities=identities or (WORKFLOW,), named=True)


def found(report: Report) -> dict[str, tuple[str, str]]:
    return {check.name: (check.status.value, check.code) for check in report.checks}


def judged(bundle: Bundle, trust: Trust) -> tuple[str, tuple[str, str], tuple[str, str]]:
    """Return the verdict, and what the checks `signature` and `signer` say."""
    report = verify_bundle(written(bundle), trust)
    return report.verdict.value, found(report)["signature"], found(report)["signer"]


GOOD = ("pass", "ok")


def test_a_bundle_of_a_named_workflow_is_verified(bundle: Bundle, trust: Trust) -> None:
    report = verify_bundle(written(bundle), named(trust))
    assert (report.verdict, report.exit_code(), report.signer) == ("VERIFIED", 0, "our workflow")
    assert set(found(report).values()) == {GOOD}
    assert {"signer", "signed_at"} <= {claim.name for claim in report.claims if claim.basis == "verified"}


def test_a_bundle_of_an_identity_that_was_accepted_earlier_is_verified(bundle: Bundle, trust: Trust) -> None:
    assert judged(bundle, replace(trust, identities=(WORKFLOW,))) == ("VERIFIED", GOOD, GOOD)


def test_a_bundle_of_a_person_is_verified_by_address_and_issuer(sigstore: PrivateSigstore, trust: Trust) -> None:
    mail = signed(sigstore, token=sigstore.email_token("ada@local.test"))
    ada = TrustedIdentity("ada", "ada@local.test", sigstore.url)
    assert judged(mail, named(trust, ada)) == ("VERIFIED", GOOD, GOOD)
    assert judged(mail, named(trust, replace(ada, issuer=GITHUB_ISSUER)))[1] == ("fail", "signer-mismatch")
    assert judged(mail, named(trust, replace(ada, repository="ada/work")))[1] == ("fail", "signer-mismatch")


def test_without_a_named_identity_the_signature_holds_and_the_bundle_is_intact(bundle: Bundle, trust: Trust) -> None:
    report = verify_bundle(written(bundle), trust)
    assert judged(bundle, trust) == ("INTACT", GOOD, ("not-checked", "signer-unknown"))
    assert (report.exit_code(), report.signer) == (3, None)
    assert any("--identity ID --issuer URL" in note for note in report.notes)


@pytest.mark.parametrize(
    "change",
    [
        {"identity": IDENTITY + "x"},
        {"identity": IDENTITY.removesuffix("main")},
        {"identity": IDENTITY.upper()},
        {"issuer": GITHUB_ISSUER + "/"},
        {"issuer": "https://accounts.example"},
        {"repository": "octo/other"},
        {"repository": "Octo/agent"},
        {"repository": "https://github.com/octo/agent"},
        {"repository": ""},
        {"repository": None},
    ],
    ids=str,
)
def test_a_signer_who_is_another_in_anything_is_none_that_was_named(
    bundle: Bundle, trust: Trust, change: dict[str, Any]
) -> None:
    expected = replace(WORKFLOW, **change)
    assert judged(bundle, named(trust, expected))[:2] == ("FAILED", ("fail", "signer-mismatch"))
    verdict, signature, signer = judged(bundle, replace(trust, identities=(expected,)))
    assert (verdict, signature, signer) == ("INTACT", GOOD, ("not-checked", "signer-unknown"))


def test_a_workflow_that_was_called_from_another_repository_is_another_signer(
    sigstore: PrivateSigstore, trust: Trust
) -> None:
    token = sigstore.github_token(
        "eve/other", job_workflow_ref="octo/agent/.github/workflows/attest.yml@refs/heads/main"
    )
    assert judged(signed(sigstore, token=token), named(trust))[1] == ("fail", "signer-mismatch")


def test_where_a_key_is_named_a_certificate_does_not_do(bundle: Bundle, trust: Trust) -> None:
    key = load_public_key(example.Key(example.SIGNING_KEY).pem.encode())
    assert judged(bundle, replace(trust, keys=(TrustedKey("ada", key),), named=True))[1] == ("fail", "signer-mismatch")


def test_an_identity_of_github_without_a_repository_is_no_use(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(written(bundle))
    command = [sys.executable, "-m", "occasio_verify", "b", "--identity", IDENTITY, "--issuer", GITHUB_ISSUER]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--repository OWNER/NAME" in done.stderr


def test_the_command_line_verifies_against_the_root_that_is_given(
    bundle: Bundle, trust: Trust, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b").write_bytes(written(bundle))
    (tmp_path / "root.json").write_bytes(trust.trusted_root or b"")
    who = ["--identity", IDENTITY, "--issuer", GITHUB_ISSUER, "--repository", "octo/agent"]
    arguments = [str(tmp_path / "b"), *who]
    assert main([*arguments, "--trusted-root", str(tmp_path / "root.json")]) == 0
    assert f"signed by {IDENTITY}" in " ".join(capsys.readouterr().out.split())
    assert main(arguments) == 1  # by the public instance nobody vouches for it
    assert "signature-invalid" in capsys.readouterr().out
    assert main([*arguments, "--trusted-root", str(tmp_path / "b")]) == 2
    assert main([*arguments, "--trusted-root", str(tmp_path / "nowhere")]) == 2
    assert main([str(tmp_path / "b"), "--repository", "octo/agent"]) == 2


def test_without_the_extra_a_bundle_is_intact_and_says_how_to_get_it(
    bundle: Bundle, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sigstore.verify", None)
    report = verify_bundle(written(bundle), named(trust))
    unsupported = ("not-checked", "sigstore-unsupported")
    assert judged(bundle, named(trust)) == ("INTACT", unsupported, unsupported)
    assert any("pip install 'occasio[sigstore]'" in note for note in report.notes)


def test_a_signature_over_another_run_does_not_pass(sigstore: PrivateSigstore, bundle: Bundle, trust: Trust) -> None:
    other = signed(sigstore, unsigned(_other_run()))
    swapped = mended({**bundle, "sigstore_bundle": other["sigstore_bundle"]})
    report = verify_bundle(written(swapped), named(trust))
    assert report.verdict == "FAILED"
    assert found(report)["statement"] == ("fail", "statement-mismatch")


def _other_run() -> Log:
    log = Log()
    start(log, "00000000-0000-4000-8000-000000000000")
    end(log, "00000000-0000-4000-8000-000000000000")
    return log


@pytest.mark.parametrize(
    "part", ["attestation", "chain_slice", "policy_snapshot", "sigstore_bundle", "run_id", "generated_at"]
)
def test_parts_of_two_runs_do_not_make_a_bundle(
    sigstore: PrivateSigstore, bundle: Bundle, trust: Trust, part: str
) -> None:
    other = signed(sigstore, unsigned(_other_run()))
    other["policy_snapshot"] = {**other["policy_snapshot"], "path": "/home/ada/other.yml"}
    assert bundle[part] != other[part]
    assert verify_bundle(written(mended({**bundle, part: other[part]})), named(trust)).verdict == "FAILED"


def test_an_envelope_of_another_kind_of_payload_does_not_pass(
    sigstore: PrivateSigstore, bundle: Bundle, trust: Trust
) -> None:
    envelope = {**bundle["sigstore_bundle"]["dsseEnvelope"], "payloadType": "text/plain"}
    changed = mended({**bundle, "sigstore_bundle": {**bundle["sigstore_bundle"], "dsseEnvelope": envelope}})
    assert found(verify_bundle(written(changed), named(trust)))["statement"] == ("fail", "payload-type")


def test_a_second_spelling_of_the_envelope_does_not_pass(
    sigstore: PrivateSigstore, bundle: Bundle, trust: Trust
) -> None:
    """What is compared with the rows is what was signed, however a library may read its members."""
    other = sigstore_bundle(sigstore, payload(unsigned(_other_run())))
    for name in ("dsse_envelope", "messageSignature"):
        both = {**other, "dsseEnvelope": bundle["sigstore_bundle"]["dsseEnvelope"], name: other["dsseEnvelope"]}
        assert judged(mended({**bundle, "sigstore_bundle": both}), named(trust))[0] == "FAILED"


def test_a_bundle_of_the_node_profile_is_checked_as_well(sigstore: PrivateSigstore, trust: Trust) -> None:
    rows = node.linked(node.rows())
    bare = node.bundle(rows)
    claimed = {name: value for name, value in bare["attestation"].items() if name != "signature"}
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://github.com/occasiolabs/occasio/spec/agent-attestation/v1",
        "subject": [{"name": f"occasio:run:{RUN}", "digest": {"sha256": rows[-1]["hash"]}}],
        "predicate": claimed,
    }
    signature = sigstore_bundle(sigstore, json.dumps(statement).encode())
    block = {
        "type": "sigstore-cosign-keyless",
        "identity": "repo:octo/agent:ref:refs/heads/main",  # as that implementation has it: the token's subject
        "rekor_entry": None,
        "signed_at": "2026-01-02T03:04:06.000Z",
        "envelope_sha256": sha256(canonical(statement)),
    }
    attestation = {**bare["attestation"], "signature": block}
    report = node.report(node.bundle(rows, attestation=attestation, sigstore_bundle=signature), named(trust))
    assert (report.verdict, report.profile, report.signer) == ("VERIFIED", "node", "our workflow")
    elsewhere = signed(sigstore)["sigstore_bundle"]
    swapped = node.report(node.bundle(rows, sigstore_bundle=elsewhere), named(trust))
    assert (swapped.verdict, found(swapped)["statement"]) == ("FAILED", ("fail", "statement-mismatch"))


def now(seconds: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_a_signature_from_before_the_end_of_the_run_does_not_pass(sigstore: PrivateSigstore, trust: Trust) -> None:
    verdict, signature, signer = judged(signed(sigstore, unsigned(ending(now(3600)))), named(trust))
    assert (verdict, signature) == ("FAILED", ("fail", "signature-time"))
    assert signer == ("not-checked", "earlier-failure")


def test_clocks_may_differ_a_little(sigstore: PrivateSigstore, trust: Trust) -> None:
    assert judged(signed(sigstore, unsigned(ending(now(20)))), named(trust))[0] == "VERIFIED"


def test_a_late_signature_is_told_of(sigstore: PrivateSigstore, bundle: Bundle, trust: Trust) -> None:
    assert "Signed long after" in " ".join(verify_bundle(written(bundle), named(trust)).notes)
    fresh = verify_bundle(written(signed(sigstore, unsigned(ending(now())))), named(trust))
    assert "Signed long after" not in " ".join(fresh.notes)


def with_block(sigstore: PrivateSigstore, bundle: Bundle, **change: Any) -> Bundle:
    """Return the bundle with the block that belongs to its signature, changed."""
    certified = check_sigstore(bundle["sigstore_bundle"], root(sigstore))
    block = signature_block(certified, payload(bundle)) | change
    return mended({**bundle, "attestation": {**bundle["attestation"], "signature": block}})


def test_the_block_in_the_attestation_says_what_the_certificate_says(
    sigstore: PrivateSigstore, bundle: Bundle, trust: Trust
) -> None:
    whole = with_block(sigstore, bundle)
    assert whole["attestation"]["signature"]["identity"] == IDENTITY
    assert judged(whole, named(trust)) == ("VERIFIED", GOOD, GOOD)


@pytest.mark.parametrize(
    "change",
    [
        {"identity": "https://github.com/octo/other"},
        {"signed_at": "2026-01-02T00:00:00.000Z"},
        {"rekor_entry": "https://search.sigstore.dev/?logIndex=1"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_block_that_tells_of_another_signature_does_not_pass(
    sigstore: PrivateSigstore, bundle: Bundle, trust: Trust, change: dict[str, str]
) -> None:
    assert judged(with_block(sigstore, bundle, **change), named(trust))[1] == ("fail", "attestation-signature")
