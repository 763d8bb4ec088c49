"""Trust files, SPEC section 14."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from generator import notes
from generator.cases import Case, Group, accepted, refused
from generator.groups.signature import SSH_ED25519
from generator.keys import ADA, BOB, EVE, LOG, TWINS, WITNESS

VKEY = notes.vkey(LOG, "home")
WHOLE: dict[str, Any] = {
    "schema": "occasio-trust/v1",
    "keys": [{"name": "ada", "public_key": ADA.pem.decode()}, {"name": "bob", "public_key": BOB.pem.decode()}],
    "identities": [{"name": "ci", "identity": "repo:ada/work:ref:refs/heads/main", "issuer": "https://issuer.example"}],
    "logs": [{"name": "witness", "vkey": VKEY}],
}
EMPTY: dict[str, Any] = {"schema": "occasio-trust/v1", "keys": [], "identities": [], "logs": []}


def group() -> Group:
    """Returns the group `trust`."""
    return Group(name="trust", clause="14", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields good trust files, then what is none."""
    names = {"keys": ["ada", "bob"], "identities": ["ci"], "logs": ["witness"]}
    yield accepted("trust", "14", "trust-whole", "something of everything", given(WHOLE), **names)
    nobody: dict[str, Any] = {"keys": [], "identities": [], "logs": []}
    yield accepted("trust", "14", "trust-empty", "nobody is trusted", given(EMPTY), **nobody)
    spaced = {"file": json.dumps(EMPTY, indent=4).encode().hex()}
    yield accepted("trust", "14", "trust-white-space", "it need not be canonical", spaced, **nobody)
    ci = {**WHOLE["identities"][0], "repository": "ada/work"}
    with_repository, why = {**EMPTY, "identities": [ci]}, "an identity with its repository"
    named = {**nobody, "identities": ["ci"]}
    yield accepted("trust", "14", "trust-identities-repository", why, given(with_repository), **named)
    for name, value in {"null": None, "number": 1}.items():
        wrong = {**EMPTY, "identities": [{**ci, "repository": value}]}
        yield bad(f"identities-repository-{name}", "`repository` is ill-typed", wrong)
    extra = {**EMPTY, "identities": [{**ci, "comment": "x"}]}
    yield bad("identities-repository-extra", "a member too many beside it", extra)
    for member in WHOLE:
        without = {name: value for name, value in WHOLE.items() if name != member}
        yield bad(f"{member}-missing", f"`{member}` is missing", without)
        for name, value in {"null": None, "text": "x", "object": {}}.items():
            yield bad(f"{member}-{name}", f"`{member}` is ill-typed", {**WHOLE, member: value})
    yield bad("extra", "a member that is not named", {**WHOLE, "comment": "x"})
    yield bad("schema-v2", "another version", {**WHOLE, "schema": "occasio-trust/v2"})
    for listed in ("keys", "identities", "logs"):
        first = WHOLE[listed][0]
        yield bad(f"{listed}-entry-text", f"an entry of `{listed}` that is no object", {**WHOLE, listed: ["ada"]})
        yield bad(f"{listed}-extra", "a member too many", {**WHOLE, listed: [{**first, "comment": "x"}]})
        for member in first:
            without = {name: value for name, value in first.items() if name != member}
            yield bad(f"{listed}-{member}-missing", f"`{member}` is missing", {**WHOLE, listed: [without]})
            yield bad(
                f"{listed}-{member}-number", f"`{member}` is ill-typed", {**WHOLE, listed: [{**first, member: 1}]}
            )
    no_key = {"name": "x", "public_key": "ssh-ed25519 AAAA"}
    line = f"ssh-ed25519 {base64.b64encode(SSH_ED25519 + ADA.spki[-32:]).decode()} ada"
    yield bad("keys-ssh", "a good key that is no PEM", {**WHOLE, "keys": [{"name": "x", "public_key": line}]})
    yield bad("keys-not-pem", "a key that is no PEM", {**WHOLE, "keys": [no_key]})
    for name, why, vkey in (
        ("no-key", "a vkey without a key", "home+01020304"),
        ("key-id", "a key id that is not the key's", VKEY.replace(VKEY.split("+")[1], "01020304")),
        ("name-empty", "a vkey without a name", notes.vkey(LOG, "")),
        ("name-space", "a space in the name", notes.vkey(LOG, "ho me")),
        ("capitals", "a key id in capitals", VKEY.replace(VKEY.split("+")[1], VKEY.split("+")[1].upper())),
        ("type", "a key of another type", odd_vkey(2, 32)),
        ("type-only", "another type, with the key id of this one", retyped(VKEY)),
        ("not-on-curve", "a y that no point has", notes.vkey_of((2).to_bytes(32, "little"), "home")),
        ("not-base64", "a key that is no base64", VKEY[:-4] + "!!!!"),
        ("short", "a key of 31 bytes", odd_vkey(1, 31)),
    ):
        yield bad(f"logs-vkey-{name}", why, {**WHOLE, "logs": [{"name": "x", "vkey": vkey}]})
    first, second = ({"name": "twin", "vkey": notes.vkey(twin, "twin")} for twin in TWINS)
    yield bad("logs-vkey-twins", "two keys with one name and one key id", {**WHOLE, "logs": [first, second]})
    again = {**EMPTY, "logs": [first, {**first, "name": "again"}]}
    names = {**nobody, "logs": ["twin", "again"]}
    yield accepted("trust", "14", "trust-logs-vkey-twice", "the same key twice", given(again), **names)
    yield from witnesses()
    text = json.dumps(WHOLE)
    for name, why, file in (
        ("no-bytes", "an empty file", b""),
        ("not-json", "not JSON", b"keys: []\n"),
        ("array", "not an object", b"[]"),
        ("duplicate", "a name twice", text.replace("{", '{"keys":[],', 1).encode()),
        ("bom", "a byte order mark", b"\xef\xbb\xbf" + text.encode()),
        ("utf8", "a byte that is no UTF-8", text.replace('"ada"', '"\xff"').encode("latin-1")),
        ("lone-surrogate", "a lone surrogate", text.replace('"ada"', r'"\ud800"').encode()),
    ):
        yield refused("trust", "14", f"trust-file-{name}", why, {"file": file.hex()}, "trust-form")
    padded = {"repeat": [[text.encode().hex(), 1], ["20", 2**20]]}
    why = "larger than a trust file may be"
    yield refused("trust", "15", "trust-file-too-large", why, {"file": padded}, "trust-form")
    room = 2**20 - len(text)
    full = {"file": {"repeat": [[text.encode().hex(), 1], ["20", room]]}}
    names = {"keys": ["ada", "bob"], "identities": ["ci"], "logs": ["witness"]}
    yield accepted("trust", "15", "trust-file-largest", "as large as a trust file may be", full, **names)
    full = {"file": {"repeat": [[text.encode().hex(), 1], ["20", room + 1]]}}
    yield refused("trust", "15", "trust-file-byte-more", "a byte larger", full, "trust-form")


