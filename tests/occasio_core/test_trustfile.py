"""The trust file: what is added stays, what is there is kept, and one name is one key."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core.errors import OccasioError, UsageError
from occasio_core.trustfile import read_trust, trust_file, trust_key, trust_log
from occasio_verify import VerifierKey, format_vkey, load_public_key

# Public keys of RFC 8032 section 7.1.
_ADA, _BOB = (
    bytes.fromhex("302a300506032b6570032100" + raw)
    for raw in (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    )
)


def pem(spki: bytes) -> str:
    return f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(spki).decode()}\n-----END PUBLIC KEY-----\n"


def vkey(name: str, spki: bytes) -> str:
    return format_vkey(VerifierKey(name, load_public_key(spki)))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def written(home: Path) -> dict[str, list[dict[str, str]]]:
    members = json.loads((home / "trust.json").read_bytes())
    assert isinstance(members, dict)
    return members


def test_nobody_is_trusted_before_the_first_entry(home: Path) -> None:
    assert read_trust(home).keys == ()


def test_reading_makes_no_file(home: Path) -> None:
    read_trust(home)
    assert not home.exists()


def test_a_trusted_key_is_known_by_its_name(home: Path) -> None:
    trust_key(home, "ada", pem(_ADA))
    assert [(entry.name, entry.key.spki) for entry in read_trust(home).keys] == [("ada", _ADA)]


def test_a_key_may_come_as_an_ssh_line_and_is_kept_as_pem(home: Path) -> None:
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + _ADA[-32:]
    trust_key(home, "ada", f"ssh-ed25519 {base64.b64encode(blob).decode()} ada@example.org\n")
    assert written(home)["keys"] == [{"name": "ada", "public_key": pem(_ADA)}]


def test_a_trusted_log_is_known_by_its_key(home: Path) -> None:
    trust_log(home, "my log", vkey("occasio.local/00", _ADA))
    assert read_trust(home).logs == (vkey("occasio.local/00", _ADA),)


@pytest.mark.parametrize("spelling", [pem(_ADA), pem(_ADA).replace("\n", "\r\n")])
def test_the_same_key_under_the_same_name_changes_nothing(home: Path, spelling: str) -> None:
    assert trust_key(home, "ada", pem(_ADA))
    before = (home / "trust.json").read_bytes()
    assert not trust_key(home, "ada", spelling)
    assert (home / "trust.json").read_bytes() == before


def test_the_same_log_under_the_same_name_changes_nothing(home: Path) -> None:
    assert trust_log(home, "log", vkey("a", _ADA))
    assert not trust_log(home, "log", vkey("a", _ADA))


def test_another_key_under_a_taken_name_is_refused_with_a_way_out(home: Path) -> None:
    trust_key(home, "ada", pem(_ADA))
    with pytest.raises(UsageError, match="`ada` is already the name") as refusal:
        trust_key(home, "ada", pem(_BOB))
    assert "trust.json" in refusal.value.hint
    assert [entry.key.spki for entry in read_trust(home).keys] == [_ADA]


def test_another_log_under_a_taken_name_is_refused(home: Path) -> None:
    trust_log(home, "log", vkey("a", _ADA))
    with pytest.raises(UsageError, match="`log` is already the name"):
        trust_log(home, "log", vkey("a", _BOB))


def test_a_key_and_a_log_may_share_a_name(home: Path) -> None:
    trust_key(home, "ada", pem(_ADA))
    assert trust_log(home, "ada", vkey("a", _BOB))


def test_entries_that_are_there_keep_their_text(home: Path) -> None:
    home.mkdir(mode=0o700)
    there = {
        "schema": "occasio-trust/v1",
        "keys": [{"name": "Ж", "public_key": pem(_ADA).replace("\n", "\r\n")}],
        "identities": [{"name": "ci", "identity": "ci@example.org", "issuer": "https://issuer.example"}],
        "logs": [],
    }
    (home / "trust.json").write_text(json.dumps(there), encoding="utf-8")
    trust_key(home, "bob", pem(_BOB))
    assert written(home) == there | {"keys": [*there["keys"], {"name": "bob", "public_key": pem(_BOB)}]}


@pytest.mark.parametrize(
    "key", ["", "no key", pem(_ADA[:-1]), pem(bytes(44)), pem(_ADA).replace("PUBLIC", "PRIVATE"), "\ud800"]
)
def test_what_is_no_public_key_is_refused(home: Path, key: str) -> None:
    with pytest.raises(UsageError, match="the key for `ada` cannot be used"):
        trust_key(home, "ada", key)
    assert not (home / "trust.json").exists()


@pytest.mark.parametrize("bad", ["", "a+b", "a+00000000+AQ=="])
def test_what_is_no_verifier_key_is_refused(home: Path, bad: str) -> None:
    with pytest.raises(UsageError, match="`log` cannot be trusted"):
        trust_log(home, "log", bad)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[31m", "\udcff", "x" * 257])
def test_a_name_is_one_line_that_can_be_printed(home: Path, name: str) -> None:
    with pytest.raises(UsageError, match="a name has 1 to 256 characters"):
        trust_key(home, name, pem(_ADA))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff", b'{"schema":"occasio-trust/v2","keys":[],"identities":[],"logs":[]}']
)
def test_a_file_that_is_no_trust_file_is_left_alone(home: Path, data: bytes) -> None:
    home.mkdir(mode=0o700)
    (home / "trust.json").write_bytes(data)
    with pytest.raises(OccasioError, match="cannot be used") as refusal:
        trust_key(home, "ada", pem(_ADA))
    assert refusal.value.hint
    assert (home / "trust.json").read_bytes() == data


def test_a_trust_file_that_is_a_directory_is_one_line(home: Path) -> None:
    (home / "trust.json").mkdir(parents=True)
    with pytest.raises(OccasioError, match="cannot be read: Is a directory"):
        read_trust(home)


@pytest.mark.skipif(os.name != "posix", reason="modes mean nothing here")
def test_the_file_is_its_owners_alone(home: Path) -> None:
    trust_key(home, "ada", pem(_ADA))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert modes == {"trust.json": 0o600, "trust.json.lock": 0o600}


@pytest.mark.skipif(os.name != "posix", reason="links need rights here")
def test_a_change_that_cannot_be_written_leaves_the_file_as_it_was(home: Path) -> None:
    trust_key(home, "ada", pem(_ADA))
    (home / "trust.json").rename(home / "elsewhere.json")
    (home / "trust.json").symlink_to("elsewhere.json")
    with pytest.raises(OccasioError, match="cannot be written: is a symbolic link"):
        trust_key(home, "bob", pem(_BOB))
    assert [entry.name for entry in read_trust(home).keys] == ["ada"]


def test_an_error_of_whoever_holds_the_file_is_its_own(home: Path) -> None:
    with pytest.raises(FileNotFoundError), trust_file(home):
        (home / "nowhere").read_bytes()


def test_processes_that_add_at_once_lose_nothing(home: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from occasio_core.trustfile import trust_key\n"
        "for number in range(5): trust_key(Path(sys.argv[1]), f'{sys.argv[2]}-{number}', sys.argv[3])"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(home), f"writer-{number}", pem(_ADA)])
        for number in range(4)
    ]
    assert [writer.wait() for writer in writers] == [0] * 4
    assert len(read_trust(home).keys) == 20


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([_ADA, _BOB])), max_size=8))
def test_a_name_keeps_the_first_key_it_was_given(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[str, bytes]]
) -> None:
    home = tmp_path_factory.mktemp("home")
    first: dict[str, bytes] = {}
    for name, spki in asked:
        if first.setdefault(name, spki) == spki:
            trust_key(home, name, pem(spki))
        else:
            with pytest.raises(UsageError):
                trust_key(home, name, pem(spki))
    assert {entry.name: entry.key.spki for entry in read_trust(home).keys} == first
