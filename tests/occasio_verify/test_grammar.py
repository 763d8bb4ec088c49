"""The accelerator has the verdicts of the full check, for whatever is put before it."""

import copy
import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify import VerifyError, parse_row
from occasio_verify.chain import Segment, links_of
from occasio_verify.grammar import Grammar
from tests.samples import Log, canonical, hashed, interleaved, run_of

LINES = list(interleaved(400))


def slowly(segment: Segment, line: bytes) -> None:
    segment.add(links_of(parse_row(line)))


def verdict(add, segment: Segment, line: bytes) -> object:
    """Return the segment after `line` was added, or the code by which it was refused."""
    after = copy.deepcopy(segment)
    try:
        add(after, line)
    except VerifyError as refusal:
        return refusal.code
    return after


def segment_before(position: int) -> Segment:
    segment = Segment()
    for line in LINES[:position]:
        slowly(segment, line)
    return segment


BEFORE = {position: segment_before(position) for position in range(20, 400, 19)}


@pytest.fixture(scope="module")
def taught():
    grammar, segment = Grammar(), Segment()
    for line in interleaved(4000):
        grammar.add(segment, line)
    odd = [{"x": {"y": [1, "a", None, True]}}, {"aaa": 1}, {"zz": {"hash": "h"}}, {"zz": {"é": 1}}, {"zz": {"\n": 1}}]
    for extra in odd * 400:
        for row in run_of(2).rows[2:4]:
            grammar.add(Segment(), canonical(hashed({**row, **extra})))
    assert len(grammar._known) > 5
    return grammar


def test_most_rows_of_a_log_need_no_parsing():
    grammar, segment = Grammar(), Segment()
    for line in interleaved(5000):
        grammar.add(segment, line)
    assert grammar._missed < 500


def test_both_ways_lead_to_the_same_segment(taught):
    one, other = Segment(), Segment()
    for line in LINES:
        taught.add(one, line)
        slowly(other, line)
    assert one == other


SPELLINGS = [
    (b'"PASS"', b'"BLOCK","action":"PASS"'), (b'"PASS"', b'"\\u0050ASS"'), (b'"PASS"', b'"ALLOW"'), (b":0,", b":-0,"),
    (b":0,", b":0.0,"), (b":0,", b":00,"), (b'"ts":"2026-01', b'"ts":"2026-13'), (b'"ts":"2026-01-02', b'"ts":"2026-02-30'),
    (b'"ts":"2026-01-02', b'"ts":"0000-01-02'), (b"T00", b"T24"), (b".000Z", b".000z"), (b".000Z", b".00Z"),
    (b'"audit_schema":2', b'"audit_schema":1'), (b'"audit_schema":2', b'"audit_schema":20'), (b"/home", b"\\/home"),
    (b"/home", b"\xc3\xa9home"), (b"/home", b"\xffhome"), (b"/home", b"\\ud800home"), (b"/home", b"\xed\xa0\x80home"),
    (b"/home", b"\\u001fhome"), (b"/home", b"\\u001Fhome"), (b"/home", b"\\thome"), (b"/home", b"\thome"), (b"/home", b"\x7fhome"),
    (b'"effects":["', b'"effects":["touch '), (b'"effects":["read ', b'"effects":["read'), (b'"run_id":"', b'"run_id":null,"x":"'),
    (b'"agent":"claude', b'"agent":"Claude'), (b'"kind":"tool_call"', b'"kind":"tool_kall"'), (b'{', b'{ '), (b"}", b"}}"),
    (b'"kind":"tool_result"', b'"kind":"tool_call"'), (b'"kind":"tool_call"', b'"kind":"recovered"'), (b'"session_id":"', b'"session_id":"' + b"s" * 300),
    (b'"size":', b'"size":-'), (b'"size":', b'"size":1111111111111111'), (b'"size":', b'"size":9007199254740993'), (b'"session_id":"b', b'"session_id":"\\u0001b'),
]  # fmt: skip


def rehashed(line: bytes) -> bytes:
    """Give a changed line the hash that its own bytes would have: an attacker can."""
    start = line.find(b'"hash":"')
    if start < 0:
        return line
    digest = hashlib.sha256(line[:start] + line[start + 74 :]).hexdigest().encode()
    return line[: start + 8] + digest + line[start + 72 :]


