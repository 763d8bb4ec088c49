"""What a row may hold, and that the two ways of saying it agree: `grammar` believes a pattern without parsing."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify import MalformedError, canonical, parse_json
from occasio_verify.fields import (
    BOOLEAN,
    ENVELOPE,
    HEX64,
    LABEL,
    LOG_KINDS,
    NATURAL,
    OPTIONAL,
    REQUIRED,
    RUN_MEMBERS,
    TEXT,
    TEXTS,
    TIMESTAMP,
    UUID,
    Bounded,
    Effect,
    Integer,
    ListOf,
    Members,
    ObjectOf,
    OneOf,
    OrNull,
    fault,
    form_of,
    git_digest,
)
from tests.samples import Log, hashed, run_of

FORMS = {
    f"{place}.{name}": form
    for place, members in [("row", ENVELOPE), *REQUIRED.items(), *OPTIONAL.items()]
    for name, form in members.items()
}
HEX, ID = "0123456789abcdef" * 4, "7f1d0c1e-5b1a-4c5e-9f5e-0123456789ab"
LIKE = [
    None, True, False, 0, 1, -1, 12, 10**15, 2**53 - 1, -(2**53) + 1, "", "a", "é", "\n", '"', "\\", "\x7f", "\x00", "\u2028", "\U0001f600",
    "read ", "read /a", "execute ls", "touch /a", "reading", "PASS", "BLOCK", "ASK", "pass", "info", "exit", "run_start", "user",
    HEX, HEX[:-1], HEX.upper(), HEX[:40], ID, ID.upper(), "a" * 64, "a" * 65, "x" * 256, "x" * 257, "é" * 256, "evt-0000000000000001",
    "2026-01-02T03:04:05.678Z", "2024-02-29T00:00:00.000Z", "2026-02-29T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "2026-01-02T24:00:00.000Z",
    [], [""], ["a", "b"], ["read /a"], ["a", 1], [HEX], [[]], {}, {"a": "b"}, {"a": 1},
]  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_a_text_that_matches_is_the_canonical_form_of_an_admitted_value(name, data):
    form = FORMS[name]
    like = data.draw(st.sampled_from([value for value in LIKE if form.admits(value)] or [None]))
    if not form.admits(like) or (pattern := form.pattern(like)) is None:
        return
    text = data.draw(st.from_regex(re.compile(pattern.encode(), re.DOTALL), fullmatch=True))
    try:
        text.decode()
    except UnicodeDecodeError:
        return  # `grammar` looks at that before
    value = parse_json(text, integers_only=True)
    assert canonical(value) == text
    assert form.admits(value)


@pytest.mark.parametrize("name", FORMS)
def test_no_pattern_matches_what_its_form_does_not_admit(name):
    form = FORMS[name]
    patterns = {form.pattern(value) for value in LIKE if form.admits(value)} - {None}
    for value in LIKE:
        matched = [pattern for pattern in patterns if re.fullmatch(pattern.encode(), canonical(value), re.DOTALL)]
        assert form.admits(value) or not matched, value


@pytest.mark.parametrize("name", FORMS)
def test_the_canonical_form_of_an_ordinary_value_matches_its_own_pattern(name):
    form = FORMS[name]
    for value in LIKE:
        if form.admits(value) and (pattern := form.pattern(value)) is not None and ordinary(value):
            assert re.fullmatch(pattern.encode(), canonical(value), re.DOTALL), value


def ordinary(value):
    """Return whether a value need not take the long way."""
    large = type(value) is int and abs(value) >= 10**15
    return not large and "\\" not in json.dumps(value) and "-02-29" not in str(value)


def test_every_character_of_a_text_is_matched_as_it_is_written():
    text = "".join(map(chr, range(0x180))) + "\u2028\ud7ff\ue000\U0001f600"
    assert re.fullmatch(TEXT.pattern("").encode(), canonical(text), re.DOTALL)


@pytest.mark.parametrize(
    "spelled",
    [b'"\\u0041"', b'"\\/"', b'"\\u001F"', b'"\\u0008"', b'"\\u007f"', b'"\n"', b'"\x1f"', b'"a', b'a"', b'""a""', b"' '", b'"\\x"'],
)  # fmt: skip
def test_another_spelling_of_a_text_does_not_match(spelled):
    assert not re.fullmatch(TEXT.pattern("").encode(), spelled, re.DOTALL)


@pytest.mark.parametrize("spelled", [b"-0", b"00", b"01", b"1.0", b"1e0", b"+1", b" 1", b"", b"-", b"1" * 16])
def test_another_spelling_of_an_integer_does_not_match(spelled):
    for form in (NATURAL, Integer(negative=True)):
        assert not re.fullmatch(form.pattern(0).encode(), spelled)


@pytest.mark.parametrize(
    ("form", "value", "admitted"),
    [
        (NATURAL, True, False),
        (NATURAL, 1.0, False),
        (NATURAL, -1, False),
        (BOOLEAN, 0, False),
        (OneOf("a", "b"), "b", True),
        (OneOf("a", "b"), ["a"], False),
        (OneOf(), "a", False),
        (ListOf(OneOf()), [], True),
        (ListOf(OneOf()), [None], False),
        (ListOf(TEXT), "ab", False),
        (TEXTS, ["a", None], False),
        (OrNull(HEX64), None, True),
        (HEX64, HEX + "\n", False),
        (LABEL, "a\n", False),
        (UUID, ID + "\n", False),
        (TIMESTAMP, "2026-01-02T03:04:05.678Z\n", False),
        (TIMESTAMP, "٢٠٢٦-01-02T03:04:05.678Z", False),
        (TIMESTAMP, "1900-02-29T00:00:00.000Z", False),
        (TIMESTAMP, "2000-02-29T00:00:00.000Z", True),
        (TIMESTAMP, "2026-01-02T23:59:60.000Z", False),
        (Bounded(1, 2), "\U0001f600\U0001f600", True),
        (Bounded(1, 2), "", False),
        (Effect(), "read", False),
        (Effect(), "read ", True),
        (Members({"a": TEXT}), {"a": "", "b": ""}, False),
        (Members({"a": TEXT}), {}, False),
        (ObjectOf(TEXT), {"a": 1}, False),
        (ObjectOf(), [], False),
    ],
    ids=range(28),
)
def test_a_form_admits_exactly_its_set(form, value, admitted):
    assert form.admits(value) is admitted


ROWS = {row["kind"]: row for row in run_of(3).rows}


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_without_one_of_its_members_has_a_fault(kind):
    row = ROWS[kind]
    assert fault(row) is None
    for name in (*ENVELOPE, *REQUIRED[kind]):
        assert fault({member: value for member, value in row.items() if member != name}) == name


@pytest.mark.parametrize("kind", ROWS)
def test_a_known_member_of_another_form_is_a_fault(kind):
    for name in (*ENVELOPE, *REQUIRED[kind], *OPTIONAL.get(kind, {})):
        assert fault({**ROWS[kind], name: [0.5]}) == name


def test_a_member_that_is_not_known_may_hold_anything():
    assert fault({**ROWS["tool_call"], "later": {"x": [None]}}) is None
    assert form_of("tool_call", "later") is None
    assert fault({**ROWS["tool_call"], "kind": "later_kind"}) is None


@pytest.mark.parametrize("name", RUN_MEMBERS)
@pytest.mark.parametrize("kind", sorted(LOG_KINDS))
def test_a_row_of_the_log_is_in_no_run(name, kind):
    log = Log()
    own = {
        "recovered": {"reason": "torn-tail", "bytes": 1, "sha256": HEX, "kept_in": None},
        "checkpoint": {"note": "", "origin": "", "root_hash": HEX, "tree_size": 0},
    }
    row = log.append(kind, None, **own[kind])
    assert fault(row) is None
    assert fault(hashed({**row, name: ROWS["tool_call"][name]})) == name


@pytest.mark.parametrize("name", RUN_MEMBERS)
def test_a_row_of_a_run_is_in_one(name):
    assert fault({**ROWS["tool_call"], name: None}) == name


def test_the_digest_of_a_git_state_covers_its_members_in_their_order():
    state = dict.fromkeys(("diff_hash", "untracked_files", "changed_files", "dirty", "branch", "head", "is_repo"))
    assert git_digest(state) == git_digest(dict(reversed(state.items())) | {"phase": "run_end", "digest": HEX})
    for name in state:
        assert git_digest(state) != git_digest(state | {name: "x"})


def test_a_git_state_whose_digest_is_not_its_own_is_not_admitted():
    state = {
        "phase": "run_end", "cwd": "/", "is_repo": True, "head": "a" * 40, "branch": None, "dirty": False,
        "changed_files": [], "untracked_files": [], "diff_hash": None,
    }  # fmt: skip
    form = REQUIRED["git_state"]["tool_inputs"]
    assert form.admits(state | {"digest": git_digest(state)})
    assert not form.admits(state | {"digest": HEX})


def test_a_value_without_a_canonical_form_has_no_pattern_to_match():
    with pytest.raises(MalformedError):
        OneOf("a").pattern("\ud800")
