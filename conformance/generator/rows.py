"""Honest rows: one small run with every action, and the hashes and links that SPEC sections 4 to 6 give them."""

import copy
from collections.abc import Iterable
from typing import Any

from generator.canonical import ZEROS, canonical, ordered, sha256

Row = dict[str, Any]

RUN = "7f1d0c52-3b9e-4c7a-9a51-0d2f6b8e4a10"
OTHER_RUN = "2b6e1f08-91c4-4d3b-8f27-6a5c0e9d7b31"
SESSION = "0f0e6a9c-session"
POLICY_PATH = "/home/ada/.occasio/policy.yml"
POLICY_TEXT = "version: 1\ndeny_paths:\n  - ~/.ssh\nblock_secrets_in_tool_results: true\n"
RECORDER = {"agent": "occasio", "protocol": "internal"}
AGENT = {"agent": "claude-code", "protocol": "anthropic-http"}
RULES = {"block_secrets": True, "deny_paths_count": 1, "deny_patterns_count": 0}
GIT = {
    "is_repo": True,
    "head": "9a1c2e3f405162738495a6b7c8d9e0f1a2b3c4d5",
    "branch": "main",
    "dirty": False,
    "changed_files": [],
    "untracked_files": [],
    "diff_hash": None,
}


def stamp(second: int) -> str:
    """Returns a timestamp, `second` seconds after the beginning of all vectors."""
    return f"2026-01-02T03:{4 + second // 60:02}:{second % 60:02}.000Z"


def row(kind: str, own: Row, *, run: str | None = RUN, by: Row = AGENT, at: int = 0) -> Row:
    """Returns a row without its place: `placed` gives it position, links and hash."""
    envelope = {"audit_schema": 2, "kind": kind, "run_id": run, "session_id": SESSION if run else None, "ts": stamp(at)}
    return {**envelope, **by, **copy.deepcopy(own)}


def started(*, run: str = RUN, at: int = 0) -> Row:
    """Returns `run_started`."""
    own = {
        "chain_file": "/home/ada/.occasio/pipeline-events.jsonl",
        "command": "claude",
        "cwd": "/home/ada/work",
        "enforcement_points": ["proxy"],
        "plugins": [{"name": "paths", "version": "0.1.0"}],
        "versions": {"occasio": "0.1.0", "python": "3.13.1"},
    }
    return row("run_started", own, run=run, by=RECORDER, at=at)


def policy_loaded(*, run: str = RUN, text: str = POLICY_TEXT, at: int = 0) -> Row:
    """Returns `policy_loaded` for the policy `text`."""
    inputs = {
        "policy_hash": sha256(text.encode()),
        "policy_path": POLICY_PATH,
        "rules_digest": RULES,
        "version": 1,
    }
    own = {"policy_source": "user", "tool_inputs": inputs}
    return row("policy_loaded", own, run=run, by=RECORDER, at=at)


def git_state(phase: str, *, run: str = RUN, at: int = 0, **changes: Any) -> Row:
    """Returns `git_state` with the digest of its state."""
    state = {**GIT, **changes}
    inputs = {**state, "phase": phase, "cwd": "/home/ada/work", "digest": git_digest(state)}
    return row("git_state", {"tool_inputs": inputs}, run=run, by=RECORDER, at=at)


def git_digest(state: Row) -> str:
    """Returns the digest of SPEC section 5.1: the members in the order given there."""
    return sha256(ordered({name: state[name] for name in GIT}))


def request(*, run: str = RUN, at: int = 0, **changes: Any) -> Row:
    """Returns `request`."""
    tokens = {"cache_read_tokens": 0, "cache_write_tokens": 0, "input_tokens": 812, "output_tokens": 64}
    own = {**tokens, "model": "claude-sonnet-4-5", "status": 200, "cost_micro_usd": 3396, **changes}
    return row("request", own, run=run, at=at)


def tool_call(action: str, tool: str, inputs: Row, *, call: str, run: str = RUN, at: int = 0, **more: Any) -> Row:
    """Returns `tool_call`."""
    effect = "read" if tool == "read_file" else "execute"
    own = {
        "action": action,
        "call_id": call,
        "effects": [f"{effect} {inputs.get('path', tool)}"],
        "input_digest": sha256(canonical(inputs)),
        "reason": "ok" if action != "BLOCK" else "path-denied",
        "tool_inputs": inputs,
        "tool_name": tool,
        **more,
    }
    return row("tool_call", own, run=run, at=at)


