"""ECDSA P-256 keys: made, read from OpenSSL's files, and accepted by the verifier; without the library they say so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from occasio_core import UsageError, read_trust
from occasio_sign_key.key import KeyFileError, parse_private_key, private_pem, public_pem
from occasio_sign_key.keyfile import key_path, make_key, read_key
from occasio_sign_key.p256 import NeedsLibraryError, P256Key, generate_p256, parse_p256
from occasio_verify import load_public_key

KEY = generate_p256()
PEM = private_pem(KEY.der).encode()


def test_the_verifier_accepts_the_signature_under_the_key_that_comes_with_it() -> None:
    signature = KEY.sign(b"evidence")
    key = load_public_key(signature.public_key)
    assert key.algorithm == KEY.algorithm == "ecdsa-p256-sha256"
    assert key.verify(signature.sig, b"evidence")
    assert not key.verify(signature.sig, b"other")


def test_cryptography_accepts_what_is_signed() -> None:
    public = load_der_public_key(KEY.spki)
    assert isinstance(public, EllipticCurvePublicKey)
    public.verify(KEY.sign(b"evidence").sig, b"evidence", ECDSA(SHA256()))


def test_a_key_does_not_show_itself() -> None:
    assert repr(KEY) == "P256Key()"


def test_what_is_kept_is_read_again(home: Path) -> None:
    made = make_key(home, "release", "ecdsa-p256")
    assert isinstance(made, P256Key)
    assert read_key(home, "release") == made
    assert [entry.name for entry in read_trust(home).keys if entry.key.spki == made.spki] == ["release"]
    assert parse_private_key(PEM, "k") == KEY


@pytest.mark.skipif(which("openssl") is None, reason="there is no openssl here")
def test_a_key_made_by_openssl_is_read(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    make = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file]
    subprocess.run(make, check=True, capture_output=True)
    public = subprocess.run(["openssl", "pkey", "-in", file, "-pubout"], check=True, capture_output=True).stdout
    ours = public_pem(parse_private_key(file.read_bytes(), "key.pem").spki).encode()
    assert b"".join(ours.split()) == b"".join(public.split())
    older = subprocess.run(["openssl", "ec", "-in", file], check=True, capture_output=True).stdout
    with pytest.raises(KeyFileError, match="OpenSSL's older form") as refusal:
        parse_private_key(older, "k.pem")
    assert "pkcs8" in refusal.value.hint


@pytest.mark.parametrize("der", [b"", KEY.der[:-1], KEY.der[:40], b"\x30" * 60])
def test_what_is_no_such_key_is_none(der: bytes) -> None:
    assert parse_p256(der) is None


def test_the_key_of_the_log_is_no_such_key(home: Path) -> None:
    with pytest.raises(UsageError, match="the key of the log is an Ed25519 key"):
        make_key(home, "log", "ecdsa-p256")
    assert not key_path(home, "log").exists()


def test_without_the_library_it_is_said_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ec", None)
    for act in (generate_p256, lambda: KEY.spki, lambda: KEY.sign(b""), lambda: parse_private_key(PEM, "k")):
        with pytest.raises(NeedsLibraryError) as refusal:
            act()
        assert refusal.value.hint == "pip install 'occasio[sign]'"
