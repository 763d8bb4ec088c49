"""Later checks build on what earlier ones established, and on nothing else."""

import pytest

from occasio_verify import Trust, parse_row
from occasio_verify.evidence import Evidence, NotChecked
from tests.samples import run_of

ROWS = [parse_row(line) for line in run_of(1).lines]


def evidence(**established):
    return Evidence(data=b"", trust=Trust(), **established)


def reason(ask):
    with pytest.raises(NotChecked) as refusal:
        ask()
    assert refusal.value.code == "earlier-failure"
    return refusal.value.detail


def test_without_a_bundle_nothing_can_be_checked():
    found = evidence(rows=ROWS, predicate={})
    for ask in (found.members, found.checked_rows, found.recomputed):
        assert "form of a bundle" in reason(ask)


def test_without_rows_nothing_that_needs_them():
    found = evidence(bundle={"a": 1}, predicate={})
    assert found.members() == {"a": 1}
    for ask in (found.checked_rows, found.recomputed):
        assert "rows" in reason(ask)


def test_without_a_whole_run_nothing_that_needs_its_predicate():
    found = evidence(bundle={}, rows=ROWS)
    assert found.checked_rows() == ROWS
    assert "one complete run" in reason(found.recomputed)
    assert evidence(bundle={}, rows=ROWS, predicate={"a": 1}).recomputed() == {"a": 1}


@pytest.mark.parametrize("payload", [b'{"a": 1}', b'{"a":1.0}', b'{"a":1}\n'])
def test_what_was_signed_is_compared_byte_for_byte_but_in_the_node_profile(payload):
    assert evidence().is_expected(b'{"a":1}', b'{"a":1}')
    assert not evidence().is_expected(payload, b'{"a":1}')
    assert evidence(free_form=True).is_expected(payload, b'{"a":1}')


@pytest.mark.parametrize("payload", [b"", b'{"a":1,"a":1}', b'{"a":2}', b"\xff", b"[" * 10**5, b'{"a":1}{"a":1}'])
def test_what_has_no_reading_or_another_was_not_expected(payload):
    assert not evidence(free_form=True).is_expected(payload, b'{"a":1}')
