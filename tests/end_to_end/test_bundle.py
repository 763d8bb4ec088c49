"""The sealed bundle of a governed session: two implementations and the Node project's rules accept it, changed by nothing."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_harness.marker import leaks
from occasio_verify import NotABundleError, Report, Trust, TrustedKey, Verdict, load_public_key, verify_bundle
from tests.end_to_end.place import DENIED_WORDS, REAL_KEY, Sealed
from tests.end_to_end.session import ALLOWED, DENIED, Session
from tests.node_rules import log_problems, problems
from tests.real_agents import run

pytestmark = pytest.mark.agents

JAVASCRIPT = Path(__file__).parents[2] / "conformance" / "javascript"
CHECKS = 10  # SPEC section 11
CHANGES = 400  # bytes that are changed one by one; a stride through the whole file
SAMPLE = 40  # of these, for the second implementation


def report(sealed: Sealed, data: bytes) -> Report | None:
    """Return what the verifier says of `data` where the caller named the key; None if it is no bundle."""
    key = TrustedKey("default", load_public_key(sealed.key.read_bytes()))
    try:
        return verify_bundle(data, Trust(keys=(key,), named=True))
    except NotABundleError:
        return None


def changes(data: bytes, count: int) -> Iterator[tuple[int, bytes]]:
    """Yield `count` positions, spread evenly from the first byte to the last, each with `data` changed there alone."""
    source = random.Random(2)
    for number in range(count):
        at = number * (len(data) - 1) // (count - 1)
        other = data[at] ^ source.choice([0x01, 0x02, 0x08, 0x20, 0x80])
        yield at, data[:at] + bytes([other]) + data[at + 1 :]


def test_the_python_verifier_says_verified_with_the_key(session: Session, sealed: Sealed) -> None:
    done = session.place.verifier(sealed.bundle, "--key", sealed.key, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"]) == (0, "VERIFIED"), done.stdout
    assert [check["status"] for check in told["checks"]] == ["pass"] * CHECKS


def test_the_javascript_verifier_says_verified_with_the_key(session: Session, sealed: Sealed, node: str) -> None:
    command = [node, *map(str, (JAVASCRIPT / "cli.js", sealed.bundle, "--key", sealed.key, "--json"))]
    done = run(command, environment=session.place.environment, directory=session.place.work)
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"]) == (0, "VERIFIED"), done.stdout
    assert [check["status"] for check in told["checks"]] == ["pass"] * CHECKS


def test_the_bare_command_says_verified_by_the_own_key(session: Session, sealed: Sealed) -> None:
    done = session.place.occasio("verify", sealed.bundle, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"], told["signer"]) == (0, "VERIFIED", "default")


def test_on_another_machine_the_bare_command_says_intact(session: Session, sealed: Sealed, tmp_path: Path) -> None:
    done = session.place.occasio("verify", sealed.bundle, "--json", OCCASIO_HOME=str(tmp_path))
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (3, "INTACT")


def test_the_bundle_says_what_happened(session: Session, sealed: Sealed) -> None:
    attestation = json.loads(sealed.data)["attestation"]
    summary = attestation["execution_summary"]
    assert (summary["tool_calls"], summary["passed"], summary["blocked"]) == (9, len(ALLOWED), len(DENIED))
    assert attestation["agent"]["platform"] == "claude-code"
    assert attestation["agent"]["model"] == session.requests[0].json["model"]
    assert attestation["subject"]["git_state"]["run_start"]["dirty"] is False


def test_the_bundle_holds_neither_the_denied_content_nor_the_key(sealed: Sealed) -> None:
    assert leaks((*DENIED_WORDS, REAL_KEY), sealed.data) == []
    payload = json.loads(sealed.data)["key_bundle"]["dsseEnvelope"]["payload"]
    assert leaks((*DENIED_WORDS, REAL_KEY), payload.encode()) == []


def test_the_log_extends_the_checkpoint_of_the_bundle(session: Session, sealed: Sealed) -> None:
    done = session.place.occasio("audit", "verify", "--json")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "VERIFIED")


def test_the_node_projects_rules_accept_the_bundle_and_the_log(session: Session, sealed: Sealed) -> None:
    assert problems(sealed.data) == []
    assert log_problems(session.place.log.read_bytes()) == []


def test_every_change_of_a_byte_is_noticed(sealed: Sealed) -> None:
    for at, changed in changes(sealed.data, CHANGES):
        found = report(sealed, changed)
        assert found is None or found.verdict is Verdict.FAILED, f"byte {at}"


def test_every_byte_that_is_left_out_or_doubled_is_noticed(sealed: Sealed) -> None:
    for at, _ in changes(sealed.data, SAMPLE):
        for changed in (sealed.data[:at] + sealed.data[at + 1 :], sealed.data[: at + 1] + sealed.data[at:]):
            found = report(sealed, changed)
            assert found is None or found.verdict is Verdict.FAILED, f"byte {at}"


def test_the_second_implementation_notices_every_change_of_a_byte(sealed: Sealed, node: str, tmp_path: Path) -> None:
    requests = []
    for at, changed in [(-1, sealed.data), *changes(sealed.data, SAMPLE)]:
        path = tmp_path / f"{at}.json"
        path.write_bytes(changed)
        asked = {"id": str(at), "op": "bundle", "path": str(path), "keys": [str(sealed.key)], "named": True}
        requests.append(json.dumps(asked))
    command = [node, str(JAVASCRIPT / "client.js")]
    done = subprocess.run(command, input="\n".join(requests) + "\n", capture_output=True, text=True, timeout=60)
    whole, *told = [json.loads(line) for line in done.stdout.splitlines()]
    assert (whole["verdict"], len(told)) == ("VERIFIED", SAMPLE)
    assert [answer["id"] for answer in told if answer["ok"] and answer["verdict"] != "FAILED"] == []
