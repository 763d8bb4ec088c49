"""The trust file has one form, and what it says was not said for this verification."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify import COSIGNATURE, TrustError, VerifierKey, format_vkey, load_public_key, note, parse_trust
from occasio_verify.trust import MAX_TRUST_BYTES
from tests.spec.worked_example import LOG_KEY, SIGNING_KEY, Key

ADA, LOG = Key(SIGNING_KEY), Key(LOG_KEY)
VKEY = format_vkey(VerifierKey("occasio.local/0", load_public_key(LOG.pem.encode())))
WHOLE = {
    "schema": "occasio-trust/v1",
    "keys": [{"name": "ada", "public_key": ADA.pem}],
    "identities": [{"name": "ci", "identity": "https://ci/x", "issuer": "https://ci"}],
    "logs": [{"name": "home", "vkey": VKEY}],
}


def parsed(**changes):
    return parse_trust(json.dumps(WHOLE | changes).encode())


def refusal(data):
    with pytest.raises(TrustError) as refused:
        parse_trust(data)
    assert refused.value.code == "trust-form"
    assert "\n" not in refused.value.detail
    return refused.value.detail


def test_a_trust_file_says_whom_one_has_accepted():
    trust = parsed()
    assert [(key.name, key.key.key_hint) for key in trust.keys] == [("ada", ADA.hint)]
    assert [(each.name, each.identity, each.issuer) for each in trust.identities] == [
        ("ci", "https://ci/x", "https://ci")
    ]
    assert trust.logs == (VKEY,)


def test_whom_it_names_was_not_named_for_this_verification():
    assert parsed().named is False


@pytest.mark.parametrize("name", WHOLE)
def test_a_member_too_few_is_refused(name):
    refusal(json.dumps({member: value for member, value in WHOLE.items() if member != name}).encode())


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [None, 1, "x", {}, [1], [{}]], ids=str)
def test_a_member_of_another_type_is_refused(name, value):
    refusal(json.dumps(WHOLE | {name: value}).encode())


@pytest.mark.parametrize("name", ["keys", "identities", "logs"])
def test_an_entry_has_exactly_its_members(name):
    entry = WHOLE[name][0]
    refusal(json.dumps(WHOLE | {name: [entry | {"note": ""}]}).encode())
    for member in entry:
        refusal(json.dumps(WHOLE | {name: [{each: entry[each] for each in entry if each != member}]}).encode())
        refusal(json.dumps(WHOLE | {name: [entry | {member: None}]}).encode())


def pem(public_key):
    return public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "ada",
        base64.b64encode(ADA.spki).decode(),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + base64.b64encode(b"\0\0\x20" + ADA.spki[-32:]).decode()[3:],
        ADA.spki.decode("latin-1"),
        ADA.pem.replace("PUBLIC KEY", "PRIVATE KEY"),
        ADA.pem + ADA.pem,
        "\u00a0" + ADA.pem,
        pem(rsa.generate_private_key(65537, 2048).public_key()),
        pem(ec.generate_private_key(ec.SECP384R1()).public_key()),
    ],
    ids=range(10),
)
def test_a_key_is_one_public_key_in_pem_of_a_kind_that_is_known(key):
    assert "key `ada`" in refusal(json.dumps(WHOLE | {"keys": [{"name": "ada", "public_key": key}]}).encode())


@pytest.mark.parametrize(
    "vkey", ["", "x", VKEY[:-1], VKEY.replace("+", "-", 1), VKEY + "\n", f" {VKEY}", VKEY.replace("0+", "1+", 1)]
)
def test_a_log_key_is_a_vkey_with_the_key_id_that_it_says(vkey):
    refusal(json.dumps(WHOLE | {"logs": [{"name": "home", "vkey": vkey}]}).encode())


def test_log_keys_can_be_told_apart(monkeypatch):
    monkeypatch.setattr(note, "key_id", lambda *_: b"same")
    vkeys = [format_vkey(VerifierKey("log", load_public_key(key.pem.encode()))) for key in (ADA, LOG)]
    refusal(json.dumps(WHOLE | {"logs": [{"name": "x", "vkey": vkey} for vkey in vkeys]}).encode())
    assert len(parsed(logs=[{"name": "x", "vkey": vkeys[0]}] * 2).logs) == 2


def test_witnesses_may_be_asked_for():
    key = {"name": "w1", "vkey": format_vkey(VerifierKey("w1", load_public_key(ADA.pem.encode()), COSIGNATURE))}
    found = parsed(witnesses={"threshold": 1, "keys": [key]}).witnesses
    assert found is not None and (found.threshold, found.vkeys) == (1, (key["vkey"],))
    assert parsed().witnesses is None
    assert "witnesses" in refusal(json.dumps(WHOLE | {"witnesses": {"threshold": 2, "keys": [key, key]}}).encode())


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"{}", b"\xff", b'\xef\xbb\xbf{"schema":"x"}', b'{"schema":1,"schema":1}', b"[" * 10**5, b" " * (MAX_TRUST_BYTES + 1)],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_strict_json_is_refused(data):
    refusal(data)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6), st.binary(max_size=3), st.integers(0, 3))
def test_whatever_the_bytes_nothing_else_is_raised(where, piece, length):
    data = json.dumps(WHOLE).encode()
    start = where % len(data)
    try:
        parse_trust(data[:start] + piece + data[start + length :])
    except TrustError as refused:
        assert refused.code == "trust-form"
