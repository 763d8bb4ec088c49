import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from occasio_core import SealError, Signature
from occasio_core.attestation import attest
from occasio_core.seal import last_run, read_run, seal
from occasio_verify import Trust, TrustedKey, load_public_key, parse_json, predicate, verify_bundle
from tests.samples import GENESIS, POLICY, RUN, Log, call, canonical, end, hashed, request, run_of, sha256, start
from tests.spec.worked_example import LOG_KEY, SIGNING_KEY, Key

OTHER = "00000000-0000-4000-8000-00000000000b"


class KeySigner:
    name = "test"

    def __init__(self, seed: str) -> None:
        self._key = Key(seed).private

    def sign(self, data: bytes, /) -> Signature:
        public = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return Signature(sig=self._key.sign(data), public_key=public)


SIGNER, LOG_SIGNER = KeySigner(SIGNING_KEY), KeySigner(LOG_KEY)
NAMED = Trust(keys=(TrustedKey("ada", load_public_key(Key(SIGNING_KEY).pem.encode())),), named=True)


def policies(sha: str) -> str:
    assert sha == sha256(POLICY.encode())
    return POLICY


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.jsonl"


def interleaved_runs() -> Log:
    log = Log()
    start(log)
    start(log, OTHER)
    for number in range(6):
        call(log, number, run=(RUN, OTHER)[number % 2])
    request(log)
    end(log, OTHER)
    end(log)
    return log


def test_a_sealed_run_verifies(path):
    run_of(4).write(path)
    sealed = seal(read_run(path, RUN), policies, LOG_SIGNER, SIGNER)
    assert verify_bundle(sealed.bundle, NAMED).verdict == "VERIFIED" == sealed.report.verdict


def test_an_unsigned_run_is_intact(path):
    run_of(4).write(path)
    assert verify_bundle(seal(read_run(path, RUN), policies, LOG_SIGNER, None).bundle).verdict == "INTACT"


@pytest.mark.parametrize("run", [RUN, OTHER])
def test_a_run_among_others_is_sealed_alone(path, run):
    log = interleaved_runs()
    log.write(path)
    sealed = seal(read_run(path, run), policies, LOG_SIGNER, SIGNER)
    rows = parse_json(sealed.bundle)["chain_slice"]
    assert {row["run_id"] for row in rows} == {run} and len(rows) < len(log.rows)
    assert verify_bundle(sealed.bundle, NAMED).verdict == "VERIFIED"


def test_the_place_in_the_log_is_shown_without_the_log(path):
    interleaved_runs().write(path)
    sealed = seal(read_run(path, RUN), policies, LOG_SIGNER, SIGNER)
    assert len(parse_json(sealed.bundle)["log"]["proof"]) > 2


def test_rows_that_come_later_are_not_part_of_it(path):
    log = run_of(2)
    log.write(path)
    run = read_run(path, RUN)
    start(log, OTHER)
    log.write(path)
    assert run.log_size == len(log.rows) - 2


def test_an_attestation_is_the_predicate_unsigned(path):
    log = run_of(3)
    log.write(path)
    assert json.loads(attest(read_run(path, RUN)).attestation) == {**predicate(log.rows), "signature": None}


def test_a_log_that_does_not_verify_is_not_attested(path):
    path.write_bytes(run_of(3).data.replace(b'"PASS"', b'"BLOCK"', 1))
    with pytest.raises(SealError, match="row-hash: line 3"):
        read_run(path, RUN)


def test_a_fault_in_another_run_is_a_fault_of_the_log(path):
    log = interleaved_runs()
    log.rows[3] = hashed({**log.rows[3], "agent": "x"})
    path.write_bytes(b"".join(canonical(row) + b"\n" for row in log.rows))
    with pytest.raises(SealError, match="log-link"):
        read_run(path, RUN)


def test_a_run_that_has_not_ended_is_not_attested(path):
    log = Log()
    start(log)
    log.write(path)
    with pytest.raises(SealError, match="run-end") as refusal:
        read_run(path, RUN)
    assert "audit repair" in refusal.value.hint


