"""A bundle is accepted in one form only, and nothing in it is free."""

import base64
import contextlib
import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify import (
    NotABundleError,
    Trust,
    TrustedKey,
    VerifierKey,
    format_vkey,
    load_public_key,
    manifest,
    verify_bundle,
)
from occasio_verify import bundle as bundle_module
from occasio_verify.trust import TrustedIdentity
from tests.samples import POLICY, canonical, hashed, sha256
from tests.spec import worked_example as example

LOG = example.rows()
BUNDLE = example.bundle(LOG)
KEY = load_public_key(example.Key(example.SIGNING_KEY).pem.encode())
OTHER_KEY = load_public_key(example.Key(example.LOG_KEY).pem.encode())
NAMED = Trust(keys=(TrustedKey("ada", KEY),), named=True)
ACCEPTED = Trust(keys=(TrustedKey("ada", KEY),))


def statuses(data, trust=NAMED):
    return {check.name: (check.status.value, check.code) for check in verify_bundle(data, trust).checks}


def edited(change, *, mend=True):
    """Return the bundle with a change made to it, and the manifest mended as an attacker would."""
    bundle = json.loads(BUNDLE)
    change(bundle)
    if mend:
        bundle["manifest"] = manifest(bundle)
    return canonical(bundle) + b"\n"


def resigned(change, key=example.SIGNING_KEY, *, payload=None, payload_type="application/vnd.in-toto+json"):
    """Return the bundle with a change, signed anew by `key` over `payload` or the Statement that was."""

    def sign(bundle):
        change(bundle)
        body = payload or base64.b64decode(bundle["key_bundle"]["dsseEnvelope"]["payload"])
        signer = example.Key(key)
        pae = b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(body), body)
        envelope = {
            "payload": base64.b64encode(body).decode(),
            "payloadType": payload_type,
            "signatures": [{"keyid": signer.hint, "sig": base64.b64encode(signer.private.sign(pae)).decode()}],
        }
        bundle["key_bundle"]["dsseEnvelope"] = envelope
        bundle["key_bundle"]["verificationMaterial"]["publicKey"]["hint"] = signer.hint

    return edited(sign)


def test_a_good_bundle_by_a_named_key_is_verified():
    report = verify_bundle(BUNDLE, NAMED)
    assert (report.verdict, report.exit_code(), report.signer) == ("VERIFIED", 0, "ada")
    assert [check.name for check in report.checks] == [
        "format", "manifest", "rows", "run-chain", "log-position", "predicate", "policy", "statement", "signature", "signer",
    ]  # fmt: skip


def test_a_good_bundle_by_an_accepted_key_is_verified():
    assert verify_bundle(BUNDLE, ACCEPTED).verdict == "VERIFIED"


def test_without_a_known_key_a_bundle_is_intact_and_never_more():
    report = verify_bundle(BUNDLE)
    assert (report.verdict, report.exit_code(), report.exit_code(integrity_only=True)) == ("INTACT", 3, 0)


@pytest.mark.parametrize("offset", range(5))
def test_every_single_byte_change_is_noticed(offset):
    for position in range(offset, len(BUNDLE), 5 * 3):
        changed = BUNDLE[:position] + bytes([BUNDLE[position] ^ (1 << position % 8)]) + BUNDLE[position + 1 :]
        with contextlib.suppress(NotABundleError):
            assert verify_bundle(changed, NAMED).verdict == "FAILED", changed[position - 30 : position + 30]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(BUNDLE)), st.integers(0, 30), st.binary(max_size=20))
def test_a_piece_put_in_another_place_is_noticed(start, length, piece):
    changed = BUNDLE[:start] + piece + BUNDLE[start + length :]
    if changed != BUNDLE:
        with contextlib.suppress(NotABundleError):
            assert verify_bundle(changed, NAMED).verdict == "FAILED"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_garbage_is_no_bundle(data):
    with contextlib.suppress(NotABundleError):
        assert verify_bundle(data).verdict == "FAILED"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-bundle"),
        (b"PK\x03\x04", "not-a-bundle"),
        (b"[]", "not-a-bundle"),
        (b"{}", "not-a-bundle"),
        (b'{"schema":1}', "not-a-bundle"),
        (b'{"schema":"occasio-bundle/v2"}', "bundle-version"),
    ],
)
def test_what_is_no_bundle_of_this_version_is_not_judged(data, code):
    with pytest.raises(NotABundleError) as refusal:
        verify_bundle(data)
    assert refusal.value.code == code


