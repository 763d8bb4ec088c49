"""Production signatures of other people's packages, checked offline against the trusted root that is shipped.

Their Statements are not Occasio's; what is tried is everything up to who signed what, when.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from occasio_verify import SignatureError, check_sigstore
from occasio_verify.keyless import GITHUB_ISSUER, shipped_root

DOWNLOADS = Path(__file__).parents[1] / "pypi" / "downloads"
SOURCES = DOWNLOADS / "pypi_attestations-0.0.30.tar.gz"

if os.environ.get("OCCASIO_REQUIRE_PYPI") != "1":
    pytestmark = pytest.mark.skipif(not SOURCES.is_file(), reason="tests/pypi/README.md says how to get them")

CIRCLECI = (
    "https://circleci.com/api/v2/projects/fdd9283f-e619-46af-8f9c-851f7d3e8b2b"
    "/pipeline-definitions/8e4f8ab2-8d7c-4827-9f15-de076d6d647f"
)
GITLAB = "https://gitlab.com/facutuesca/gitlab-oidc-project//.gitlab-ci.yml@refs/heads/main"
GOOGLE = "919436158236-compute@developer.gserviceaccount.com"
GITHUB = "https://github.com/trailofbits"
# the file, who signed it, who vouched for that, in which repository
REAL = [
    ("pypi_attestation_models-0.0.4a2.tar.gz.sigstore", f"{GITHUB}/pypi-attestation-models/.github/workflows/release.yml@refs/tags/v0.0.4a2", GITHUB_ISSUER, "trailofbits/pypi-attestation-models"),
    ("pypi_attestation_models-0.0.4a2.tar.gz.attestation", f"{GITHUB}/pypi-attestation-models/.github/workflows/release.yml@refs/tags/v0.0.4a2", GITHUB_ISSUER, "trailofbits/pypi-attestation-models"),
    ("pypi_attestations-0.0.19.tar.gz.publish.attestation", f"{GITHUB}/pypi-attestations/.github/workflows/release.yml@refs/tags/v0.0.19", GITHUB_ISSUER, "trailofbits/pypi-attestations"),
    ("pypi_attestations-0.0.19.tar.gz.slsa.attestation", f"{GITHUB}/pypi-attestations/.github/workflows/release.yml@refs/tags/v0.0.19", GITHUB_ISSUER, "trailofbits/pypi-attestations"),
    ("pypi_attestations-0.0.19.tar.gz.provenance", f"{GITHUB}/pypi-attestations/.github/workflows/release.yml@refs/tags/v0.0.19", GITHUB_ISSUER, "trailofbits/pypi-attestations"),
    ("gitlab_oidc_project-0.0.3.tar.gz.publish.attestation", GITLAB, "https://gitlab.com", None),
    ("gcb_attestation_test-0.0.0.tar.gz.provenance", GOOGLE, "https://accounts.google.com", None),
    ("circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl.provenance", CIRCLECI, "https://oidc.circleci.com", None),
    ("circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl.publish.attestation", CIRCLECI, "https://oidc.circleci.com", None),
]  # fmt: skip
# of the staging instance, which the shipped root does not vouch for
STAGING = [
    "rfc8785-0.1.2-py3-none-any.whl.attestation",
    "rfc8785-0.1.2-py3-none-any.whl.publish.attestation",
    "rfc8785-0.1.2-py3-none-any.whl.sigstore",
    "spt3g-1.0-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl.publish.attestation",
]
SUFFIXES = (".sigstore", ".provenance", ".publish.attestation", ".slsa.attestation", ".attestation")


@cache
def asset(name: str) -> bytes:
    with tarfile.open(SOURCES) as sources:
        file = sources.extractfile(f"pypi_attestations-0.0.30/test/assets/{name}")
        assert file is not None
        return file.read()


def bundle_of(name: str) -> Any:
    """Return the Sigstore bundle in a file; PyPI's own form (PEP 740) has the same parts under other names."""
    value = json.loads(asset(name))
    if "mediaType" in value:
        return value
    for outer in ("attestation_bundles", "attestations"):
        value = value[outer][0] if outer in value else value
    return _bundle(value)


def _bundle(attestation: Mapping[str, Any]) -> dict[str, Any]:
    material, envelope = attestation["verification_material"], attestation["envelope"]
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": material["certificate"]},
            "tlogEntries": material["transparency_entries"],
        },
        "dsseEnvelope": {
            "payload": envelope["statement"],
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": envelope["signature"]}],
        },
    }


def artifact(name: str) -> bytes:
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return asset(name.removesuffix(suffix))
    raise AssertionError(name)


@pytest.mark.parametrize(("name", "identity", "issuer", "repository"), REAL, ids=[name for name, *_ in REAL])
def test_a_production_signature_holds_and_is_by_who_made_it(
    name: str, identity: str, issuer: str, repository: str | None
) -> None:
    certified = check_sigstore(bundle_of(name), shipped_root() or b"")
    assert (certified.identity, certified.issuer, certified.repository) == (identity, issuer, repository)
    assert certified.payload_type == "application/vnd.in-toto+json"
    subject = json.loads(certified.payload)["subject"][0]
    assert subject["digest"]["sha256"] == hashlib.sha256(artifact(name)).hexdigest()
    assert certified.first == certified.last
    assert (certified.entry or "").startswith("https://search.sigstore.dev/?logIndex=")


@pytest.mark.parametrize("name", STAGING)
def test_a_signature_of_another_instance_is_refused(name: str) -> None:
    with pytest.raises(SignatureError, match="signature-invalid"):
        check_sigstore(bundle_of(name), shipped_root() or b"")


@pytest.mark.parametrize("name", [name for name, *_ in REAL])
def test_a_production_signature_is_over_its_own_payload_alone(name: str) -> None:
    bundle = bundle_of(name)
    envelope = bundle["dsseEnvelope"]
    payload = bytearray(base64.b64decode(envelope["payload"]))
    payload[len(payload) // 2] ^= 1
    changed = {**bundle, "dsseEnvelope": {**envelope, "payload": base64.b64encode(payload).decode()}}
    with pytest.raises(SignatureError):
        check_sigstore(changed, shipped_root() or b"")
