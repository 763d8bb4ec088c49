"""Key files: private, whole, one for each name, and refused when somebody else may have read them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from occasio_core import OccasioError, UsageError, read_trust, trust_key
from occasio_sign_key import keyfile
from occasio_sign_key.key import KeyFileError, PrivateKey, generate
from occasio_sign_key.keyfile import KeyExistsError, key_names, key_path, make_key, read_key, signing_key

posix = pytest.mark.skipif(os.name != "posix", reason="modes and owners mean nothing here")
KEY = PrivateKey(bytes(range(32)))


def put(home: Path, name: str, data: bytes = KEY.private_pem.encode(), mode: int = 0o600) -> Path:
    path = key_path(home, name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(data)
    path.chmod(mode)
    return path


def trusted(home: Path) -> dict[str, bytes]:
    return {entry.name: entry.key.spki for entry in read_trust(home).keys}


def test_a_key_that_is_made_is_the_one_that_is_read(home: Path) -> None:
    assert make_key(home, "ada") == read_key(home, "ada")


def test_a_key_that_is_made_is_trusted_under_its_name(home: Path) -> None:
    assert trusted(home) == {}
    key = make_key(home, "ada")
    assert trusted(home) == {"ada": key.spki}


def test_the_key_of_the_log_is_not_trusted_as_a_signer_of_bundles(home: Path) -> None:
    signing_key(home, "log")
    assert trusted(home) == {}


@posix
def test_a_key_is_its_owners_alone(home: Path) -> None:
    before = os.umask(0)
    try:
        make_key(home, "ada")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.joinpath("keys").iterdir()}
    assert modes == {"ada.pem": 0o600}
    assert stat.S_IMODE(home.joinpath("keys").stat().st_mode) == 0o700


def test_a_key_is_not_made_twice(home: Path) -> None:
    key = make_key(home, "ada")
    with pytest.raises(KeyExistsError, match="there is a key `ada` already"):
        make_key(home, "ada")
    assert read_key(home, "ada") == key


@pytest.mark.parametrize("name", ["default", "log"])
def test_the_keys_that_occasio_signs_with_are_made_on_first_use(home: Path, name: str) -> None:
    key = signing_key(home, name)
    assert signing_key(home, name) == key


def test_other_keys_are_not_made_on_use(home: Path) -> None:
    with pytest.raises(UsageError, match="there is no key `ada`") as refusal:
        signing_key(home, "ada")
    assert refusal.value.hint == "`occasio key new ada` makes it"


def test_a_name_that_is_nearly_right_is_suggested(home: Path) -> None:
    make_key(home, "release")
    with pytest.raises(UsageError) as refusal:
        read_key(home, "relaese")
    assert refusal.value.hint == "did you mean `release`?"


def test_a_key_file_that_somebody_put_there_signs_and_is_not_trusted_for_that(home: Path) -> None:
    put(home, "ada")
    assert signing_key(home, "ada") == KEY
    assert trusted(home) == {}


def test_keys_are_listed_by_name_without_being_read(home: Path) -> None:
    for name in ("b", "a"):
        put(home, name, b"broken")
    (home / "keys" / "Note.pem").touch()
    (home / "keys" / "note.txt").touch()
    assert key_names(home) == ["a", "b"]


def test_a_home_without_keys_has_none(home: Path) -> None:
    assert key_names(home) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "-a", ".a", "A", "a b", "é", "a\n", "x" * 65])
def test_a_name_cannot_leave_the_directory(home: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a key"):
        key_path(home, name)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644])
def test_a_key_that_others_can_reach_is_refused(home: Path, mode: int) -> None:
    path = put(home, "ada", mode=mode)
    with pytest.raises(KeyFileError, match="others can read or write") as refusal:
        read_key(home, "ada")
    assert f"chmod 600 {path}" in refusal.value.hint


@posix
@pytest.mark.parametrize("mode", [0o750, 0o705, 0o770])
def test_a_directory_that_others_can_reach_is_refused(home: Path, mode: int) -> None:
    put(home, "ada").parent.chmod(mode)
    with pytest.raises(KeyFileError, match="others can read or write") as refusal:
        read_key(home, "ada")
    assert f"chmod 700 {home / 'keys'}" in refusal.value.hint


@posix
def test_a_key_of_another_user_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, "ada")
    monkeypatch.setattr(os, "geteuid", lambda: home.stat().st_uid + 1)
    with pytest.raises(KeyFileError, match="belongs to another user"):
        read_key(home, "ada")


def test_a_link_to_a_key_is_refused(home: Path, tmp_path: Path) -> None:
    elsewhere = put(tmp_path / "other", "ada")
    put(home, "bob")
    key_path(home, "ada").symlink_to(elsewhere)
    with pytest.raises(KeyFileError, match="is a symbolic link"):
        read_key(home, "ada")


def test_a_link_to_nothing_is_no_place_for_a_new_key(home: Path, tmp_path: Path) -> None:
    put(home, "bob")
    key_path(home, "default").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileError, match="is a symbolic link"):
        signing_key(home, "default")
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_to_a_directory_of_keys_is_refused(home: Path, tmp_path: Path) -> None:
    put(tmp_path / "other", "ada")
    home.mkdir()
    (home / "keys").symlink_to(tmp_path / "other" / "keys")
    with pytest.raises(KeyFileError, match="is not a directory"):
        read_key(home, "ada")


@posix
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_refused_at_once(home: Path, make: Callable[[Path], None]) -> None:
    path = put(home, "ada")
    path.unlink()
    make(path)
    with pytest.raises(KeyFileError, match="is not a key file"):
        read_key(home, "ada")


def test_a_file_too_big_for_a_key_is_refused_unread(home: Path) -> None:
    put(home, "ada", bytes(keyfile.MAX_BYTES + 1))
    with pytest.raises(KeyFileError, match="is not a key file"):
        read_key(home, "ada")


def test_a_broken_key_is_not_replaced_by_a_new_one(home: Path) -> None:
    path = put(home, "default", b"")
    with pytest.raises(KeyFileError, match="is not an Ed25519 or P-256 private key"):
        signing_key(home, "default")
    assert path.read_bytes() == b""


def test_a_name_that_is_trusted_for_another_key_makes_none(home: Path) -> None:
    trust_key(home, "default", generate().public_pem)
    with pytest.raises(UsageError, match="`default` is already the name"):
        signing_key(home, "default")
    assert key_names(home) == []


def test_a_key_whose_maker_died_before_naming_it_is_taken_up(home: Path) -> None:
    put(home, "bob")
    left = key_path(home, "default").with_name(".default.pem.new")
    left.write_bytes(KEY.private_pem.encode())
    left.chmod(0o600)
    trust_key(home, "default", KEY.public_pem)
    assert signing_key(home, "default") == KEY
    assert not left.exists()


def test_half_a_key_whose_maker_died_is_thrown_away(home: Path) -> None:
    put(home, "bob")
    left = key_path(home, "default").with_name(".default.pem.new")
    left.write_bytes(KEY.private_pem.encode()[:40])
    left.chmod(0o600)
    assert signing_key(home, "default") == read_key(home, "default") != KEY
    assert not left.exists()


def test_a_home_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OccasioError, match="cannot be used") as refusal:
        signing_key(tmp_path / "file" / "home", "default")
    assert "\n" not in str(refusal.value)


def test_processes_that_come_at_once_end_with_one_key(home: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from occasio_sign_key.keyfile import signing_key\n"
        "print(signing_key(Path(sys.argv[1]), 'default').spki.hex())"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    keys = {process.communicate()[0].strip() for process in processes}
    assert keys == {read_key(home, "default").spki.hex()}
    assert trusted(home) == {"default": read_key(home, "default").spki}
