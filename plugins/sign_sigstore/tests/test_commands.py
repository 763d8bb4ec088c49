"""`occasio identity`: what it accepts is what the verifier then knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from occasio_core import OccasioError, UsageError, read_trust
from occasio_sign_sigstore import occasio_register_commands
from occasio_sign_sigstore.commands import identity_group
from occasio_verify import Trust, verify_bundle
from tests.private_sigstore import GITHUB_ISSUER, PrivateSigstore
from tests.private_sigstore.signed import IDENTITY, root, signed, written

WORKFLOW = ("--identity", IDENTITY, "--issuer", GITHUB_ISSUER)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def identity(home: Path, *arguments: str) -> Result:
    """Run the command; what it raises, the command line would print in one line."""
    result = CliRunner().invoke(identity_group(home), list(arguments))
    if isinstance(result.exception, OccasioError):
        raise result.exception
    return result


def test_who_is_accepted_is_known_to_the_verifier(home: Path) -> None:
    assert identity(home, "trust", "ci", *WORKFLOW, "--repository", "octo/agent").stdout.startswith("trusted: ci")
    with PrivateSigstore() as instance:
        trust = Trust(identities=read_trust(home).identities, trusted_root=root(instance))
        report = verify_bundle(written(signed(instance)), trust)
    assert (report.verdict, report.signer) == ("VERIFIED", "ci")


def test_a_workflow_of_github_is_accepted_with_its_repository_alone(home: Path) -> None:
    with pytest.raises(UsageError, match="an identity of GitHub is not enough") as refusal:
        identity(home, "trust", "ci", *WORKFLOW)
    assert "--repository OWNER/NAME" in refusal.value.hint
    assert read_trust(home).identities == ()


def test_one_name_is_one_identity(home: Path) -> None:
    given = ("trust", "ada", "--identity", "ada@local.test", "--issuer", "https://accounts.example")
    assert identity(home, *given).stdout.startswith("trusted: ada")
    assert identity(home, *given).stdout.startswith("already trusted: ada")
    with pytest.raises(UsageError, match="`ada` is already the name of another"):
        identity(home, *given[:3], "eve@local.test", *given[4:])
    assert identity(home, "list").stdout == "ada  ada@local.test (issuer https://accounts.example)\n"


def test_programs_get_json(home: Path) -> None:
    given = ("trust", "ci", *WORKFLOW, "--repository", "octo/agent", "--json")
    entry = {"name": "ci", "identity": IDENTITY, "issuer": GITHUB_ISSUER, "repository": "octo/agent"}
    assert json.loads(identity(home, *given).stdout) == {**entry, "added": True}
    assert json.loads(identity(home, "list", "--json").stdout) == {"identities": [entry]}


@pytest.mark.parametrize("missing", ["--identity", "--issuer"])
def test_identity_and_issuer_are_both_needed(home: Path, missing: str) -> None:
    given = [*WORKFLOW]
    del given[given.index(missing) : given.index(missing) + 2]
    assert identity(home, "trust", "ci", *given).exit_code == 2


def test_the_command_is_called_identity(home: Path) -> None:
    assert [command.name for command in occasio_register_commands(home=home)] == ["identity"]
