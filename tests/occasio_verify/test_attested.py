"""An attestation beside its signature: the same checks, codes and verdicts as those of a bundle."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from occasio_verify import (
    NotABundleError,
    Report,
    Trust,
    TrustedIdentity,
    TrustedKey,
    load_public_key,
    main,
    pae,
    predicate,
    statement,
    verify_attestation,
)
from tests.private_sigstore import GITHUB_ISSUER, PrivateSigstore
from tests.private_sigstore.signed import IDENTITY, root, sigstore_bundle
from tests.samples import RUN, Log, call, canonical, end, run_of, start
from tests.spec.worked_example import SIGNING_KEY, Key

KEY = Key(SIGNING_KEY)
TRUST = Trust(keys=(TrustedKey("ada", load_public_key(KEY.pem.encode())),), named=True)
LOG = run_of(4)
PREDICATE = predicate(LOG.rows)
STATEMENT = statement(PREDICATE, None)
ATTESTATION = canonical({**PREDICATE, "signature": None}) + b"\n"

Value = dict[str, Any]


def envelope(payload: bytes = STATEMENT, payload_type: str = "application/vnd.in-toto+json") -> Value:
    sig = KEY.private.sign(pae(payload_type, payload))
    signatures = [{"keyid": KEY.hint, "sig": base64.b64encode(sig).decode()}]
    return {"payload": base64.b64encode(payload).decode(), "payloadType": payload_type, "signatures": signatures}


def key_bundle(payload: bytes = STATEMENT) -> Value:
    material = {"publicKey": {"hint": KEY.hint}, "tlogEntries": []}
    kind = "application/vnd.dev.sigstore.bundle.v0.3+json"
    return {"dsseEnvelope": envelope(payload), "mediaType": kind, "verificationMaterial": material}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return LOG.write(tmp_path / "log.jsonl")


@pytest.fixture(scope="module")
def sigstore() -> Iterator[PrivateSigstore]:
    with PrivateSigstore() as instance:
        yield instance


def found(report: Report) -> dict[str, tuple[str, str]]:
    return {check.name: (check.status.value, check.code) for check in report.checks}


def judged(attestation: bytes, signed: Any, log: Path | None, trust: Trust = TRUST) -> Report:
    return verify_attestation(attestation, None if signed is None else json.dumps(signed).encode(), log, trust)


@pytest.mark.parametrize("signed", [key_bundle(), envelope()], ids=["Sigstore bundle", "plain DSSE"])
def test_a_pair_of_a_named_key_is_verified_against_its_log(path: Path, signed: Value) -> None:
    report = judged(ATTESTATION, signed, path)
    assert (report.verdict, report.exit_code(), report.signer) == ("VERIFIED", 0, "ada")
    assert list(found(report)) == ["format", "log", "run-chain", "predicate", "statement", "signature", "signer"]


def test_it_need_not_be_in_canonical_form(path: Path) -> None:
    pretty = json.dumps(json.loads(ATTESTATION), indent=2).encode()
    assert judged(pretty, key_bundle(), path).verdict == "VERIFIED"


def test_a_pair_of_a_named_identity_is_verified(sigstore: PrivateSigstore, path: Path) -> None:
    ours = TrustedIdentity("us", IDENTITY, GITHUB_ISSUER, "octo/agent")
    trust = Trust(identities=(ours,), named=True, trusted_root=root(sigstore))
    signed = sigstore_bundle(sigstore, STATEMENT)
    assert judged(ATTESTATION, signed, path, trust).verdict == "VERIFIED"
    assert judged(ATTESTATION, signed, path, Trust(trusted_root=root(sigstore))).verdict == "INTACT"
    assert found(judged(ATTESTATION, signed, path, TRUST))["signature"] == ("not-checked", "sigstore-unsupported")


def test_without_the_log_it_is_intact_at_best() -> None:
    report = judged(ATTESTATION, key_bundle(), None)
    assert (report.verdict, report.exit_code()) == ("INTACT", 3)
    checks = found(report)
    assert checks["log"] == checks["predicate"] == ("not-checked", "no-chain")
    assert checks["signature"] == checks["signer"] == ("pass", "ok")
    assert not report.claims


def test_without_a_signature_it_is_intact_or_fails_where_a_signer_is_named(path: Path) -> None:
    assert judged(ATTESTATION, None, path, Trust()).verdict == "INTACT"
    assert found(judged(ATTESTATION, None, path))["signature"] == ("fail", "signature-missing")


def forged(change: Callable[[Value], Any]) -> bytes:
    attestation = json.loads(ATTESTATION)
    change(attestation)
    return json.dumps(attestation).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a["execution_summary"].update(blocked=0),
        lambda a: a["agent"].update(model="another"),
        lambda a: a.update(extra=1),
        lambda a: a.pop("agent"),
    ],
)
def test_a_forged_claim_is_refused_with_and_without_the_log(path: Path, change: Callable[[Value], Any]) -> None:
    assert found(judged(forged(change), key_bundle(), path))["predicate"] == ("fail", "predicate-mismatch")
    assert found(judged(forged(change), key_bundle(), None))["statement"] == ("fail", "statement-mismatch")


def test_a_forged_claim_that_is_signed_is_refused_with_the_log(path: Path) -> None:
    attestation = forged(lambda a: a["execution_summary"].update(blocked=0, blocked_events=[]))
    claimed = {name: value for name, value in json.loads(attestation).items() if name != "signature"}
    report = judged(attestation, key_bundle(statement(claimed, None)), path)
    assert (report.verdict, report.signer) == ("FAILED", None)


def test_a_signed_claim_without_an_end_is_no_signature_in_time(sigstore: PrivateSigstore) -> None:
    attestation = forged(lambda a: a.pop("agent"))
    claimed = {name: value for name, value in json.loads(attestation).items() if name != "signature"}
    signed = sigstore_bundle(sigstore, statement(claimed, None))
    checks = found(judged(attestation, signed, None, Trust(trusted_root=root(sigstore))))
    assert checks["signature"] == ("fail", "signature-time")


def test_a_log_without_the_run_is_refused(tmp_path: Path) -> None:
    other = Log()
    for append in (start, end):
        append(other, "00000000-0000-4000-8000-000000000000")
    path = other.write(tmp_path / "log")
    report = judged(ATTESTATION, key_bundle(), path)
    assert (report.verdict, found(report)["run-chain"]) == ("FAILED", ("fail", "run-end"))


def test_a_log_that_was_changed_is_refused(path: Path) -> None:
    path.write_bytes(LOG.data.replace(b'"PASS"', b'"BLOCK"', 1))
    assert found(judged(ATTESTATION, key_bundle(), path))["log"] == ("fail", "row-hash")


def test_a_run_that_went_on_in_another_log_is_refused(tmp_path: Path) -> None:
    log = Log()
    start(log)
    call(log, 1)
    end(log)
    report = judged(ATTESTATION, key_bundle(), log.write(tmp_path / "log"))
    assert found(report)["predicate"] == ("fail", "predicate-mismatch")


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        ([], "envelope-form"),
        ({}, "envelope-form"),
        ({"payload": "x"}, "envelope-form"),
        (envelope() | {"signatures": []}, "envelope-form"),
        (envelope() | {"signatures": envelope()["signatures"] * 2}, "signature-count"),
        (envelope() | {"extra": 1}, "envelope-form"),
        (envelope(payload_type="text/plain"), "payload-type"),
        (envelope(b"{}"), "statement-mismatch"),
        ({"mediaType": "x", "dsseEnvelope": 1}, "envelope-form"),
    ],
)
def test_what_is_no_signature_over_this_is_refused(path: Path, signed: Any, code: str) -> None:
    report = judged(ATTESTATION, signed, path)
    assert report.verdict == "FAILED"
    assert code in {check.code for check in report.checks if check.status == "fail"}


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"predicate_type":"x"}', b'{"schema":"occasio-bundle/v1"}'])
def test_what_is_no_attestation_is_not_judged(data: bytes) -> None:
    with pytest.raises(NotABundleError):
        judged(data, None, None)


@pytest.mark.parametrize("part", ["subject", "policy", "audit_chain"])
@pytest.mark.parametrize("value", [None, 1, {}, {"run_id": 1, "file_hash": "x", "last_hash": "0"}], ids=str)
def test_an_attestation_of_nothing_is_refused(part: str, value: Any) -> None:
    assert found(judged(forged(lambda a: a.update({part: value})), key_bundle(), None))["format"][0] == "fail"


def test_the_command_line_finds_the_signature_beside_it(
    tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, key = tmp_path / "run.json", tmp_path / "ada.pem"
    file.write_bytes(ATTESTATION)
    key.write_text(KEY.pem, encoding="ascii")
    arguments = ["--attestation", str(file), "--key", str(key)]
    assert main([*arguments, "--chain", str(path)]) == 1  # nobody signed
    (tmp_path / "run.sigstore.json").write_text(json.dumps(key_bundle()), encoding="utf-8")
    assert main([*arguments, "--chain", str(path)]) == 0
    assert main(arguments) == 3
    (tmp_path / "run.sigstore.json").rename(tmp_path / "else")
    assert main([*arguments, "--chain", str(path), "--bundle", str(tmp_path / "else")]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--attestation", "a", "b"],
        ["--attestation", "a", "--log", "b"],
        ["b", "--chain", "c"],
        ["b", "--bundle", "c"],
        ["--attestation", "nowhere"],
        ["--attestation", "nowhere", "--checkpoint", "c"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "hint: " in err


def test_the_run_is_named() -> None:
    assert judged(ATTESTATION, None, None).subject == f"run {RUN}"
