import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify import canonical
from occasio_verify.fields import ENVELOPE, OPTIONAL, REQUIRED, fault, git_digest
from tests.samples import run_of

FORMS = [form for members in (ENVELOPE, *REQUIRED.values(), *OPTIONAL.values()) for form in members.values()]
TEXTS = [
    "",
    "a",
    "read /a",
    "touch /a",
    "PASS",
    "2026-01-02T03:04:05.678Z",
    "2026-02-30T00:00:00.000Z",
    "0" * 64,
    "x" * 300,
    "\n",
    "é",
]
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.sampled_from(TEXTS), st.text(max_size=20))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(FORMS), VALUES | st.lists(VALUES, max_size=3), VALUES | st.lists(VALUES, max_size=3))
def test_what_a_pattern_matches_its_form_admits(form, like, value):
    if form.admits(like) and (pattern := form.pattern(like)) is not None:
        try:
            text = canonical(value)
        except Exception:
            return
        if re.fullmatch(pattern.encode(), text, re.DOTALL):
            assert form.admits(value)


@pytest.mark.parametrize("row", run_of(3).rows, ids=lambda row: row["kind"])
def test_a_row_without_one_of_its_members_has_a_fault(row):
    assert fault(row) is None
    for name in (*ENVELOPE, *REQUIRED[row["kind"]]):
        assert fault({member: value for member, value in row.items() if member != name}) is not None


def test_the_digest_of_a_git_state_covers_its_members_in_their_order():
    state = dict.fromkeys(("diff_hash", "untracked_files", "changed_files", "dirty", "branch", "head", "is_repo"))
    assert git_digest(state) != git_digest(state | {"head": "a" * 40})
