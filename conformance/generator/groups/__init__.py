"""The groups of vectors, one file each."""

from collections.abc import Callable, Iterator

from generator.cases import BundleCase, Group
from generator.groups import (
    bundle_evidence,
    bundle_follow,
    bundle_format,
    bundle_keyless,
    bundle_limits,
    bundle_node,
    bundle_signed,
    bundle_witnessed,
    canonical,
    checkpoint,
    cosignature,
    coverage,
    kinds,
    log,
    long_log,
    merkle,
    pae,
    parse,
    predicate,
    row,
    run_chain,
    signature,
    tlog_proof,
    trust,
)

GROUPS: tuple[Callable[[], Group], ...] = (
    parse.group,
    canonical.group,
    row.group,
    kinds.group,
    log.group,
    long_log.group,
    run_chain.group,
    *merkle.groups,
    checkpoint.group,
    cosignature.group,
    tlog_proof.proofs,
    tlog_proof.extensions,
    pae.group,
    predicate.group,
    coverage.group,
    signature.signatures,
    signature.keys,
    trust.group,
    bundle_limits.group,
)
BUNDLES: tuple[Callable[[], Iterator[BundleCase]], ...] = (
    bundle_format.cases,
    bundle_evidence.cases,
    bundle_signed.cases,
    bundle_keyless.cases,
    bundle_follow.cases,
    bundle_node.cases,
    bundle_witnessed.cases,
)
