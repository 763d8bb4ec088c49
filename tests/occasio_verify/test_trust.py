import json

import pytest

from occasio_verify import TrustError, parse_trust
from tests.spec.worked_example import SIGNING_KEY, Key

WHOLE = {
    "schema": "occasio-trust/v1",
    "keys": [{"name": "ada", "public_key": Key(SIGNING_KEY).pem}],
    "identities": [],
    "logs": [],
}


def test_a_trust_file_names_its_keys():
    trust = parse_trust(json.dumps(WHOLE).encode())
    assert [key.name for key in trust.keys] == ["ada"] and not trust.named


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "x"},
        {"keys": 1},
        {"extra": 1},
        {"logs": [{"name": "a", "vkey": "x"}]},
        {"keys": [{"name": "a", "public_key": ""}]},
    ],
)
def test_anything_else_is_refused(change):
    with pytest.raises(TrustError, match="trust-form"):
        parse_trust(json.dumps(WHOLE | change).encode())