def missing(name):
    return lambda bundle: bundle.pop(name)


MEMBERS = list(json.loads(BUNDLE))


@pytest.mark.parametrize("name", [name for name in MEMBERS if name != "schema"])
def test_a_member_too_few_is_refused(name):
    assert statuses(edited(missing(name), mend=False))["format"] == ("fail", "bundle-member")


def test_a_member_too_many_is_refused():
    assert statuses(edited(lambda b: b.update(extra=1)))["format"] == ("fail", "bundle-member")


@pytest.mark.parametrize("name", [name for name in MEMBERS if name != "schema"])
def test_a_member_of_another_type_is_refused(name):
    assert statuses(edited(lambda b: b.update({name: 7}), mend=False))["format"] == ("fail", "bundle-member")


@pytest.mark.parametrize(
    "spelled",
    [
        BUNDLE[:-1],
        BUNDLE + b"\n",
        b" " + BUNDLE,
        BUNDLE.replace(b":", b": ", 1),
        json.dumps(json.loads(BUNDLE), indent=2).encode(),
    ],
)
def test_another_spelling_of_the_same_bundle_is_refused(spelled):
    try:
        assert statuses(spelled)["format"] == ("fail", "bundle-form")
    except NotABundleError:
        assert spelled.startswith(b" ")


def test_a_name_twice_is_refused():
    assert statuses(BUNDLE.replace(b'"action":"BLOCK"', b'"action":"BLOCK","action":"PASS"'))["format"] == (
        "fail",
        "duplicate-key",
    )


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from leaves(inner, (*path, position))
    else:
        yield path


ATTESTED = [path for path in leaves(json.loads(BUNDLE)["attestation"]) if path != ("signature",)]


@pytest.mark.parametrize("path", ATTESTED, ids=lambda path: ".".join(map(str, path)))
def test_a_forged_claim_over_honest_rows_is_refused(path):
    def forge(bundle):
        *outer, last = path
        part = bundle["attestation"]
        for name in outer:
            part = part[name]
        part[last] = 41 if isinstance(part[last], int) else "forged"

    found = statuses(edited(forge))
    assert found["predicate"] == ("fail", "predicate-mismatch")
    assert found["manifest"] == ("pass", "ok")


def test_the_report_names_what_a_forged_claim_says_and_what_the_rows_give():
    data = edited(lambda b: b["attestation"]["execution_summary"].update(blocked=0))
    check = next(check for check in verify_bundle(data, NAMED).checks if check.name == "predicate")
    assert "execution_summary.blocked claims 0, the rows give 1" in check.detail


def set_policy(text):
    return lambda b: b.update(
        policy_snapshot={"path": "/home/ada/.occasio/policy.yml", "sha256": sha256(text.encode()), "text": text}
    )


