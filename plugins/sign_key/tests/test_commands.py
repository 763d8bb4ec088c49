"""`occasio key`: what it prints, what it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from occasio_core import Json, OccasioError, UsageError, read_trust
from occasio_sign_key.agent import AgentKey
from occasio_sign_key.commands import key_group
from occasio_sign_key.key import fingerprint, generate
from occasio_sign_key.keyfile import key_path, make_key, read_key


def occasio_key(home: Path, *arguments: str | Path) -> Result:
    """Run the command; what it raises, the command line would print in one line."""
    result = CliRunner().invoke(key_group(home), [str(argument) for argument in arguments])
    if isinstance(result.exception, OccasioError):
        raise result.exception
    return result


def printed(home: Path, *arguments: str | Path) -> dict[str, Json]:
    result = occasio_key(home, *arguments, "--json")
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


def test_a_new_key_is_made_and_described(home: Path) -> None:
    described = printed(home, "new", "release")
    key = read_key(home, "release")
    assert described == {
        "name": "release",
        "algorithm": "ed25519",
        "fingerprint": fingerprint(key.spki),
        "file": str(home / "keys" / "release.pem"),
        "kept_by": "file",
        "trusted_as": ["release"],
        "public_key": key.public_pem,
    }


@pytest.mark.parametrize(("kind", "algorithm"), [("ed25519", "ed25519"), ("ecdsa-p256", "ecdsa-p256-sha256")])
def test_a_key_is_of_the_kind_that_was_asked_for(home: Path, kind: str, algorithm: str) -> None:
    assert printed(home, "new", "release", "--type", kind)["algorithm"] == algorithm
    assert occasio_key(home, "new", "other", "--type", "rsa").exit_code == 2


def test_a_key_of_the_agent_is_chosen_by_its_comment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
    keys = {AgentKey(point + make_key(home, name).spki[-32:]): name for name in ("ada", "bob")}
    monkeypatch.setattr("occasio_sign_key.commands.agent_keys", lambda: keys)
    with pytest.raises(UsageError, match="the ssh-agent has 2 keys that can be used here") as refusal:
        occasio_key(home, "agent", "held")
    assert "`ada`, `bob`" in refusal.value.hint
    with pytest.raises(UsageError, match="0 keys with the comment `eve`"):
        occasio_key(home, "agent", "held", "--comment", "eve")
    described = printed(home, "agent", "held", "--comment", "bob")
    assert (described["kept_by"], described["trusted_as"]) == ("ssh-agent", ["bob", "held"])
    assert "ssh-agent" in occasio_key(home, "show", "held").stdout
    assert occasio_key(home, "export", "held").stdout == described["public_key"]
    assert [key["name"] for key in printed(home, "list")["keys"]] == ["ada", "bob", "held"]


def test_what_is_shown_is_what_was_made(home: Path) -> None:
    assert printed(home, "new", "release") == printed(home, "show", "release")


def test_the_key_that_is_shown_without_a_name_is_that_of_bundles(home: Path) -> None:
    key = make_key(home, "default")
    shown = occasio_key(home, "show").stdout
    assert shown.splitlines() == [
        "default  trusted as default",
        "  algorithm    ed25519",
        f"  fingerprint  {fingerprint(key.spki)}",
        f"  file         {key_path(home, 'default')}",
    ]


def test_showing_makes_no_key(home: Path) -> None:
    with pytest.raises(UsageError, match="there is no key `default`"):
        occasio_key(home, "show")
    assert not home.exists()


def test_keys_are_listed_with_their_fingerprints(home: Path) -> None:
    keys = {name: make_key(home, name) for name in ("log", "default")}
    assert occasio_key(home, "list").stdout.splitlines() == [
        f"default  {fingerprint(keys['default'].spki)}  trusted as default",
        f"log  {fingerprint(keys['log'].spki)}",
    ]


def test_a_home_without_keys_lists_none(home: Path) -> None:
    assert occasio_key(home, "list").stdout == ""
    assert printed(home, "list") == {"keys": []}


def test_a_broken_key_is_listed_with_what_is_wrong(home: Path) -> None:
    make_key(home, "ada")
    path = key_path(home, "bad")
    path.write_bytes(b"")
    path.chmod(0o600)
    problem = f"`{path}` is not an Ed25519 or P-256 private key in PKCS#8 PEM"
    assert occasio_key(home, "list").stdout.splitlines()[1] == f"bad  {problem}"
    assert printed(home, "list")["keys"][1] == {"name": "bad", "file": str(path), "problem": problem}  # type: ignore[index,call-overload]


def test_a_public_key_is_exported_as_pem(home: Path) -> None:
    key = make_key(home, "default")
    assert occasio_key(home, "export").stdout == key.public_pem


def test_a_public_key_is_exported_to_a_file(home: Path, tmp_path: Path) -> None:
    key = make_key(home, "ada")
    result = occasio_key(home, "export", "ada", "--out", tmp_path / "ada.pub")
    assert (tmp_path / "ada.pub").read_text(encoding="ascii") == key.public_pem
    assert result.stdout == ""


def test_exporting_twice_to_one_file_is_as_good_as_once(home: Path, tmp_path: Path) -> None:
    make_key(home, "default")
    for _ in range(2):
        assert occasio_key(home, "export", "--out", tmp_path / "default.pub").exit_code == 0


def test_an_export_writes_over_nothing_else(home: Path) -> None:
    key = make_key(home, "default")
    with pytest.raises(UsageError, match="is there already, and is something else"):
        occasio_key(home, "export", "--out", key_path(home, "default"))
    assert read_key(home, "default") == key


def test_an_export_that_cannot_be_written_is_one_line(home: Path, tmp_path: Path) -> None:
    make_key(home, "default")
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        occasio_key(home, "export", "--out", tmp_path / "nowhere" / "default.pub")


def test_an_exported_key_is_trusted_elsewhere_by_the_name_given_there(home: Path, tmp_path: Path) -> None:
    key = make_key(home, "default")
    occasio_key(home, "export", "--out", tmp_path / "ada.pub")
    accepted = printed(tmp_path / "other", "trust", tmp_path / "ada.pub", "--name", "Ada")
    assert accepted == {"name": "Ada", "fingerprint": fingerprint(key.spki), "added": True}
    assert [(entry.name, entry.key.spki) for entry in read_trust(tmp_path / "other").keys] == [("Ada", key.spki)]


def test_trusting_again_says_so_and_changes_nothing(home: Path, tmp_path: Path) -> None:
    public = tmp_path / "ada.pub"
    public.write_text(generate().public_pem, encoding="ascii")
    assert occasio_key(home, "trust", public, "--name", "ada").stdout.startswith("trusted: ada")
    assert occasio_key(home, "trust", public, "--name", "ada").stdout.startswith("already trusted: ada")


def test_a_private_key_is_not_trusted_but_explained(home: Path, tmp_path: Path) -> None:
    (tmp_path / "ada.pem").write_text(generate().private_pem, encoding="ascii")
    with pytest.raises(UsageError, match="is a private key") as refusal:
        occasio_key(home, "trust", tmp_path / "ada.pem", "--name", "ada")
    assert "occasio key export" in refusal.value.hint


@pytest.mark.parametrize("data", [b"", b"\xff\x00", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_public_key_is_not_trusted(home: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "ada.pub").write_bytes(data)
    with pytest.raises(UsageError, match="the key for `ada` cannot be used"):
        occasio_key(home, "trust", tmp_path / "ada.pub", "--name", "ada")


def test_a_file_that_is_not_there_is_one_line(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        occasio_key(home, "trust", tmp_path / "ada.pub", "--name", "ada")


@pytest.mark.parametrize("arguments", [["new"], ["trust", "x"], ["show", "a", "b"], ["list", "--yaml"], ["make"]])
def test_wrong_use_exits_2(home: Path, arguments: list[str]) -> None:
    assert occasio_key(home, *arguments).exit_code == 2
    assert not home.exists()


@pytest.mark.parametrize("command", ["new", "list", "show", "export", "trust"])
def test_every_command_explains_itself(home: Path, command: str) -> None:
    assert "Usage: key" in occasio_key(home, command, "--help").stdout