def test_a_run_that_is_not_there_is_named(path):
    run_of(1).write(path)
    with pytest.raises(SealError, match=f"no run `{OTHER}`"):
        read_run(path, OTHER)


def checkpoint_of(path) -> bytes:
    return seal(read_run(path, RUN), policies, LOG_SIGNER, None).checkpoint


def test_a_log_that_extends_its_checkpoint_is_sealed(path):
    log = run_of(1)
    log.write(path)
    remembered = checkpoint_of(path)
    start(log, OTHER)
    log.write(path)
    assert read_run(path, RUN, remembered=remembered).log_size == len(log.rows)


def cut(log: Log) -> Log:
    log.rows.pop()
    return log


def begun_anew(log: Log) -> Log:
    other = Log()
    start(other, OTHER)
    start(other)
    end(other)
    request(other, OTHER)
    end(other, OTHER)
    return other


def changed(log: Log) -> Log:
    other = Log()
    start(other)
    call(other, 99)
    request(other)
    end(other)
    start(other, OTHER)
    return other


@pytest.mark.parametrize("happened", [cut, begun_anew, changed])
def test_a_log_that_does_not_extend_its_checkpoint_is_not_sealed(path, happened):
    log = run_of(1)
    start(log, OTHER)
    log.write(path)
    remembered = checkpoint_of(path)
    happened(log).write(path)
    with pytest.raises(SealError, match="does not extend its last checkpoint"):
        read_run(path, RUN, remembered=remembered)


def test_a_checkpoint_that_cannot_be_read_is_an_error(path):
    run_of(1).write(path)
    with pytest.raises(SealError, match="checkpoint of the log cannot be used: note-form"):
        read_run(path, RUN, remembered=b"nonsense")


def test_a_missing_policy_is_an_error(path):
    def lost(sha: str) -> str:
        raise SealError("not kept")

    run_of(1).write(path)
    with pytest.raises(SealError, match="not kept"):
        seal(read_run(path, RUN), lost, LOG_SIGNER, SIGNER)


def test_a_bundle_that_would_not_verify_is_not_made(path):
    run_of(1).write(path)
    with pytest.raises(SealError, match="policy-mismatch"):
        seal(read_run(path, RUN), lambda sha: "version: 1\n", LOG_SIGNER, SIGNER)


def test_a_signature_that_does_not_hold_is_not_written(path):
    class Broken(KeySigner):
        def sign(self, data: bytes, /) -> Signature:
            good = super().sign(data)
            return Signature(sig=good.sig if b"occasio.local" in data[:20] else bytes(64), public_key=good.public_key)

    run_of(1).write(path)
    with pytest.raises(SealError, match="signature-invalid"):
        seal(read_run(path, RUN), policies, LOG_SIGNER, Broken(SIGNING_KEY))


def test_the_last_run_is_the_one_that_started_last(path):
    interleaved_runs().write(path)
    assert last_run(path) == OTHER


@pytest.mark.parametrize("block", [1, 7, 100, 1 << 16])
def test_the_last_run_is_found_in_blocks_of_any_size(path, block, monkeypatch):
    import occasio_core.seal as module

    backwards = module._lines_from_end
    monkeypatch.setattr(module, "_lines_from_end", lambda log: backwards(log, block))
    run_of(1).write(path)
    assert last_run(path) == RUN


def test_a_name_in_a_value_is_no_start(path):
    log = run_of(1)
    log.append(
        "tool_call",
        OTHER,
        agent="x",
        action="PASS",
        call_id='"kind":"run_started"',
        effects=[],
        input_digest=GENESIS,
        reason="",
        tool_inputs={},
        tool_name="",
    )
    log.write(path)
    assert last_run(path) == RUN


def test_a_log_without_a_run_says_so(path):
    path.write_bytes(b"")
    with pytest.raises(SealError, match="has no run"):
        last_run(path)