CASES = [
    ("another policy", set_policy("version: 1\n"), {"policy": "policy-mismatch", "statement": None}),
    ("policy text without its digest", lambda b: b["policy_snapshot"].update(text="x"), {"policy": "policy-mismatch"}),
    ("another policy path", lambda b: b["policy_snapshot"].update(path="/x"), {"policy": "policy-mismatch"}),
    ("a policy that was never loaded", lambda b: b["policy_history"].append(b["policy_snapshot"]), {"policy": "policy-mismatch"}),
    ("another run id", lambda b: b.update(run_id="00000000-0000-4000-8000-000000000000"), {"run-chain": "run-id"}),
    ("another time", lambda b: b.update(generated_at="2026-01-02T00:00:04.000Z"), {"manifest": "manifest-mismatch"}),
    ("a row edited", lambda b: b["chain_slice"][2].update(action="PASS"), {"rows": "row-hash"}),
    ("a row edited and hashed anew", lambda b: b["chain_slice"].__setitem__(2, hashed({**b["chain_slice"][2], "action": "PASS"})), {"run-chain": "run-link", "log-position": "log-link"}),
    ("a fraction in a row", lambda b: b["chain_slice"][2].update(extra=1.5), {"rows": "float"}),
    ("a row of the node format", lambda b: b["chain_slice"][2].update(audit_schema=1), {"rows": "row-schema"}),
    ("the last row dropped", lambda b: b["chain_slice"].pop(), {"run-chain": "run-end"}),
    ("the first row dropped", lambda b: b["chain_slice"].pop(0), {"run-chain": "run-seq"}),
    ("a row twice", lambda b: b["chain_slice"].insert(2, b["chain_slice"][2]), {"run-chain": "run-seq", "log-position": "log-order"}),
    ("log taken out", lambda b: b.update(log=None), {"statement": "statement-mismatch"}),
    ("a proof with a hash too many", lambda b: b["log"]["proof"].append("A" * 43 + "="), {"log-position": "proof-length"}),
    ("no note", lambda b: b["log"].update(checkpoint="x"), {"log-position": "note-form"}),
    ("another root", lambda b: b["log"].update(checkpoint=b["log"]["checkpoint"].replace("\n4\n", "\n5\n")), {"log-position": "proof-length"}),
    ("a smaller tree", lambda b: b["log"].update(checkpoint=b["log"]["checkpoint"].replace("\n4\n", "\n3\n")), {"log-position": "proof-range"}),
    ("another origin", lambda b: b["log"].update(checkpoint="x" + b["log"]["checkpoint"]), {"log-position": "checkpoint-origin"}),
    ("no signature, though a signer is named", lambda b: b.update(key_bundle=None), {"signature": "signature-missing"}),
    ("two signatures", lambda b: b["key_bundle"]["dsseEnvelope"]["signatures"].append(b["key_bundle"]["dsseEnvelope"]["signatures"][0]), {"statement": "signature-count"}),
    ("no signature in the envelope", lambda b: b["key_bundle"]["dsseEnvelope"]["signatures"].clear(), {"statement": "signature-count"}),
    ("hint and keyid differ", lambda b: b["key_bundle"]["verificationMaterial"]["publicKey"].update(hint="x"), {"statement": "envelope-form"}),
    ("a member in the envelope", lambda b: b["key_bundle"]["dsseEnvelope"].update(x=1), {"statement": "envelope-form"}),
    ("a log entry nobody checks", lambda b: b["key_bundle"]["verificationMaterial"]["tlogEntries"].append(1), {"statement": "envelope-form"}),
    ("base64 with a loose tail", lambda b: b["key_bundle"]["dsseEnvelope"].update(payload=b["key_bundle"]["dsseEnvelope"]["payload"][:-2] + "B="), {"statement": "envelope-form"}),
    ("the signature of another key", lambda b: b["key_bundle"]["dsseEnvelope"]["signatures"][0].update(sig=base64.b64encode(bytes(64)).decode()), {"signature": "signature-invalid"}),
    ("a signature block without a Sigstore bundle", lambda b: b["attestation"].update(signature={"type": "sigstore-cosign-keyless", "identity": "a", "rekor_entry": None, "signed_at": "x", "envelope_sha256": "0" * 64}), {"predicate": "attestation-signature"}),
    ("no signature member", lambda b: b["attestation"].pop("signature"), {"predicate": "attestation-signature"}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), [(c, e) for _, c, e in CASES], ids=[name for name, _, _ in CASES])
def test_a_change_is_refused_with_its_code(change, expected):
    data = edited(change)
    found = statuses(data)
    for name, code in expected.items():
        assert code is None or found[name] == ("fail", code), found
    assert (
        verify_bundle(data, NAMED).verdict == verify_bundle(data, ACCEPTED).verdict == "FAILED"
        or "signature-missing" in expected.values()
    )


def test_a_manifest_that_does_not_fit_is_refused():
    for name in json.loads(BUNDLE)["manifest"]:
        found = statuses(edited(lambda b, name=name: b["manifest"].update({name: "0" * 64}), mend=False))
        assert found["manifest"] == ("fail", "manifest-mismatch")


def test_a_stripped_signature_is_intact_at_best():
    data = edited(lambda b: b.update(key_bundle=None))
    assert verify_bundle(data, ACCEPTED).verdict == "INTACT"
    assert statuses(data, ACCEPTED)["signature"] == ("not-checked", "unsigned")
    assert verify_bundle(data, NAMED).verdict == "FAILED"


def test_a_signature_by_somebody_else_is_refused_where_a_signer_is_named():
    data = resigned(lambda b: None, example.LOG_KEY)
    assert statuses(data)["signature"] == ("fail", "signer-mismatch")
    assert statuses(data, ACCEPTED)["signature"] == ("not-checked", "signer-unknown")
    assert verify_bundle(data, Trust(keys=(TrustedKey("eve", OTHER_KEY),))).signer == "eve"


