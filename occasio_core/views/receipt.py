"""A run in sum, small enough to paste into a commit or a ticket: no paths, no names of files, no contents.

Format `occasio-receipt/v1`.  It shows nothing by itself but what it is signed with; `chain` says which rows it is of.
Money is in micro-dollars.  Pure.
"""

from __future__ import annotations

from occasio_core.reading import RunSummary, timestamp
from occasio_verify import Json

SCHEMA = "occasio-receipt/v1"
PAYLOAD_TYPE = "application/vnd.occasio.receipt+json"


def receipt_of(run: RunSummary, first_hash: str, generated_at: str) -> dict[str, Json]:
    """Return the receipt of a run whose first row has the hash `first_hash`."""
    counters = run.counters
    return {
        "schema": SCHEMA,
        "run_id": run.run_id,
        "agent": run.agent,
        "started_at": timestamp(run.started_at),
        "ended_at": None if run.ended_at is None else timestamp(run.ended_at),
        "duration_ms": run.duration,
        "accounting": {
            "requests": counters.requests,
            "input_tokens": counters.input_tokens,
            "output_tokens": counters.output_tokens,
            "cache_read_tokens": counters.cache_read_tokens,
            "cache_write_tokens": counters.cache_write_tokens,
            "cost_micro_usd": counters.cost_micro_usd,
            "unpriced_requests": counters.unpriced,
        },
        "tools": {
            "total": counters.calls,
            "passed": counters.passed,
            "local": counters.local,
            "transformed": counters.transformed,
            "blocked": counters.blocked,
            "results_withheld": counters.results_withheld,
            "results_changed": counters.results_changed,
            "secrets_redacted": counters.secrets + counters.told_secrets,
        },
        "policy_sha256": run.policy_hash,
        "chain": {"first_hash": first_hash, "last_hash": run.last_hash, "rows": run.rows},
        "generated_at": generated_at,
    }
