import pytest

from occasio_verify import PREDICATE_TYPE, VerifyError, git_digest, predicate
from occasio_verify.predicate import check_equivalent, differences, seconds_between, target
from tests.samples import GENESIS, POLICY, RUN, Log, call, end, request, run_of, sha256, start


def git(phase: str, head: str | None) -> dict[str, object]:
    state = {
        "phase": phase, "cwd": "/p", "is_repo": head is not None, "head": head, "branch": None, "dirty": False,
        "changed_files": [], "untracked_files": ["a"], "diff_hash": None,
    }  # fmt: skip
    return {**state, "digest": git_digest(state)}


def test_everything_in_the_predicate_follows_from_the_rows():
    log = run_of(4)
    assert predicate(log.rows) == {
        "schema_version": "1.0.0",
        "predicate_type": PREDICATE_TYPE,
        "subject": {"run_id": RUN},
        "agent": {
            "platform": "claude-code",
            "model": "claude-opus-4-8",
            "session_id": log.rows[0]["session_id"],
            "started_at": "2026-01-02T00:00:00.000Z",
            "ended_at": log.rows[-1]["ts"],
            "wall_time_s": len(log.rows) - 1,
        },
        "policy": {
            "file_hash": sha256(POLICY.encode()),
            "file_path": "/home/ada/.occasio/policy.yml",
            "source": "user",
            "version": 1,
            "rules_digest": {"block_secrets": True, "deny_paths_count": 1, "deny_patterns_count": 0},
        },
        "execution_summary": {
            "tool_calls": 4, "local": 0, "passed": 3, "blocked": 1, "transformed": 0, "secrets_redacted": 0,
            "blocked_events": [
                {"tool": "read_file", "target": "/home/ada/.ssh/id", "rule": "deny_paths: ~/.ssh", "at_offset_s": 5}
            ],
        },
        "audit_chain": {
            "genesis": GENESIS,
            "first_hash": log.rows[0]["hash"],
            "last_hash": log.rows[-1]["hash"],
            "event_count": len(log.rows),
            "chain_file": "/home/ada/.occasio/pipeline-events.jsonl",
            "verifier_url": "https://github.com/occasiolabs/occasio",
        },
    }  # fmt: skip


def test_the_git_state_is_the_first_start_and_the_last_end():
    log = Log()
    start(log)
    for phase, head in (("run_start", "a" * 40), ("run_start", "b" * 40), ("run_end", "c" * 40), ("run_end", None)):
        log.append("git_state", tool_inputs=git(phase, head))
    end(log)
    subject = predicate(log.rows)["subject"]
    assert subject["git_commit"] == "c" * 40
    assert (subject["git_state"]["run_start"]["head"], subject["git_state"]["run_end"]["head"]) == ("a" * 40, None)
    assert "cwd" not in subject["git_state"]["run_start"] and "phase" not in subject["git_state"]["run_start"]


def test_without_a_policy_row_the_policy_is_unknown():
    log = run_of(1)
    rows = [row for row in log.rows if row["kind"] != "policy_loaded"]
    assert predicate(rows)["policy"] == {
        "file_hash": GENESIS, "file_path": None, "source": "unknown", "version": None,
        "rules_digest": {"block_secrets": False, "deny_paths_count": 0, "deny_patterns_count": 0},
    }  # fmt: skip


def test_secrets_are_counted_where_results_say_so():
    log = Log()
    start(log)
    call(log, 1)
    log.append(
        "tool_result",
        agent="claude-code",
        call_id="c",
        content_digest=GENESIS,
        result_kind="transform",
        size=1,
        secrets_redacted=3,
    )
    request(log)
    end(log)
    assert predicate(log.rows)["execution_summary"]["secrets_redacted"] == 3


def test_a_run_without_an_agent_is_of_an_unknown_platform():
    log = Log()
    start(log)
    end(log)
    agent = predicate(log.rows)["agent"]
    assert (agent["platform"], agent["model"], agent["session_id"]) == ("unknown", None, log.rows[0]["session_id"])


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"path": "/a", "pattern": "b"}, "/a"),
        ({"pattern": "b"}, "b"),
        ({"path": 1, "pattern": "b"}, "b"),
        ({}, None),
        (None, None),
    ],
)
def test_what_a_call_was_about(inputs, expected):
    assert target({"tool_inputs": inputs}) == expected


def test_time_that_goes_back_counts_as_none():
    assert seconds_between("2026-01-01T00:00:01.000Z", "2026-01-01T00:00:00.999Z") == 0
    assert seconds_between("2026-01-01T00:00:00.001Z", "2026-01-01T00:00:02.000Z") == 1


def test_what_differs_is_named():
    claimed = {"a": {"b": 1, "c": [1]}, "x": 1}
    assert differences(claimed, {"a": {"b": 2, "c": [1], "d": None}}) == [
        "a.b claims 1, the rows give 2", "a.d is missing", "x does not belong there",
    ]  # fmt: skip
    with pytest.raises(VerifyError, match=r"predicate-mismatch.*a\.b claims 1"):
        check_equivalent(claimed, {"a": {"b": 2, "c": [1]}, "x": 1})


def test_true_is_not_one():
    assert differences({"a": True}, {"a": 1})
