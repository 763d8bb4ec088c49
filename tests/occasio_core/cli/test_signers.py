"""`bundle --sign` on the command line: what it writes when Sigstore signs, and that it writes nothing when not."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.occasio_core.cli.commands import Captured, assert_refused, occasio
from tests.private_sigstore import GITHUB_ISSUER, PrivateSigstore
from tests.private_sigstore.signed import IDENTITY

pytestmark = pytest.mark.usefixtures("log")


@pytest.fixture(scope="module")
def sigstore() -> Iterator[PrivateSigstore]:
    with PrivateSigstore(rekor=2) as instance:
        yield instance


@pytest.fixture
def config(home: Path, sigstore: PrivateSigstore, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file for `--trust-config`, and a job of GitHub around the command."""
    for name, value in sigstore.github_environment().items():
        monkeypatch.setenv(name, value)
    path = home.parent / "config.json"
    path.write_text(json.dumps(sigstore.client_trust_config()), encoding="utf-8")
    (home.parent / "root.json").write_text(json.dumps(sigstore.trusted_root()), encoding="utf-8")
    return path


def verified(config: Path, bundle: str, *arguments: str) -> int:
    who = arguments or ("--identity", IDENTITY, "--issuer", GITHUB_ISSUER, "--repository", "octo/agent")
    return occasio("verify", bundle, *who, "--trusted-root", config.with_name("root.json"))


def test_a_job_of_github_signs_a_bundle_that_anybody_can_verify(config: Path, capsys: Captured) -> None:
    assert occasio("bundle", "--sign", "--trust-config", config, "--out", "out") == 0
    assert f"signed by `{IDENTITY}`" in capsys.readouterr().err
    bundle = json.loads(Path("out").read_bytes())
    assert bundle["key_bundle"] is None
    assert bundle["attestation"]["signature"]["identity"] == IDENTITY
    assert verified(config, "out") == 0
    assert (
        verified(config, "out", "--identity", "eve@local.test", "--issuer", GITHUB_ISSUER, "--repository", "x/y") == 1
    )


def test_a_key_may_sign_as_well(config: Path, capsys: Captured) -> None:
    assert occasio("bundle", "--sign", "--key", "default", "--trust-config", config, "--out", "out") == 0
    assert f"signed by key `default` and `{IDENTITY}`" in capsys.readouterr().err
    bundle = json.loads(Path("out").read_bytes())
    assert bundle["key_bundle"] and bundle["sigstore_bundle"]
    assert occasio("verify", "out", "--trusted-root", config.with_name("root.json")) == 0  # the key is trusted here


@pytest.mark.parametrize("way", ["option", "stdin", "environment"])
def test_a_token_says_as_whom(
    config: Path, sigstore: PrivateSigstore, monkeypatch: pytest.MonkeyPatch, capsys: Captured, way: str
) -> None:
    token, given = sigstore.email_token("ada@local.test"), []
    if way == "option":
        given = ["--oidc-token", token]
    elif way == "stdin":
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{token}\n"))
        given = ["--oidc-token", "-"]
    else:
        monkeypatch.setenv("OCCASIO_OIDC_TOKEN", token)
    assert occasio("bundle", "--sign", *given, "--trust-config", config, "--out", "out") == 0
    assert token not in "".join(capsys.readouterr())
    assert verified(config, "out", "--identity", "ada@local.test", "--issuer", sigstore.url) == 0


def test_where_sigstore_does_not_sign_nothing_is_written(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_URL")
    assert occasio("bundle", "--sign", "--key", "default", "--trust-config", config, "--out", "out") == 1
    assert_refused(capsys, "no identity token", "id-token: write")
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("rogue", ["fulcio", "checkpoint", "tsa"])
def test_what_a_rogue_service_signs_is_not_written(home: Path, capsys: Captured, rogue: str) -> None:
    with PrivateSigstore(rekor=2, rogue=[rogue]) as instance:
        config = home.parent / "config.json"
        config.write_text(json.dumps(instance.client_trust_config()), encoding="utf-8")
        token = instance.github_token()
        assert occasio("bundle", "--sign", "--oidc-token", token, "--trust-config", config, "--out", "out") == 1
    assert "Sigstore" in capsys.readouterr().err
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--sign", "--no-sign"], "--no-sign leaves the bundle unsigned"),
        (["--key", "default", "--no-sign"], "--no-sign leaves the bundle unsigned"),
        (["--trust-config", "x"], "--trust-config goes with --sign"),
        (["--sign", "--trust-config", "nowhere"], "`nowhere` cannot be read"),
        (["--sign", "--oidc-token", " "], "the identity token is empty"),
    ],
)
def test_wrong_use_is_said_before_anything_is_done(arguments: list[str], told: str, capsys: Captured) -> None:
    assert occasio("bundle", *arguments) == 2
    assert told in capsys.readouterr().err
    assert list(Path.cwd().iterdir()) == []
