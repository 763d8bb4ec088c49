import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify import GENESIS, MAX_ROW_BYTES, VerifyError, parse_row, row_hash
from tests.samples import Log, canonical, hashed, run_of

ROW = run_of(3).rows[2]
LINE = canonical(ROW)


def code(line: bytes) -> str:
    with pytest.raises(VerifyError) as refusal:
        parse_row(line)
    return refusal.value.code


def test_a_row_is_what_its_line_says():
    row = parse_row(LINE)
    assert (row.fields, row.line, row.hash, row.seq, row.kind) == (ROW, LINE, ROW["hash"], 2, "tool_call")


@pytest.mark.parametrize("row", run_of(3).rows, ids=lambda row: row["kind"])
def test_every_sample_row_is_accepted(row):
    assert parse_row(canonical(row)).fields == row


@pytest.mark.parametrize("position", range(len(LINE)))
def test_every_single_byte_change_is_noticed(position):
    for flip in (1, 2, 0x20, 0x80):
        with pytest.raises(VerifyError):
            parse_row(LINE[:position] + bytes([LINE[position] ^ flip]) + LINE[position + 1 :])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"", "not-json"),
        (b"[]", "row-form"),
        (b"null", "row-form"),
        (b" " + LINE, "row-form"),
        (LINE + b" ", "row-form"),
        (LINE + b"\r", "row-form"),
        (LINE.replace(b'"PASS"', b'"BLOCK","action":"PASS"'), "duplicate-key"),
        (LINE.replace(b'"PASS"', b'"\\u0050ASS"'), "row-form"),
        (LINE.replace(b"/home", b"\\/home", 1), "row-form"),
        (LINE.replace(b'"seq":2', b'"seq":2.0'), "float"),
        (LINE.replace(b'"seq":2', b'"seq":2e0'), "float"),
        (LINE.replace(b'"seq":2', b'"seq":02'), "not-json"),
        (LINE.replace(b'"seq":2', b'"seq":9007199254740992'), "integer-range"),
        (LINE.replace(b'"seq":2', b'"seq":' + b"9" * 100_000), "integer-range"),
        (LINE.replace(b'"seq":2', b'"seq":NaN'), "number-not-finite"),
        (LINE.replace(b"app", b"a\xffp") if b"app" in LINE else LINE[:20] + b"\xff" + LINE[20:], "utf8"),
        (LINE.replace(b"/home", b"\\ud800", 1), "lone-surrogate"),
        (b"\xef\xbb\xbf" + LINE, "bom"),
        (b"[" * 100_000, "too-deep"),
        (b'{"a":' * 100_000, "too-deep"),
        (b" " * (MAX_ROW_BYTES + 1), "row-too-long"),
    ],
)
def test_a_line_with_a_second_reading_is_refused(line, expected):
    assert code(line) == expected


def nested(levels: int) -> bytes:
    value: object = "x"
    for _ in range(levels - 1):
        value = [value]
    return canonical(hashed({**ROW, "note": value}))


def test_a_row_has_at_most_32_levels():
    assert parse_row(nested(32)).seq == 2
    assert code(nested(33)) == "too-deep"


def test_members_that_this_version_does_not_know_are_allowed():
    assert parse_row(canonical(hashed({**ROW, "unheard_of": {"hash": ["x", 1, None]}}))).seq == 2


def test_names_are_sorted_by_utf16_code_units():
    text = canonical({**ROW, "\ufb33": 1}).decode()[:-1] + ',"\U0001f600":2}'
    assert code(text.encode()) == "row-form"


@pytest.mark.parametrize("schema", [1, 3, -2, 2**53 - 1])
def test_another_schema_is_refused(schema):
    assert code(canonical(hashed({**ROW, "audit_schema": schema}))) == "row-schema"


@pytest.mark.parametrize("schema", ["2", True, None, [2]])
def test_what_is_no_version_is_a_bad_field(schema):
    assert code(canonical(hashed({**ROW, "audit_schema": schema}))) == "row-field"


def test_a_hash_covers_every_member():
    for name, value in ROW.items():
        if name not in ("hash", "audit_schema") and isinstance(value, str) and value != GENESIS:
            changed = {**ROW, name: ROW["hash"] if len(value) == 64 else value}
            assert (changed == ROW) or code(canonical(changed)) == "row-hash"


def test_the_hash_of_a_row_with_inner_hashes_leaves_out_only_its_own():
    row = hashed({**ROW, "aaa": {"hash": "0" * 64, "b": 1}})
    assert row_hash(row, canonical(row)) == row["hash"] == parse_row(canonical(row)).hash


def test_rows_of_the_log_belong_to_no_run():
    log = Log()
    log.append("recovered", None, reason="torn-tail", bytes=3, sha256="0" * 64, kept_in=None)
    assert parse_row(log.lines[0]).run_id is None
    assert code(canonical(hashed({**log.rows[0], "run_seq": 0}))) == "row-field"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_refused_with_a_code(data):
    with pytest.raises(VerifyError):
        parse_row(data)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(LINE)), st.integers(0, 40), st.binary(max_size=12))
def test_a_line_with_a_piece_put_in_its_place_is_refused(start, length, piece):
    line = LINE[:start] + piece + LINE[start + length :]
    if line != LINE:
        with pytest.raises(VerifyError):
            parse_row(line)
