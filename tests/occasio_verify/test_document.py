"""How much of a bundle is read, and its one form."""

import pytest

from occasio_verify import MalformedError, canonical
from occasio_verify import document as document_module
from occasio_verify.document import is_canonical, parse_bundle, slice_pieces

ROWS = [{"b": 1, "a": "é"}, {}, {"a": []}]
BUNDLE = {"schema": "s", "chain_slice": ROWS, "run_id": None}
FILE = canonical(BUNDLE) + b"\n"


@pytest.fixture
def small(monkeypatch):
    """Limits that a few bytes reach."""
    monkeypatch.setattr(document_module, "MAX_BUNDLE_BYTES", 20)
    monkeypatch.setattr(document_module, "MAX_BUNDLE_COMMAS", 3)
    monkeypatch.setattr(document_module, "MAX_BUNDLE_BRACKETS", 3)


@pytest.mark.parametrize("data", [b"[0,0,0,0]", b"[[],{}]", b'"' + b"a" * 18 + b'"', b'",,,"', b'"[{["'])
def test_as_much_as_a_limit_allows_is_read(small, data):
    assert canonical(parse_bundle(data)) == data


@pytest.mark.parametrize(
    "data", [b"[0,0,0,0,0]", b"[[],{},[]]", b"[[],{},{}]", b'"' + b"a" * 19 + b'"', b'",,,,"', b'"[{[{"']
)
def test_one_more_is_refused(small, data):
    with pytest.raises(MalformedError) as caught:
        parse_bundle(data)
    assert caught.value.code == "too-large"


def test_the_pieces_of_a_slice_are_its_canonical_form():
    for rows in (ROWS, ROWS[:1], []):
        assert b"".join(slice_pieces({"chain_slice": rows})) == canonical(rows)


def test_only_the_canonical_form_and_one_line_end_is_canonical():
    assert is_canonical(BUNDLE, FILE)
    for at in range(len(FILE)):
        for changed in (FILE[:at], FILE[:at] + b" " + FILE[at:], FILE[:at] + bytes([FILE[at] ^ 1]) + FILE[at + 1 :]):
            assert not is_canonical(BUNDLE, changed)
    assert not is_canonical(BUNDLE, FILE + b"\n")
