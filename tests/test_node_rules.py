"""The rules of the Node implementation, as stated here, accept its honest bundles and refuse what they should refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from occasio_core.scripted.turn import Document
from tests.node_rules import problems, stringified

BUNDLES = Path(__file__).parents[1] / "conformance" / "vectors" / "bundles"
Change = Callable[[Document], object]


def vector(name: str) -> bytes:
    return (BUNDLES / name / "bundle.occasio.json").read_bytes()


@pytest.mark.parametrize(
    "name", ["bundle-node", "bundle-node-compact", "bundle-node-no-git-state", "bundle-node-strings"]
)
def test_honest_bundles_of_the_node_implementation_are_accepted(name: str) -> None:
    assert problems(vector(name)) == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("bundle-node-manifest-attestation-sha256", "manifest: attestation_sha256"),
        ("bundle-node-manifest-bundle-digest", "manifest: bundle_digest"),
        ("bundle-node-manifest-chain-slice-sha256", "manifest: chain_slice_sha256"),
        ("bundle-node-row-dropped", "is not linked to the one before"),
        ("bundle-node-row-edited", "has another hash"),
        ("bundle-node-policy-text", "policy"),
        ("bundle-node-claim-policy-file-hash", "policy swap"),
        ("bundle-node-claim-audit-chain-first-hash", "chain slice: first_hash"),
        ("bundle-node-claim-audit-chain-last-hash", "chain slice: last_hash"),
        ("bundle-node-claim-audit-chain-event-count", "summary: audit_chain"),
        ("bundle-node-claim-execution-summary-blocked", "summary: ['blocked']"),
        ("bundle-node-claim-subject-git-state-run-end-dirty", "git state: not what the rows say"),
        ("bundle-node-git-digest", "git state: digest"),
        ("bundle-node-member-manifest-missing", "without ['manifest']"),
    ],
)
def test_what_is_wrong_with_a_bundle_is_said(name: str, found: str) -> None:
    assert any(found in problem for problem in problems(vector(name)))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda attestation: attestation.update(more=1), "predicate: members of ``"),
        (lambda attestation: attestation["subject"].update(more=1), "predicate: members of `subject`"),
        (lambda attestation: attestation["agent"].pop("model"), "predicate: members of `agent`"),
        (
            lambda attestation: attestation["agent"].update(wall_time_s=1.5),
            "predicate: `agent.wall_time_s` is no count",
        ),
        (lambda attestation: attestation["policy"].update(source="mine"), "predicate: `policy.source` is no source"),
        (lambda attestation: attestation["policy"].update(file_hash="00"), "predicate: `policy.file_hash` is no hex64"),
        (lambda a: a["audit_chain"].update(chain_file="log"), "predicate: `audit_chain.chain_file` is no absolute"),
        (
            lambda a: a["execution_summary"]["blocked_events"][0].pop("rule"),
            "predicate: a blocked event of another shape",
        ),
        (lambda attestation: attestation["subject"].update(run_id="x"), "run: not the id of a run, or of another"),
        (lambda attestation: attestation.update(schema_version="2"), "predicate: another version or type"),
    ],
)
def test_a_predicate_of_another_shape_is_refused(change: Change, found: str) -> None:
    bundle = json.loads(vector("bundle-node-compact"))
    change(bundle["attestation"])
    assert found in problems(json.dumps(bundle).encode())


def test_text_is_spelled_as_javascript_spells_it() -> None:
    spelled = '{"b":"\\u0001\\n\\"\\\\\u2028\u00e9\U0001f600/","a":[true,null,-7,{}],"":[]}'
    assert stringified(json.loads(spelled)) == spelled
