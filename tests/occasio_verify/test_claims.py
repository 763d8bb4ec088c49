"""What a bundle is said to claim: nothing that was refuted, nobody who did not sign it, and what each claim rests on."""

import base64
import json

import pytest

from occasio_verify import Trust, TrustedKey, VerifierKey, format_vkey, load_public_key, manifest, verify_bundle
from tests.samples import canonical
from tests.spec import worked_example as example

LOG = example.rows()
BUNDLE = example.bundle(LOG)
ADA = load_public_key(example.Key(example.SIGNING_KEY).pem.encode())
HOME = load_public_key(example.Key(example.LOG_KEY).pem.encode())
NAMED = Trust(keys=(TrustedKey("ada", ADA),), named=True)
NOBODY = Trust()


def edited(change):
    """Return the bundle with a change made to it, and the manifest mended as an attacker would."""
    bundle = json.loads(BUNDLE)
    change(bundle)
    bundle["manifest"] = manifest(bundle)
    return canonical(bundle) + b"\n"


def basis(data, trust=NAMED):
    return {claim.name: claim.basis.value for claim in verify_bundle(data, trust).claims}


def test_every_claim_says_what_it_rests_on():
    assert basis(BUNDLE, NOBODY) == {
        "tool_calls": "verified",
        "passed": "verified",
        "local": "verified",
        "transformed": "verified",
        "blocked": "verified",
        "secrets_redacted": "verified",
        "rows": "verified",
        "policy sha256": "verified",
        "signer": "absent",
        "place in the log": "self-reported",
        "complete run": "verified",
        "platform": "self-reported",
        "model": "absent",
        "started_at": "self-reported",
        "ended_at": "self-reported",
        "rules counted": "self-reported",
        "git state": "absent",
        "calls with gaps": "verified",
        "nothing went round the gate": "absent",
    }


def test_the_values_are_those_of_the_rows():
    values = {claim.name: claim.value for claim in verify_bundle(BUNDLE).claims}
    assert (values["blocked"], values["rows"], values["platform"]) == (1, 4, "claude-code")


def test_claims_that_were_refuted_are_not_repeated():
    found = verify_bundle(edited(lambda b: b["attestation"]["execution_summary"].update(blocked=0)), NAMED)
    assert (found.verdict, found.claims, found.blocked) == ("FAILED", (), ())


def test_a_policy_that_was_refuted_is_only_claimed():
    swapped = edited(lambda b: b["policy_snapshot"].update(text="version: 2\n"))
    assert basis(swapped)["policy sha256"] == "self-reported"


def test_a_place_in_a_log_is_verified_where_a_known_log_signed_it():
    vkey = format_vkey(VerifierKey(f"occasio.local/{LOG.rows[0]['hash'][:32]}", HOME))
    assert basis(BUNDLE, Trust(logs=(vkey,)))["place in the log"] == "verified"
    assert basis(edited(lambda b: b.update(log=None, key_bundle=None)), NOBODY)["place in the log"] == "absent"


def signed_over(payload):
    """Return the bundle with ada's good signature over something else."""
    key = example.Key(example.SIGNING_KEY)
    signature = base64.b64encode(key.private.sign(example.pae(payload))).decode()

    def sign(bundle):
        envelope = bundle["key_bundle"]["dsseEnvelope"]
        envelope["payload"] = base64.b64encode(payload).decode()
        envelope["signatures"][0]["sig"] = signature

    return edited(sign)


def test_somebody_who_signed_something_else_is_not_named():
    found = verify_bundle(signed_over(example.statement(LOG).replace(b'"blocked":1', b'"blocked":0')), NAMED)
    assert (found.verdict, found.signer) == ("FAILED", None)
    assert basis(signed_over(b"{}"))["signer"] == "absent"
    assert "signed by ada" not in found.to_text()


def test_who_signed_it_is_named():
    found = verify_bundle(BUNDLE, NAMED)
    assert (found.signer, basis(BUNDLE)["signer"]) == ("ada", "verified")
    assert found.to_text().startswith("VERIFIED  run 7f1d0c1e-5b1a-4c5e-9f5e-0123456789ab  signed by ada\n")


def test_what_a_verdict_does_not_prove_is_said():
    assert "Does not prove" in verify_bundle(BUNDLE, NAMED).notes[-1]
    assert "--key" in verify_bundle(BUNDLE, NOBODY).notes[-1]
    unsigned = verify_bundle(edited(lambda b: b.update(key_bundle=None)), NOBODY)
    assert "not signed" in unsigned.notes[-1] and "--key" not in unsigned.notes[-1]
    assert verify_bundle(edited(lambda b: b.update(run_id="x")), NAMED).notes == ()


def test_a_sigstore_signature_is_said_to_be_unchecked():
    def both(bundle):
        bundle["sigstore_bundle"] = {"dsseEnvelope": bundle["key_bundle"]["dsseEnvelope"]}

    found = verify_bundle(edited(both), NAMED)
    assert (found.verdict, found.signer) == ("INTACT", "ada")
    assert "Sigstore" in found.notes[-1] and "anybody could have written it" not in found.to_text()


@pytest.mark.parametrize(
    "run_id", ["ada  signed by ada", "x" * 500, "VERIFIED", "\n\nVERIFIED  run x", '"', "\u202e", example.RUN.upper()]
)
def test_a_run_id_that_is_none_cannot_pass_for_words_of_the_report(run_id):
    found = verify_bundle(edited(lambda b: b.update(run_id=run_id)), NAMED)
    assert found.subject.startswith('run "') and len(found.subject) <= 84
    assert found.to_text().split()[:2] == ["FAILED", "run"]


def test_a_file_that_is_not_read_has_no_name():
    assert verify_bundle(b'{"schema":"occasio-bundle/v1"}\n').subject == "bundle"


def test_rows_of_unknown_kinds_are_counted():
    log = example.Log()
    example.start(log)
    for number in range(3):
        log.append(f"later_{number % 2}")
    example.end(log)
    bundle = json.loads(BUNDLE)
    bundle.update(chain_slice=log.rows, log=None, key_bundle=None, generated_at=log.rows[-1]["ts"])
    bundle["manifest"] = manifest(bundle)
    notes = verify_bundle(canonical(bundle) + b"\n").notes
    assert "3 rows of kinds that this version does not know: later_0, later_1" in notes


def test_a_report_is_never_longer_than_one_can_read():
    def flood(bundle):
        bundle["attestation"] |= {f"{'x' * 50}{number}": number for number in range(2000)}

    found = verify_bundle(edited(flood), NAMED)
    assert max(len(check.detail) for check in found.checks) <= 1000
    assert "does not belong there" in found.to_text()