def witnesses() -> Iterator[Case]:
    """Yields trust files that ask for witnesses."""
    nobody: dict[str, Any] = {"keys": [], "identities": [], "logs": []}
    first = {"name": "one", "vkey": notes.vkey(WITNESS, "witness.example/w1", notes.WITNESSES)}
    second = {"name": "two", "vkey": notes.vkey(EVE, "witness.example/w2", notes.WITNESSES)}
    for threshold in (1, 2):
        whole = {**EMPTY, "witnesses": {"threshold": threshold, "keys": [first, second]}}
        name, why = f"trust-witnesses-{threshold}-of-2", f"{threshold} of two witnesses is asked for"
        yield accepted("trust", "14", name, why, given(whole), **nobody, threshold=threshold)
    same_key = {"name": "again", "vkey": notes.vkey(WITNESS, "witness.example/again", notes.WITNESSES)}
    as_log = {"name": "one", "vkey": notes.vkey(WITNESS, "witness.example/w1")}
    for name, why, value in (
        ("null", "no object", None),
        ("array", "the keys alone", [first]),
        ("empty", "nobody to ask", {"threshold": 1, "keys": []}),
        ("threshold-0", "nobody asked for", {"threshold": 0, "keys": [first]}),
        ("threshold-negative", "less than nobody", {"threshold": -1, "keys": [first]}),
        ("threshold-more", "more than there are", {"threshold": 2, "keys": [first]}),
        ("threshold-text", "a threshold that is no number", {"threshold": "1", "keys": [first]}),
        ("threshold-missing", "no threshold", {"keys": [first]}),
        ("extra", "a member too many", {"threshold": 1, "keys": [first], "comment": "x"}),
        ("entry-extra", "a member too many in an entry", {"threshold": 1, "keys": [{**first, "comment": "x"}]}),
        ("twice", "one witness listed twice", {"threshold": 2, "keys": [first, first]}),
        ("two-names", "one key under two names", {"threshold": 2, "keys": [first, same_key]}),
        (
            "two-names-1",
            "one key under two names, of whom one is asked for",
            {"threshold": 1, "keys": [first, same_key]},
        ),
        ("as-log", "the vkey of a log", {"threshold": 1, "keys": [as_log]}),
    ):
        yield bad(f"witnesses-{name}", why, {**EMPTY, "witnesses": value})
    whole = {**EMPTY, "logs": [first]}
    yield bad("logs-vkey-witness", "the vkey of a witness among the logs", whole)


def odd_vkey(type_byte: int, size: int) -> str:
    """Returns a vkey of any type and length, with the key id that fits."""
    data = bytes([type_byte]) + notes.public_bytes(LOG)[:size]
    key_id = hashlib.sha256(b"home\n" + data).digest()[:4].hex()
    return f"home+{key_id}+{base64.b64encode(data).decode()}"


def retyped(vkey: str) -> str:
    """Returns the vkey with another type of key, its key id kept."""
    name, key_id, encoded = vkey.split("+", 2)  # base64 may have a + of its own
    return f"{name}+{key_id}+{base64.b64encode(bytes([2]) + base64.b64decode(encoded)[1:]).decode()}"


def bad(name: str, why: str, value: Any) -> Case:
    """Returns the case of a trust file that is refused."""
    return refused("trust", "14", f"trust-{name}", why, given(value), "trust-form")


def given(value: Any) -> dict[str, str]:
    """Returns the input of the operation `trust`."""
    return {"file": json.dumps(value).encode().hex()}
