"""A SLSA Verification Summary of a run against its policy, as an in-toto Statement (slsa.dev/verification_summary/v1).

It says for readers of such summaries, who know nothing of rows: this run, under this policy, passed or did not.  Knows
the predicate, the coverage and bytes; whether the rows hold was found before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import cast

from occasio_core.version import __version__
from occasio_verify import Coverage, GapKind, Json, canonical

VSA_TYPE = "https://slsa.dev/verification_summary/v1"
VERIFIER = "https://github.com/occasiolabs/occasio"
COMPLETE, NO_GAPS = "OCCASIO_RUN_COMPLETE", "OCCASIO_NO_GAPS"

_HARMLESS = {GapKind.NO_OUTCOME}  # it was decided on; that nothing came of it is no way round the policy


def verification_summary(predicate: Mapping[str, Json], statement: bytes, found: Coverage, verified_at: str) -> bytes:
    """Return the Statement that sums up the run of `predicate`, whose own Statement is `statement`.

    `verified_at` is when the rows were found to hold, RFC 3339.  The result is PASSED if every call that the rows
    tell of was decided on by the policy, at each door that was set up.
    """
    passed = not [gap for gap in found.gaps if gap.kind not in _HARMLESS]
    run, policy, chain = (cast("Mapping[str, str]", predicate[name]) for name in ("subject", "policy", "audit_chain"))
    resource = f"occasio:run:{run['run_id']}"
    summary: dict[str, Json] = {
        "inputAttestations": [{"digest": {"sha256": hashlib.sha256(statement).hexdigest()}, "uri": resource}],
        "policy": {"digest": {"sha256": policy["file_hash"]}, "uri": policy["file_path"] or "occasio:policy"},
        "resourceUri": resource,
        "timeVerified": verified_at,
        "verificationResult": "PASSED" if passed else "FAILED",
        "verifiedLevels": [COMPLETE, NO_GAPS] if passed else ["FAILED"],
        "verifier": {"id": VERIFIER, "version": {"occasio": __version__}},
    }
    return canonical(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "predicate": summary,
            "predicateType": VSA_TYPE,
            "subject": [{"digest": {"sha256": chain["last_hash"]}, "name": resource}],
        }
    )
