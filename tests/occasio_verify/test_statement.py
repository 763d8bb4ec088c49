import copy
import json

import pytest

from occasio_verify import StatementError
from occasio_verify.statement import key_envelope, sigstore_envelope
from tests.spec import worked_example as example

KEY_BUNDLE = json.loads(example.bundle(example.rows()))["key_bundle"]


def test_the_envelope_holds_what_was_signed():
    assert key_envelope(KEY_BUNDLE).payload == example.statement(example.rows())


@pytest.mark.parametrize("broken", [None, {}, [], {"dsseEnvelope": 1}])
def test_what_is_no_envelope_is_refused(broken):
    for read in (key_envelope, sigstore_envelope):
        with pytest.raises(StatementError, match="envelope-form"):
            read(broken)


def test_two_signatures_are_refused():
    double = copy.deepcopy(KEY_BUNDLE)
    double["dsseEnvelope"]["signatures"] *= 2
    with pytest.raises(StatementError, match="signature-count"):
        key_envelope(double)
