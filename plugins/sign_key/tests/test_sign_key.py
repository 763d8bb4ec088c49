"""The front page: which signers there are, and that nothing happens before there is something to sign."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import occasio_sign_key
from occasio_core import Signer
from occasio_sign_key import KeySigner, occasio_register_commands, occasio_register_signers
from occasio_sign_key.keyfile import make_key, read_key
from occasio_verify import load_public_key, sign_note, verify_note
from occasio_verify import parse_note as parsed


def test_a_new_home_has_the_signers_that_occasio_uses(home: Path) -> None:
    assert [signer.name for signer in occasio_register_signers(home=home)] == ["default", "log", "witness"]


def test_every_other_key_is_a_signer_by_its_name(home: Path) -> None:
    for name in ("release", "default"):
        make_key(home, name)
    assert [signer.name for signer in occasio_register_signers(home=home)] == ["default", "log", "witness", "release"]


def test_registering_touches_nothing(home: Path) -> None:
    assert all(isinstance(signer, Signer) for signer in occasio_register_signers(home=home))
    assert not home.exists()


def test_a_signature_is_by_the_key_of_that_name(home: Path) -> None:
    signature = KeySigner("default", home).sign(b"evidence")
    assert signature.public_key == read_key(home, "default").spki
    assert load_public_key(signature.public_key).verify(signature.sig, b"evidence")


def test_a_checkpoint_can_be_signed_as_a_note(home: Path) -> None:
    note = parsed(sign_note("text\n", "occasio.local/00", KeySigner("log", home)))
    assert verify_note(note, []) == ()
    assert note.signatures[0].name == "occasio.local/00"


def test_the_command_is_called_key(home: Path) -> None:
    assert [command.name for command in occasio_register_commands(home=home)] == ["key"]


def test_the_front_page_is_cheap_to_import() -> None:
    program = f"import sys, {occasio_sign_key.__name__}; print({{'click', 'cryptography'}} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "set()"
