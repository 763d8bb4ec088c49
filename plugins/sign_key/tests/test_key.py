"""Keys travel as PEM to and from other programs, and sign the same with and without `cryptography`."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_sign_key.key import KeyFileError, PrivateKey, fingerprint, generate, parse_private_key
from occasio_verify import load_public_key

KEY = PrivateKey(bytes(range(32)))
openssl = pytest.mark.skipif(which("openssl") is None, reason="there is no openssl here")


@pytest.fixture(params=["with cryptography", "without"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "without":
        monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)


@pytest.mark.usefixtures("_either_way")
def test_a_signature_is_the_same_with_and_without_cryptography() -> None:
    signature = KEY.sign(b"evidence")
    assert signature.sig == Ed25519PrivateKey.from_private_bytes(KEY.seed).sign(b"evidence")


@pytest.mark.usefixtures("_either_way")
def test_the_verifier_accepts_the_signature_under_the_key_that_comes_with_it() -> None:
    signature = KEY.sign(b"evidence")
    assert load_public_key(signature.public_key).verify(signature.sig, b"evidence")


def test_two_new_keys_are_two_keys() -> None:
    assert generate() != generate()


def test_a_key_does_not_show_itself() -> None:
    assert repr(KEY) == "PrivateKey()"


def test_a_fingerprint_is_what_bundles_call_the_key() -> None:
    assert fingerprint(KEY.spki) == load_public_key(KEY.spki).key_hint


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_the_pem_is_byte_for_byte_that_of_cryptography(seed: bytes) -> None:
    theirs, ours = Ed25519PrivateKey.from_private_bytes(seed), PrivateKey(seed)
    assert ours.private_pem.encode() == _pkcs8(theirs)
    assert ours.public_pem.encode() == theirs.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    assert parse_private_key(_pkcs8(theirs), "a key") == ours


@openssl
def test_a_key_made_by_openssl_is_read(tmp_path: Path) -> None:
    _openssl("genpkey", "-algorithm", "ed25519", "-out", tmp_path / "key.pem")
    ours = parse_private_key((tmp_path / "key.pem").read_bytes(), "key.pem")
    assert ours.public_pem == _openssl("pkey", "-in", tmp_path / "key.pem", "-pubout").decode()


@openssl
def test_openssl_reads_the_key_and_accepts_its_signature(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(KEY.public_pem, encoding="ascii")
    (tmp_path / "key.pem").write_text(KEY.private_pem, encoding="ascii")
    (tmp_path / "message").write_bytes(b"evidence")
    (tmp_path / "signature").write_bytes(KEY.sign(b"evidence").sig)
    verify = ["pkeyutl", "-verify", "-rawin", "-in", tmp_path / "message", "-sigfile", tmp_path / "signature"]
    _openssl(*verify, "-pubin", "-inkey", tmp_path / "key.pub")
    assert _openssl("pkey", "-in", tmp_path / "key.pem", "-pubout").decode() == KEY.public_pem


@pytest.mark.parametrize("change", [lambda pem: pem.replace("\n", "\r\n"), lambda pem: f"\n{pem}\n\n", str.rstrip])
def test_line_ends_and_empty_lines_around_do_not_matter(change: type[str]) -> None:
    assert parse_private_key(change(KEY.private_pem).encode(), "a key") == KEY


_PEM = KEY.private_pem.encode()
_DER = base64.b64decode(_PEM.splitlines()[1])


def _pkcs8(key: object, password: bytes | None = None) -> bytes:
    encryption = form.BestAvailableEncryption(password) if password else form.NoEncryption()
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, encryption)  # type: ignore[attr-defined]


def _armoured(der: bytes) -> bytes:
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(der) + b"\n-----END PRIVATE KEY-----\n"


_BROKEN = {
    "nothing": b"",
    "no text": bytes(range(256)),
    "bare DER": _DER,
    "half": _PEM[:60],
    "no first line": _PEM.split(b"\n", 1)[1],
    "no last line": _PEM.rsplit(b"\n", 2)[0],
    "one line": _PEM.replace(b"\n", b""),
    "text before": b"a key:\n" + _PEM,
    "two keys": _PEM + _PEM,
    "a header": _PEM.replace(b"-\n", b"-\nProc-Type: 4,ENCRYPTED\n", 1),
    "a letter outside of base64": _PEM.replace(b"MC4C", b"MC4*"),
    "padding cut": _armoured(_DER)[:-30] + b"-----END PRIVATE KEY-----\n",
    "a byte short": _armoured(_DER[:-1]),
    "a byte long": _armoured(_DER + b"\0"),
    "another algorithm": _armoured(_DER.replace(bytes.fromhex("2b6570"), bytes.fromhex("2b656e"))),
    "Ed448": _pkcs8(ed448.Ed448PrivateKey.generate()),
    "P-384": _pkcs8(ec.generate_private_key(ec.SECP384R1())),
    "secp256k1": _pkcs8(ec.generate_private_key(ec.SECP256K1())),
    "P-256 cut": _armoured(
        base64.b64decode(b"".join(_pkcs8(ec.generate_private_key(ec.SECP256R1())).splitlines()[1:-1]))[:-9]
    ),
    "RSA": _pkcs8(rsa.generate_private_key(65537, 1024)),
}


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in _BROKEN.items()])
def test_what_is_no_such_key_is_refused_with_a_way_to_make_one(data: bytes) -> None:
    with pytest.raises(
        KeyFileError, match=r"^`k\.pem` is not an Ed25519 or P-256 private key in PKCS#8 PEM$"
    ) as refusal:
        parse_private_key(data, "k.pem")
    assert "openssl genpkey" in refusal.value.hint


def test_an_encrypted_key_is_named_as_such() -> None:
    with pytest.raises(KeyFileError, match=r"`k\.pem` is encrypted"):
        parse_private_key(_pkcs8(Ed25519PrivateKey.generate(), b"password"), "k.pem")


def test_a_public_key_is_named_as_such() -> None:
    with pytest.raises(KeyFileError, match=r"`k\.pem` is a public key"):
        parse_private_key(KEY.public_pem.encode(), "k.pem")


def test_a_key_of_openssh_is_named_as_such() -> None:
    data = Ed25519PrivateKey.generate().private_bytes(
        form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption()
    )
    with pytest.raises(KeyFileError, match=r"`k\.pem` is a key of OpenSSH's own form"):
        parse_private_key(data, "k.pem")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(_PEM) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_gives_another_key_in_plain_words(at: int, byte: int) -> None:
    changed = _PEM[:at] + bytes([byte]) + _PEM[at + 1 :]
    try:
        key = parse_private_key(changed, "k.pem")
    except KeyFileError as refusal:
        assert "\n" not in str(refusal)
    else:
        assert key != KEY or b"".join(changed.split()) == b"".join(_PEM.split())


def test_cryptography_accepts_what_is_signed() -> None:
    signature = KEY.sign(b"evidence")
    public = form.load_der_public_key(signature.public_key)
    assert isinstance(public, Ed25519PublicKey)
    public.verify(signature.sig, b"evidence")


def _openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True).stdout
