import pytest

from occasio_verify import Trust
from occasio_verify.evidence import Evidence, NotChecked


def test_what_was_not_established_cannot_be_built_on():
    evidence = Evidence(data=b"", trust=Trust())
    for ask in (evidence.members, evidence.checked_rows, evidence.recomputed):
        with pytest.raises(NotChecked) as refusal:
            ask()
        assert refusal.value.code == "earlier-failure"
