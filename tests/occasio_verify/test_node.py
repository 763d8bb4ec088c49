"""Bundles of the node profile; the conformance vectors hold the rest."""

import json
from pathlib import Path

import pytest

from occasio_verify import verify_bundle

BUNDLES = Path(__file__).parents[2] / "conformance" / "vectors" / "bundles"
NODE = sorted(path.parent for path in BUNDLES.glob("bundle-node-*/expect.json"))


@pytest.mark.parametrize("place", NODE, ids=lambda path: path.name)
def test_a_node_bundle_never_verifies_without_a_known_signer(place):
    data = next(place.glob("*.occasio.json")).read_bytes()
    try:
        assert verify_bundle(data).verdict in ("INTACT", "FAILED")
    except Exception as error:
        assert type(error).__name__ == "NotABundleError"


def test_there_are_node_bundles():
    assert len(NODE) > 10 and json.loads((NODE[0] / "expect.json").read_text(encoding="utf-8"))
