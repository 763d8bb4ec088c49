"""What rows add up to: the one code that counts, for a run as it is written and for the log as it is read.

Pure: knows the members of rows (SPEC section 5), no files, runs or times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from occasio_verify import Json


MOST_OF_A_ROW = 1 << 40
"""What a row claims beyond this counts as this: sums of a hostile log stay integers of 64 bits."""


BYTES_OF_A_TOKEN = 4  # roughly; nobody counts the tokens of what was never sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """What models were spared: by Occasio, and by what was there without it.

    Occasio's doing: `prevented_bytes` of results that were distilled, clipped, redacted or withheld, `withheld_bytes`
    of these by a notice in their place, and `refused_calls`, whose results never were.  Not its doing: `cached_tokens`,
    which the provider had in its prompt cache.
    """

    prevented_bytes: int
    withheld_bytes: int
    refused_calls: int
    cached_tokens: int

    @property
    def prevented_tokens(self) -> int:
        """Return about how many tokens the prevented bytes would have been."""
        return self.prevented_bytes // BYTES_OF_A_TOKEN

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "by_occasio": {
                "prevented_bytes": self.prevented_bytes,
                "prevented_tokens_about": self.prevented_tokens,
                "withheld_bytes": self.withheld_bytes,
                "refused_calls": self.refused_calls,
            },
            "ambient": {"cached_tokens": self.cached_tokens},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Sums over rows.  Bytes, tokens and millionths of a dollar are said by the names; all else are numbers of rows.

    `secrets` are those kept back from results, as the predicate counts them, and `told_secrets` those in the rest of
    requests.  `prevented_bytes` are those by which results were shorter when the model got them than when the tool gave
    them, `withheld_bytes` those among them that a notice took the place of.  `provider_ran` are calls among `passed`
    that were over before anybody was told.
    """

    rows: int = 0
    runs: int = 0
    ended_runs: int = 0
    calls: int = 0
    passed: int = 0
    local: int = 0
    transformed: int = 0
    blocked: int = 0
    provider_ran: int = 0
    results: int = 0
    result_errors: int = 0
    results_local: int = 0
    results_changed: int = 0
    results_withheld: int = 0
    produced_bytes: int = 0
    prevented_bytes: int = 0
    withheld_bytes: int = 0
    left_out: int = 0
    secrets: int = 0
    told_secrets: int = 0
    requests: int = 0
    failed_requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_micro_usd: int = 0
    unpriced: int = 0
    limits: int = 0
    asked: int = 0
    granted: int = 0
    denied: int = 0
    expired: int = 0
    findings: int = 0
    policies: int = 0
    policies_rejected: int = 0
    hook_events: int = 0
    hook_denied: int = 0
    recovered: int = 0
    checkpoints: int = 0

    @property
    def tokens_in(self) -> int:
        """Return all tokens that went to models, those among them that their caches had."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def open_runs(self) -> int:
        """Return how many runs began and did not end."""
        return self.runs - self.ended_runs

    @property
    def savings(self) -> Savings:
        """Return what models were spared, apart by whose doing it was."""
        return Savings(
            prevented_bytes=self.prevented_bytes,
            withheld_bytes=self.withheld_bytes,
            refused_calls=self.blocked,
            cached_tokens=self.cache_read_tokens,
        )

    def __add__(self, other: Counters) -> Counters:
        return Counters(**{name: getattr(self, name) + getattr(other, name) for name in COUNTERS})

    def as_json(self) -> dict[str, Json]:
        """Return every counter by its name."""
        return asdict(self)


COUNTERS = tuple(field.name for field in fields(Counters))

_ACTIONS = {"PASS": "passed", "LOCAL": "local", "TRANSFORM": "transformed", "BLOCK": "blocked"}
_RESULTS = {"local": "results_local", "transform": "results_changed", "withheld": "results_withheld"}
_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_ONE = {
    "run_started": "runs",
    "run_ended": "ended_runs",
    "limit_exceeded": "limits",
    "approval_requested": "asked",
    "approval_granted": "granted",
    "approval_denied": "denied",
    "approval_expired": "expired",
    "finding": "findings",
    "policy_loaded": "policies",
    "policy_rejected": "policies_rejected",
    "recovered": "recovered",
    "checkpoint": "checkpoints",
}
_FAILED = 400  # HTTP status; 0 where no answer came


def counts_of(kind: str, members: Mapping[str, Json]) -> dict[str, int]:
    """Return what a row adds to `Counters`, by name; what it adds nothing to may be left out."""
    match kind:
        case "tool_call":
            return _of_call(members)
        case "tool_result":
            return _of_result(members)
        case "request":
            return _of_request(members)
        case "hook_event":
            return {"rows": 1, "hook_events": 1, "hook_denied": int(members.get("answer") == "deny")}
        case _ if kind in _ONE:
            return {"rows": 1, _ONE[kind]: 1}
        case _:
            return {"rows": 1}


def _of_call(members: Mapping[str, Json]) -> dict[str, int]:
    counts = {"rows": 1, "calls": 1}
    if action := _ACTIONS.get(str(members.get("action"))):
        counts[action] = 1
    if members.get("reason") == "provider-ran":
        counts["provider_ran"] = 1
    return counts


def _of_result(members: Mapping[str, Json]) -> dict[str, int]:
    counts = {"rows": 1, "results": 1, "produced_bytes": _amount(members, "size")}
    if "returned_size" in members:
        counts["prevented_bytes"] = max(0, counts["produced_bytes"] - _amount(members, "returned_size"))
        if members.get("result_kind") == "withheld":
            counts["withheld_bytes"] = counts["prevented_bytes"]
    counts["secrets"] = _amount(members, "secrets_redacted")
    counts["left_out"] = _amount(members, "left_out")
    if kind := _RESULTS.get(str(members.get("result_kind"))):
        counts[kind] = 1
    if members.get("is_error") is True:
        counts["result_errors"] = 1
    return counts


def _of_request(members: Mapping[str, Json]) -> dict[str, int]:
    counts = {name: _amount(members, name) for name in _TOKENS}
    status = _amount(members, "status")
    counts |= {"rows": 1, "requests": 1, "failed_requests": int(status == 0 or status >= _FAILED)}
    counts |= {"told_secrets": _amount(members, "secrets_redacted")}
    counts |= {"cost_micro_usd": _amount(members, "cost_micro_usd"), "unpriced": int("cost_micro_usd" not in members)}
    return counts


def _amount(members: Mapping[str, Json], name: str) -> int:
    value = members.get(name)
    return min(value, MOST_OF_A_ROW) if type(value) is int and value > 0 else 0