def test_a_foreign_signature_under_a_known_hint_is_refused():
    def pose(bundle):
        bundle["key_bundle"]["dsseEnvelope"]["signatures"][0]["keyid"] = KEY.key_hint
        bundle["key_bundle"]["verificationMaterial"]["publicKey"]["hint"] = KEY.key_hint

    signed = json.loads(resigned(lambda b: None, example.LOG_KEY))
    pose(signed)
    assert statuses(canonical(signed) + b"\n")["signature"] == ("fail", "signature-invalid")


def test_a_valid_signature_over_something_else_is_refused():
    payload = base64.b64decode(json.loads(BUNDLE)["key_bundle"]["dsseEnvelope"]["payload"])
    for other in (
        b"{}",
        payload + b"\n",
        payload.replace(b'"blocked":1', b'"blocked":0'),
        payload.replace(b"occasio:run", b"occasio:ran"),
    ):
        assert statuses(resigned(lambda b: None, payload=other))["statement"] == ("fail", "statement-mismatch")
    assert statuses(resigned(lambda b: None, payload_type="text/plain"))["statement"] == ("fail", "payload-type")


def test_what_stood_in_no_named_log_is_still_checked_against_a_known_log_key():
    origin = f"occasio.local/{LOG.rows[0]['hash'][:32]}"
    vkey = format_vkey(VerifierKey(origin, OTHER_KEY))
    trust = Trust(keys=NAMED.keys, logs=(vkey,), named=True)
    assert "signed by log" in next(c.detail for c in verify_bundle(BUNDLE, trust).checks if c.name == "log-position")
    note = json.loads(BUNDLE)["log"]["checkpoint"]
    line = note.split()[-1]
    forged = base64.b64encode(base64.b64decode(line)[:4] + bytes(64)).decode()
    data = edited(lambda b: b["log"].update(checkpoint=note.replace(line, forged)))
    assert statuses(data, trust)["log-position"] == ("fail", "note-signature")


def test_a_sigstore_signature_is_said_to_be_unchecked_and_is_not_green():
    envelope = json.loads(BUNDLE)["key_bundle"]["dsseEnvelope"]
    both = edited(lambda b: b.update(sigstore_bundle={"dsseEnvelope": envelope, "mediaType": "x"}))
    only = edited(lambda b: b.update(sigstore_bundle={"dsseEnvelope": envelope}, key_bundle=None))
    for data in (both, only):
        assert statuses(data)["signature"] == ("not-checked", "sigstore-unsupported")
        assert verify_bundle(data, NAMED).verdict == "INTACT"
    other = copy.deepcopy(envelope) | {"payload": base64.b64encode(b"{}").decode()}
    assert statuses(edited(lambda b: b.update(sigstore_bundle={"dsseEnvelope": other})))["statement"] == (
        "fail",
        "statement-mismatch",
    )


def test_a_check_that_could_not_be_made_is_not_green():
    found = statuses(BUNDLE.replace(b":", b": ", 1))
    assert found.pop("format") == ("fail", "bundle-form")
    assert set(found.values()) == {("not-checked", "earlier-failure")}


def test_the_policy_is_the_text_that_the_rows_name():
    assert json.loads(BUNDLE)["policy_snapshot"]["text"] == POLICY


@pytest.mark.parametrize("sigstore", [False, True])
def test_a_signature_by_a_key_is_none_by_a_named_identity(sigstore):
    named = Trust(identities=(TrustedIdentity("ci", "https://ci/x", "https://ci"),), named=True)

    def both(bundle):
        if sigstore:
            bundle["sigstore_bundle"] = {"dsseEnvelope": bundle["key_bundle"]["dsseEnvelope"]}

    expected = ("not-checked", "signer-unknown") if sigstore else ("fail", "signer-mismatch")
    assert statuses(edited(both), named)["signature"] == expected


def test_a_sum_beyond_the_safe_integers_equals_no_claim():
    log = example.Log()
    example.start(log)
    for _ in range(2):
        log.append(
            "tool_result",
            call_id="c",
            content_digest="0" * 64,
            result_kind="pass",
            secrets_redacted=2**53 - 1,
            size=0,
        )
    example.end(log)

    def over(bundle):
        bundle.update(chain_slice=log.rows, log=None, key_bundle=None, generated_at=log.rows[-1]["ts"])

    assert statuses(edited(over), ACCEPTED)["predicate"] == ("fail", "predicate-mismatch")


def test_a_slice_has_a_largest_size(monkeypatch):
    monkeypatch.setattr(bundle_module, "MAX_BUNDLE_ROWS", 3)
    assert statuses(BUNDLE)["format"] == ("fail", "bundle-member")
