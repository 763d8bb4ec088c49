"""The Statement has one spelling, and an envelope one form."""

import copy
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify import StatementError, canonical, statement
from occasio_verify.statement import key_envelope, node_statement, sigstore_envelope
from tests.spec import worked_example as example

LOG = example.rows()
PREDICATE, NOTE = example.predicate(LOG), example.checkpoint(LOG).encode()
KEY_BUNDLE = json.loads(example.bundle(LOG))["key_bundle"]
OTHER_HINT = example.Key(example.LOG_KEY).hint


def subjects(data: bytes) -> dict[str, str]:
    return {each["name"]: each["digest"]["sha256"] for each in json.loads(data)["subject"]}


def test_the_statement_is_the_one_of_spec():
    assert statement(PREDICATE, NOTE) == example.statement(LOG)


def test_its_subjects_are_run_policy_and_if_there_is_one_the_log():
    alone = subjects(statement(PREDICATE, None))
    assert list(alone) == [f"occasio:run:{example.RUN}", "occasio:policy"]
    assert alone["occasio:policy"] == PREDICATE["policy"]["file_hash"]
    logged = subjects(statement(PREDICATE, NOTE))
    assert list(logged)[:2] == list(alone)
    assert logged["occasio:checkpoint"] == hashlib.sha256(NOTE).hexdigest()
    assert logged[f"occasio:log:occasio.local/{LOG.rows[0]['hash'][:32]}"] == example.tree_root(LOG.lines).hex()


def test_of_the_node_profile_the_run_is_the_only_subject():
    data = node_statement({"any": 1.5}, "the-run", "0" * 64)
    assert subjects(data) == {"occasio:run:the-run": "0" * 64}
    assert canonical(json.loads(data)) == data


def test_the_envelope_holds_what_was_signed():
    envelope = key_envelope(KEY_BUNDLE)
    assert (envelope.payload, envelope.payload_type) == (example.statement(LOG), "application/vnd.in-toto+json")
    assert (len(envelope.signature), envelope.hint) == (64, example.Key(example.SIGNING_KEY).hint)


def changed(path: str, value: object) -> dict:
    bundle = copy.deepcopy(KEY_BUNDLE)
    *way, last = path.split(".")
    part = bundle
    for name in way:
        part = part[int(name)] if isinstance(part, list) else part[name]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return bundle


PLACES = [
    "mediaType", "verificationMaterial", "verificationMaterial.publicKey", "verificationMaterial.publicKey.hint",
    "verificationMaterial.tlogEntries", "dsseEnvelope", "dsseEnvelope.payload", "dsseEnvelope.payloadType",
    "dsseEnvelope.signatures", "dsseEnvelope.signatures.0.sig", "dsseEnvelope.signatures.0.keyid",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", [..., None, 1, True, [1], {"a": 1}], ids=str)
def test_a_key_bundle_has_exactly_its_members(place, value):
    with pytest.raises(StatementError, match="envelope-form"):
        key_envelope(changed(place, value))


@pytest.mark.parametrize("place", ["more", "verificationMaterial.more", "verificationMaterial.publicKey.more", "dsseEnvelope.more", "dsseEnvelope.signatures.0.more"])  # fmt: skip
def test_a_member_too_many_is_refused(place):
    with pytest.raises(StatementError, match="envelope-form"):
        key_envelope(changed(place, None))


@pytest.mark.parametrize("hint", ["", "AAAA", OTHER_HINT, OTHER_HINT[:-1], "the key of ada, which is good"])
def test_a_hint_is_the_digest_of_a_key_and_said_twice_alike(hint):
    with pytest.raises(StatementError, match="envelope-form"):
        key_envelope(changed("dsseEnvelope.signatures.0.keyid", hint))
    both = changed("dsseEnvelope.signatures.0.keyid", hint)
    both["verificationMaterial"]["publicKey"]["hint"] = hint
    if hint == OTHER_HINT:
        assert key_envelope(both).hint == hint
    else:
        with pytest.raises(StatementError, match="envelope-form"):
            key_envelope(both)


@pytest.mark.parametrize("place", ["dsseEnvelope.payload", "dsseEnvelope.signatures.0.sig"])
@pytest.mark.parametrize("text", ["QQ", "QR==", "QQ==\n", "Q Q=", "-_-_", "é"])
def test_another_spelling_of_base64_is_refused(place, text):
    for read in (key_envelope, sigstore_envelope):
        with pytest.raises(StatementError, match="envelope-form"):
            read(changed(place, text))


@pytest.mark.parametrize("count", [0, 2, 3])
def test_an_envelope_has_one_signature(count):
    bundle = copy.deepcopy(KEY_BUNDLE)
    bundle["dsseEnvelope"]["signatures"] *= count
    for read in (key_envelope, sigstore_envelope):
        with pytest.raises(StatementError, match="signature-count"):
            read(bundle)


def test_of_a_sigstore_bundle_the_envelope_alone_is_read():
    bundle = changed("verificationMaterial", {"certificate": {"rawBytes": ""}})
    del bundle["dsseEnvelope"]["signatures"][0]["keyid"]
    assert sigstore_envelope(bundle).payload == example.statement(LOG)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["sig", "payload", "keyid", "x"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(["", *PLACES]), JSON)
def test_whatever_stands_there_nothing_else_is_raised(place, value):
    bundle = changed(place, value) if place else value
    for read in (key_envelope, sigstore_envelope):
        try:
            assert read(bundle).payload is not None
        except StatementError as refused:
            assert refused.code in ("envelope-form", "signature-count")
