"""What the tests of the reader share: a home with a log that has every kind of row that is counted."""

from __future__ import annotations

from pathlib import Path

from occasio_core import home as places
from tests.samples import RUN, Log, call, canonical, end, request, sha256, start

OTHER = "0a1b2c3d-0000-4000-8000-000000000000"


def written(home: Path, log: Log) -> Path:
    """Write the log into the home, as it is now, and return its path."""
    home.mkdir(mode=0o700, exist_ok=True)
    path = places.log_path(home)
    path.write_bytes(b"".join(canonical(row) + b"\n" for row in log.rows))
    return path


def every_kind() -> Log:
    """Return a log of a run that has ended and of one that has not, with rows of every kind."""
    log = Log()
    start(log)
    for number, action in enumerate(("PASS", "BLOCK", "LOCAL", "TRANSFORM", "PASS")):
        call(log, number, action=action, path=f"/home/ada/project/{number}")
    _results(log)
    request(log)
    log.append(
        "request",
        agent="claude-code",
        cost_micro_usd=1_500,
        status=0,
        secrets_redacted=5,
        secret_labels=["x"],
        model="m2",
        **_tokens(1, 2, 3, 4),
    )
    log.append("limit_exceeded", limit="max_requests_per_run", max=1, actual=2)
    _approvals(log)
    log.append("finding", detector="deny-rate", severity="high", message="many", rows=[], tags=[])
    log.append("policy_rejected", error="bad", policy_hash=sha256(b"bad"), policy_path="/p")
    log.append("hook_event", agent="claude-code", answer="deny", event="PreToolUse")
    log.append("checkpoint", None, note="n", origin="o", root_hash=sha256(b""), tree_size=0)
    start(log, OTHER)
    call(log, 9, run=OTHER)
    end(log)
    return log


def _results(log: Log) -> None:
    for kind, members in (
        ("local", {"left_out": 2}),
        (
            "transform",
            {
                "secrets_redacted": 3,
                "secret_labels": ["aws"],
                "returned_size": 40,
                "shaped_by": ["redact-secrets", "clip"],
            },
        ),
        ("withheld", {"is_error": True, "returned_size": 20}),
    ):
        digest = sha256(kind.encode())
        fields = {"call_id": kind, "content_digest": digest, "result_kind": kind, "size": 100, **members}
        log.append("tool_result", agent="claude-code", **fields)


def _approvals(log: Log) -> None:
    asked = {"call_id": "c", "tool_name": "Bash", "input_digest": sha256(b""), "expires_at": "2026-01-02T00:00:00.000Z"}
    log.append("approval_requested", agent="claude-code", approval_id="a", **asked)
    for answer in ("granted", "denied", "expired"):
        log.append(f"approval_{answer}", agent="claude-code", approval_id="a", approver=None, method=None)


def _tokens(*numbers: int) -> dict[str, int]:
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    return dict(zip(names, numbers, strict=True))


__all__ = ["OTHER", "RUN", "every_kind", "written"]
