"""Sigstore's JavaScript verifier judges what Occasio signs, with a key and keyless, as Occasio's own does."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from occasio_core import KeylessSignature
from occasio_core.attestation import attest, signed_summary
from occasio_core.seal import Run, read_run
from occasio_sign_key.agent import agent_keys
from occasio_sign_key.key import fingerprint, generate, public_pem
from occasio_sign_key.p256 import generate_p256
from occasio_verify import check_sigstore
from tests.private_sigstore import GITHUB_ISSUER, PrivateSigstore
from tests.private_sigstore.signed import IDENTITY, root, sigstore_bundle
from tests.samples import RUN, run_of

NPM = Path(__file__).parents[1] / "npm"
INSTALLED = shutil.which("node") is not None and (NPM / "node_modules" / "@sigstore" / "verify").is_dir()

if os.environ.get("OCCASIO_REQUIRE_NPM") != "1":
    pytestmark = pytest.mark.skipif(not INSTALLED, reason="`npm ci --prefix tests/npm` was not run")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return read_run(run_of(4).write(tmp_path / "log"), RUN)


def judged(tmp_path: Path, bundle: bytes, how: str, *arguments: str | Path) -> tuple[bool, str]:
    """Return whether it accepts the bundle, and what it says."""
    (tmp_path / "bundle.json").write_bytes(bundle)
    command = ["node", NPM / "verify.mjs", tmp_path / "bundle.json", how, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode == 0, done.stdout.strip()


def by_key(tmp_path: Path, bundle: bytes, spki: bytes) -> tuple[bool, str]:
    (tmp_path / "key.pem").write_text(public_pem(spki), encoding="ascii")
    return judged(tmp_path, bundle, "--key", fingerprint(spki), tmp_path / "key.pem")


class Signs:
    """A signer with one key."""

    name = "one"

    def __init__(self, key) -> None:
        self.key = key

    def sign(self, data: bytes, /):
        return self.key.sign(data)


@pytest.mark.parametrize("make", [generate, generate_p256], ids=["Ed25519", "P-256"])
def test_a_bundle_by_a_key_holds_for_that_key_alone(tmp_path: Path, run: Run, make) -> None:
    key = make()
    made = attest(run, Signs(key))
    assert made.signed is not None
    assert by_key(tmp_path, made.signed, key.spki) == (True, "holds")
    assert not by_key(tmp_path, made.signed, make().spki)[0]
    changed = json.loads(made.signed)
    changed["dsseEnvelope"]["payload"] = base64.b64encode(
        made.statement.replace(b'"blocked":1', b'"blocked":0')
    ).decode()
    assert changed != json.loads(made.signed)
    assert by_key(tmp_path, json.dumps(changed).encode(), key.spki)[0] is False
    assert by_key(tmp_path, signed_summary(run, made.statement, Signs(key), None), key.spki) == (True, "holds")


@pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="there is no ssh-agent here")
@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_a_bundle_by_a_key_of_an_ssh_agent_holds(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "s"))
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", tmp_path / "s"], stdout=subprocess.PIPE)
    try:
        assert agent.stdout is not None
        agent.stdout.readline()
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", tmp_path / "k"], check=True)
        subprocess.run(["ssh-add", "-q", tmp_path / "k"], check=True)
        (tmp_path / "k").unlink()
        (key,) = agent_keys()
        made = attest(run, Signs(key))
        assert by_key(tmp_path, made.signed or b"", key.spki) == (True, "holds")
    finally:
        agent.terminate()
        agent.wait()
        agent.stdout.close()


@pytest.fixture(scope="module", params=[False, True], ids=["promise", "promise and timestamp"])
def sigstore(request: pytest.FixtureRequest) -> Iterator[PrivateSigstore]:
    with PrivateSigstore(timestamps=request.param) as instance:
        yield instance


def by_root(tmp_path: Path, bundle: bytes, trusted: bytes, who: Sequence[str] = (IDENTITY, GITHUB_ISSUER)) -> bool:
    (tmp_path / "root.json").write_bytes(trusted)
    return judged(tmp_path, bundle, "--root", tmp_path / "root.json", *who)[0]


def test_a_keyless_bundle_holds_for_its_identity_and_instance_alone(
    tmp_path: Path, run: Run, sigstore: PrivateSigstore
) -> None:
    made = attest(
        run, None, lambda data: KeylessSignature(bundle=sigstore_bundle(sigstore, data), trusted_root=root(sigstore))
    )
    bundle = made.signed or b""
    assert by_root(tmp_path, bundle, root(sigstore))
    assert not by_root(tmp_path, bundle, root(sigstore), ("eve@local.test", GITHUB_ISSUER))
    assert not by_root(tmp_path, bundle, root(sigstore), (IDENTITY, "https://accounts.example"))
    with PrivateSigstore() as other:
        assert not by_root(tmp_path, bundle, root(other))


@pytest.mark.parametrize("rogue", ["fulcio", "ct", "set", "checkpoint", "tsa"])
def test_what_rogue_services_signed_is_refused_by_both(tmp_path: Path, run: Run, rogue: str) -> None:
    with PrivateSigstore(timestamps=True, rogue=[rogue]) as instance:
        bundle = sigstore_bundle(instance, attest(run).statement)
        assert not by_root(tmp_path, json.dumps(bundle).encode(), root(instance))
        with pytest.raises(Exception, match="signature-invalid"):
            check_sigstore(bundle, root(instance))