def tool_result(kind: str, *, call: str, run: str = RUN, at: int = 0, **more: Any) -> Row:
    """Returns `tool_result`."""
    content = f"content of {call}"
    digest = sha256(canonical(content))
    own = {"call_id": call, "content_digest": digest, "result_kind": kind, "size": len(canonical(content)), **more}
    return row("tool_result", own, run=run, at=at)


def ended(*, run: str = RUN, at: int = 9) -> Row:
    """Returns `run_ended`."""
    return row("run_ended", {"exit_code": 0, "reason": "exit"}, run=run, by=RECORDER, at=at)


def whole_run(run: str = RUN) -> list[Row]:
    """Returns a run with every action, one secret and the state of git before and after."""
    return [
        started(run=run, at=0),
        policy_loaded(run=run, at=0),
        git_state("run_start", run=run, at=1),
        request(run=run, at=2),
        tool_call("PASS", "read_file", {"path": "/home/ada/work/README.md"}, run=run, call="toolu_01", at=3),
        tool_result("transform", run=run, call="toolu_01", at=3, secret_labels=["aws-key"], secrets_redacted=2),
        blocked(run=run, at=5),
        tool_call("LOCAL", "find_files", {"pattern": "*.py"}, run=run, call="toolu_03", at=6),
        tool_call("TRANSFORM", "shell_bash", {}, run=run, call="toolu_04", at=7, transform="clip"),
        git_state("run_end", run=run, at=8, dirty=True, changed_files=["README.md"], diff_hash=sha256(b"diff")),
        ended(run=run, at=9),
    ]


def short_run(run: str = RUN) -> list[Row]:
    """Returns a run of five rows."""
    return [
        started(run=run, at=0),
        policy_loaded(run=run, at=0),
        tool_call("PASS", "read_file", {"path": "/home/ada/work/README.md"}, run=run, call="toolu_01", at=3),
        blocked(run=run, at=5),
        ended(run=run, at=9),
    ]


def blocked(*, run: str = RUN, at: int = 5) -> Row:
    """Returns the refusal of section 1."""
    inputs = {"path": "/home/ada/.ssh/id_ed25519"}
    return tool_call("BLOCK", "read_file", inputs, run=run, call="toolu_02", at=at, rule="deny_paths: ~/.ssh")


def placed(rows: Iterable[Row], *, seq: int = 0, prev_hash: str = ZEROS) -> list[Row]:
    """Returns copies with `seq`, `run_seq`, both links, `event_id` and `hash` as a writer gives them."""
    runs: dict[str, tuple[int, str]] = {}
    out: list[Row] = []
    for number, unplaced in enumerate(rows, start=seq):
        run = unplaced["run_id"]
        run_seq, run_prev = runs.get(run, (0, ZEROS)) if run else (None, None)
        place = {"seq": number, "prev_hash": prev_hash, "run_seq": run_seq, "run_prev_hash": run_prev}
        done = hashed({**unplaced, "event_id": f"evt-{number:015}", **place})
        prev_hash = done["hash"]
        if run:
            runs[run] = (run_seq + 1, prev_hash)
        out.append(done)
    return out


def hashed(unhashed: Row) -> Row:
    """Returns a copy with the right `hash` (SPEC section 4.3)."""
    rest = {name: value for name, value in unhashed.items() if name != "hash"}
    return {**rest, "hash": sha256(canonical(rest))}


def hashed_bytes(row_line: bytes) -> bytes:
    """Returns a line, whatever it is, whose `hash` is that of its own bytes without the member."""
    head, _, tail = row_line.partition(b'"hash":"')
    rest = tail[64 + len('",') :]
    return head + b'"hash":"%s",' % sha256(head + rest).encode() + rest


def relinked(rows: Iterable[Row], *, chain: bool = True, run_chain: bool = True, since: int = 0) -> list[Row]:
    """Returns copies whose links and hashes fit again, as a forger who can compute would make them.

    `chain` and `run_chain` choose the links; those of the rows before `since` stay as they are.
    """
    prev = ZEROS
    runs: dict[str | None, str] = {}
    out: list[Row] = []
    for number, old in enumerate(rows):
        new = dict(old)
        if chain and number >= since:
            new["prev_hash"] = prev
        if run_chain and number >= since and old["run_id"]:
            new["run_prev_hash"] = runs.get(old["run_id"], ZEROS)
        new = hashed(new)
        prev = runs[old["run_id"]] = new["hash"]
        out.append(new)
    return out


def line(finished: Row) -> bytes:
    """Returns the row line, without `\\n`."""
    return canonical(finished)


def log_file(rows: Iterable[Row]) -> bytes:
    """Returns the bytes of a log (SPEC section 6.1)."""
    return b"".join(line(one) + b"\n" for one in rows)