@pytest.mark.parametrize(("old", "new"), SPELLINGS, ids=repr)
def test_a_hostile_spelling_has_the_same_verdict_by_both_ways(taught, old, new):
    for position, segment in BEFORE.items():
        changed = LINES[position].replace(old, new, 1)
        for tried in (changed, rehashed(changed)):
            assert verdict(taught.add, segment, tried) == verdict(slowly, segment, tried)


@settings(max_examples=1500, deadline=None)
@given(st.data())
def test_a_mutated_row_has_the_same_verdict_by_both_ways(taught, data):
    position = data.draw(st.sampled_from(sorted(BEFORE)))
    line = LINES[position]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(line)))
        piece = data.draw(st.one_of(st.sampled_from(_PIECES), st.binary(max_size=4)))
        line = line[:at] + piece + line[at + data.draw(st.integers(0, 8)) :]
    for tried in (line, rehashed(line)):
        assert verdict(taught.add, BEFORE[position], tried) == verdict(slowly, BEFORE[position], tried)


@pytest.mark.parametrize("shift", [-2, -1, 1, 2])
def test_a_row_in_another_place_has_the_same_verdict_by_both_ways(taught, shift):
    for position, segment in BEFORE.items():
        for tried in (LINES[position], LINES[position + shift]):
            assert verdict(taught.add, segment, tried) == verdict(slowly, segment, tried)


_PIECES = [
    b'"',
    b"\\",
    b",",
    b'"hash":"',
    b'"seq":',
    b"null",
    b"1",
    b"-",
    b"{}",
    b"[]",
    b'\\"',
    b"\\u0041",
    b":",
    b"}",
    b" ",
    b"\n",
    b"\xc3\xa9",
]


def test_a_log_of_ever_new_shapes_is_read_in_full_and_given_up_on():
    grammar, numbers = Grammar(), random.Random(1)
    row = run_of(2).rows[2]
    for _ in range(6000):
        name = f"x{numbers.randrange(10**9)}"
        grammar.add(Segment(), canonical(hashed({**row, name: 1})))
    assert len(grammar._seen) <= 4096 and len(grammar._known) <= 256


def test_a_nested_name_in_another_spelling_is_not_learned():
    log = run_of(2)
    grammar, segment = Grammar(), Segment()
    for line in log.lines[:2]:
        slowly(segment, line)
    line = canonical(hashed({**log.rows[2], "x": {"é": 1}}))
    for _ in range(2000):
        grammar.add(copy.deepcopy(segment), line)
    spelled = rehashed(line.replace("é".encode(), b"\\u00e9"))
    assert verdict(grammar.add, segment, spelled) == verdict(slowly, segment, spelled) == "row-form"


def test_rows_of_the_log_are_read_alike():
    log = Log()
    for _ in range(2000):
        log.append("recovered", None, reason="torn-tail", bytes=1, sha256="0" * 64, kept_in=None)
    grammar, one, other = Grammar(), Segment(), Segment()
    for line in log.lines:
        grammar.add(one, line)
        slowly(other, line)
    assert one == other


@pytest.mark.parametrize(
    "extra",
    [{f"m{number}": 1 for number in range(5000)}, {"list": ["x"] * 5000}, {"x" * 20000: 1}],
    ids=["members", "list", "name"],
)
def test_a_row_too_large_to_learn_from_is_read_in_full(extra):
    log, grammar, segment = Log(), Grammar(), Segment()
    log.append("run_started", chain_file="", command="", cwd="", enforcement_points=[], plugins=[], versions={})
    for _ in range(310):
        log.append("later", **extra)
    for line in log.lines:
        grammar.add(segment, line)
    assert (segment.rows, grammar._seen) == (311, {})


def test_what_is_learned_is_bounded():
    log, grammar, segment = Log(), Grammar(), Segment()
    log.append("run_started", chain_file="", command="", cwd="", enforcement_points=[], plugins=[], versions={})
    for number in range(2000):
        log.append("later", **{f"m{number % 250}x{member}": 1 for member in range(40)})
    for line in log.lines:
        grammar.add(segment, line)
    assert 0 < sum(map(len, grammar._known)) <= 4096
    assert len(grammar._seen) <= 1024
