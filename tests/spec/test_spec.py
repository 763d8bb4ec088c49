"""SPEC.md says what the code does: its examples are executed, its tables compared."""

import base64
import hashlib
import re

import pytest

from occasio_verify import (
    CompactRange,
    Trust,
    TrustedKey,
    VerifierKey,
    canonical,
    format_vkey,
    leaf_hash,
    load_public_key,
    pae,
    parse_checkpoint,
    parse_json,
    parse_note,
    parse_row,
    predicate,
    statement,
    verify_bundle,
    verify_note,
)
from occasio_verify.bundle import MAX_BUNDLE_ROWS
from occasio_verify.canonical import MAX_DEPTH
from occasio_verify.chain import MAX_OPEN_RUNS
from occasio_verify.document import MAX_BUNDLE_BRACKETS, MAX_BUNDLE_BYTES, MAX_BUNDLE_COMMAS
from occasio_verify.fields import ENVELOPE, OPTIONAL, REQUIRED
from occasio_verify.note import MAX_NOTE_BYTES, MAX_SIGNATURES
from occasio_verify.rows import MAX_ROW_BYTES, MAX_ROW_DEPTH
from occasio_verify.signature import MAX_KEY_BYTES
from occasio_verify.trust import MAX_TRUST_BYTES
from tests.spec import worked_example as example

SPEC = example.SPEC.read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```([a-z]+)\n(.*?)^```$", SPEC, re.MULTILINE | re.DOTALL))
ROWS = [parse_row(line) for line in BLOCKS["log"].encode().split(b"\n")[:-1]]


def section(number: str) -> str:
    return re.search(rf"^##+ {re.escape(number)} .*?(?=^## |^##+ [0-9A-Z])", SPEC, re.MULTILINE | re.DOTALL)[0]


def test_the_examples_are_what_the_generator_makes():
    assert example.filled(SPEC) == SPEC


def test_the_row_of_the_first_section_is_a_row_of_the_example():
    unwrapped = re.sub(r",\n ", ",", BLOCKS["row"]).strip()
    assert parse_row(unwrapped.encode()) == ROWS[2]


def test_the_hash_is_that_of_the_bytes_shown():
    assert hashlib.sha256(BLOCKS["hashed"][:-1].encode()).hexdigest() == ROWS[0].hash


def test_the_root_is_that_of_the_lines():
    tree = CompactRange()
    for row in ROWS:
        tree.append(leaf_hash(row.line))
    assert tree.root().hex() == BLOCKS["root"].strip()


def test_the_checkpoint_is_signed_by_the_log_key():
    note = parse_note(BLOCKS["checkpoint"].encode())
    origin = parse_checkpoint(note.text).origin
    vkey = format_vkey(VerifierKey(origin, load_public_key(example.Key(example.LOG_KEY).pem.encode())))
    assert verify_note(note, [vkey]) == (origin,)


def test_predicate_and_statement_follow_from_the_rows():
    recomputed = predicate([row.fields for row in ROWS])
    assert canonical(recomputed).decode() == BLOCKS["predicate"].strip()
    assert statement(recomputed, BLOCKS["checkpoint"].encode()).decode() == BLOCKS["statement"].strip()


def test_the_signature_is_over_the_pae():
    payload = BLOCKS["statement"].strip().encode()
    signed = pae("application/vnd.in-toto+json", payload)
    assert signed == BLOCKS["pae"][:-1].encode() + payload
    assert load_public_key(BLOCKS["key"].encode()).verify(base64.b64decode(BLOCKS["signature"]), signed)


def test_the_bundle_is_verified():
    trust = Trust(keys=(TrustedKey("example", load_public_key(BLOCKS["key"].encode())),), named=True)
    assert verify_bundle(BLOCKS["bundle"].encode(), trust).verdict == "VERIFIED"
    assert hashlib.sha256(BLOCKS["bundle"].encode()).hexdigest() in SPEC


def test_the_canonical_forms_in_the_text_are_right():
    shown = re.findall(r"^\| `(\{.*\})` \| `(\{.*\})` \|$", section("3.2"), re.MULTILINE)
    assert len(shown) == 2
    for text, form in shown:
        assert canonical(parse_json(text.encode())).decode() == form


def test_the_table_of_kinds_names_the_members_that_are_checked():
    table = section("5") + section("5.1") + section("5.2") + section("5.3") + section("5.4")
    named = set(re.findall(r"`([a-z0-9_]+)`", table))
    for kind in REQUIRED:
        assert kind in named
        for member in (*REQUIRED[kind], *OPTIONAL.get(kind, {})):
            assert member in named, f"{kind}.{member}"


def test_the_table_of_the_envelope_names_the_members_that_are_checked():
    assert set(re.findall(r"^\| `([a-z_]+)` \|", section("4.2"), re.MULTILINE)) == {*ENVELOPE, "audit_schema"}


def test_the_table_of_the_report_names_its_members():
    report = verify_bundle(BLOCKS["bundle"].encode())
    assert re.findall(r"^\| `([a-z_]+)` \|", section("11.2"), re.MULTILINE) == list(report.to_json())


def test_the_table_of_limits_says_what_the_code_holds():
    said = {name: [int(number.replace(",", "")) for number in re.findall(r"(?<![\^\w])[0-9][0-9,]*(?![\^\w])", limit)]
            for name, limit in re.findall(r"^\| ([^|]+) \| ([^|]+) \| `", section("15"), re.MULTILINE)}  # fmt: skip
    assert said["levels of a JSON document; of a row"] == [MAX_DEPTH, MAX_ROW_DEPTH]
    assert {MAX_BUNDLE_BYTES, MAX_BUNDLE_COMMAS, MAX_BUNDLE_BRACKETS} <= set(said["bundle file"])
    assert said["row line, without `\\n`"] == [MAX_ROW_BYTES]
    assert said["rows in a slice"] == [MAX_BUNDLE_ROWS]
    assert said["runs open at once in a log"] == [MAX_OPEN_RUNS]
    assert said["trust file, key file"] == [MAX_TRUST_BYTES] == [MAX_KEY_BYTES]
    assert said["checkpoint"] == [MAX_NOTE_BYTES, MAX_SIGNATURES]


@pytest.mark.parametrize("heading", re.findall(r"^## (.*)$", SPEC, re.MULTILINE))
def test_every_section_is_in_the_contents(heading):
    if heading[0].isdigit() or heading[0] in "AB":
        assert f"(#{heading.lower().replace(' ', '-').replace(',', '')})" in SPEC
