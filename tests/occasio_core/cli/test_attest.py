"""`occasio attest` and `attest verify` on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from occasio_core import home as places
from tests.occasio_core.cli.commands import OTHER, Captured, assert_refused, occasio
from tests.private_sigstore import GITHUB_ISSUER, PrivateSigstore
from tests.private_sigstore.signed import IDENTITY

pytestmark = pytest.mark.usefixtures("log")


@pytest.fixture(scope="module")
def sigstore() -> Iterator[PrivateSigstore]:
    with PrivateSigstore() as instance:
        yield instance


def files() -> set[str]:
    return {path.name for path in Path.cwd().iterdir()}


@pytest.mark.parametrize(("option", "suffix"), [((), ".sigstore.json"), (("--dsse",), ".dsse.json")])
def test_a_key_signs_beside_the_attestation(home: Path, option: tuple[str, ...], suffix: str, capsys: Captured) -> None:
    assert occasio("attest", "--key", "default", *option, "--out", "run.json") == 0
    assert files() == {"run.json", f"run{suffix}"}
    assert occasio("attest", "verify", "run.json", "--chain", places.log_path(home)) == 0
    assert "VERIFIED" in capsys.readouterr().out
    assert occasio("attest", "verify", "run.json") == 3
    text = Path("run.json").read_text(encoding="utf-8")
    Path("run.json").write_text(text.replace('"blocked":0', '"blocked":1'), encoding="utf-8")
    assert occasio("attest", "verify", "run.json", "--chain", places.log_path(home), "--json") == 1


def test_an_identity_signs_beside_the_attestation(
    home: Path, sigstore: PrivateSigstore, tmp_path: Path, capsys: Captured
) -> None:
    config, root = tmp_path / "config", tmp_path / "root"
    config.write_text(json.dumps(sigstore.client_trust_config()), encoding="utf-8")
    root.write_text(json.dumps(sigstore.trusted_root()), encoding="utf-8")
    given = ["--sign", "--oidc-token", sigstore.github_token(), "--trust-config", config]
    assert occasio("attest", *given, "--vsa", "--out", "run.json") == 0
    assert files() == {"run.json", "run.sigstore.json", "run.vsa.sigstore.json"}
    who = ["--identity", IDENTITY, "--issuer", GITHUB_ISSUER, "--repository", "octo/agent", "--trusted-root", root]
    assert occasio("attest", "verify", "run.json", *who, "--chain", places.log_path(home)) == 0
    assert f"signed by {IDENTITY}" in " ".join(capsys.readouterr().out.split())


def test_a_signature_that_fails_leaves_no_file(sigstore: PrivateSigstore, tmp_path: Path, capsys: Captured) -> None:
    config = tmp_path / "config"
    config.write_text(json.dumps(sigstore.client_trust_config()), encoding="utf-8")
    given = ["--sign", "--oidc-token", "no.to.ken", "--trust-config", config, "--vsa"]
    assert occasio("attest", *given, "--out", "run.json") == 1
    assert_refused(capsys, "the identity token cannot be used", "audience")
    assert files() == set()


def test_a_bundle_may_have_a_summary_beside_it(capsys: Captured) -> None:
    assert occasio("bundle", "--vsa", "--out", "run.occasio.json") == 0
    assert files() == {"run.occasio.json", "run.occasio.vsa.sigstore.json"}
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--key", "default", "--sign", "--out", "x"], "there is one signature"),
        (["--dsse", "--out", "x"], "--dsse goes with --key"),
        (["--sign", "--dsse", "--out", "x"], "--dsse goes with --key"),
        (["--vsa", "--out", "x"], "--vsa is signed by the same signer"),
        (["--key", "default"], "a signed attestation is two files"),
        (["--trust-config", "x"], "--trust-config goes with --sign"),
        (["--key", "log", "--out", "x"], "signs checkpoints and nothing else"),
    ],
)
def test_wrong_use_is_said_before_anything_is_done(arguments: list[str], told: str, capsys: Captured) -> None:
    assert occasio("attest", *arguments) == 2
    assert told in capsys.readouterr().err
    assert files() == set()


def test_unsigned_it_goes_to_standard_output(capsys: Captured) -> None:
    assert occasio("attest", "--run", OTHER) == 0
    assert json.loads(capsys.readouterr().out)["subject"]["run_id"] == OTHER
