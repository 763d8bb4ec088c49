"""The summary says what a run came to, and nothing that a terminal would obey."""

from __future__ import annotations

from occasio_core.commands import Record
from occasio_core.summary import MAX_BLOCKS, Tally, summary
from occasio_verify import Json


def tally(*rows: tuple[str, dict[str, Json]]) -> Tally:
    counted = Tally()
    for kind, members in rows:
        counted.note(Record(kind=kind, agent="a", protocol="p", session="s", members=members))
    return counted


def call(action: str, path: str = "/a", rule: str | None = None) -> tuple[str, dict[str, Json]]:
    members: dict[str, Json] = {
        "action": action,
        "tool_name": "read_file",
        "reason": "ok",
        "tool_inputs": {"path": path},
    }
    return "tool_call", members | ({"rule": rule} if rule else {})


def test_calls_blocks_secrets_and_tokens_are_told_with_the_next_commands() -> None:
    request: dict[str, Json] = {
        "input_tokens": 1000,
        "cache_read_tokens": 200,
        "cache_write_tokens": 30,
        "output_tokens": 4,
    }
    counted = tally(
        call("PASS"),
        call("LOCAL"),
        call("BLOCK", "/home/ada/.ssh/id", "deny_paths: ~/.ssh"),
        ("tool_result", {"secrets_redacted": 1}),
        ("tool_result", {}),
        ("request", request),
    )
    assert list(summary("R", counted)) == [
        "run R",
        "  3 tool calls: 1 passed, 1 run here, 1 blocked",
        "  blocked  read_file /home/ada/.ssh/id  (deny_paths: ~/.ssh)",
        "  1 secret kept from the model",
        "  1 model request, 1,230 tokens in, 4 tokens out",
        "  next: occasio bundle --run R",
        "        occasio verify R.occasio.json",
    ]


def test_a_run_without_calls_says_so() -> None:
    assert list(summary("R", Tally()))[1] == "  0 tool calls: 0 passed, 0 blocked"


def test_a_gate_that_closed_early_is_told() -> None:
    assert "  the gate closed before the end: no space" in list(summary("R", Tally(), "no space"))


def test_what_a_run_whose_log_failed_needs_first_is_a_repair():
    assert "  next: occasio audit repair" in list(summary("R", Tally(), "no space"))
    assert not any("repair" in line for line in summary("R", Tally()))


def test_a_block_without_a_rule_is_told_by_its_code() -> None:
    members: dict[str, Json] = {"action": "BLOCK", "tool_name": "X", "reason": "malformed-input", "tool_inputs": {}}
    assert "  blocked  X  (malformed-input)" in list(summary("R", tally(("tool_call", members))))


def test_many_blocks_are_counted_and_not_listed() -> None:
    lines = list(summary("R", tally(*[call("BLOCK", rule="r")] * (MAX_BLOCKS + 5))))
    assert sum("  blocked " in line for line in lines) == MAX_BLOCKS
    assert "  and 5 more blocked calls" in lines


def test_a_path_cannot_speak_to_the_terminal() -> None:
    lines = list(summary("R", tally(call("BLOCK", "/a\x1b[2J\nb", "r"))))
    assert "  blocked  read_file /a?[2J?b  (r)" in lines


def test_money_limits_and_edits_of_the_policy_are_told() -> None:
    counted = tally(
        ("request", {"cost_micro_usd": 1_230_000}),
        ("request", {}),
        ("limit_exceeded", {"limit": "max_tool_calls_per_run"}),
        ("policy_loaded", {}),
        ("policy_rejected", {"error": "policy.yml:1:1: not YAML"}),
    )
    assert list(summary("R", counted))[2:6] == [
        "  2 model requests, 0 tokens in, 0 tokens out, $1.23 and 1 unpriced",
        "  limit    max_tool_calls_per_run passed 1 time",
        "  policy   edited 1 time in the run",
        "  policy   an edit was not used: policy.yml:1:1: not YAML",
    ]


def test_what_detectors_found_is_counted() -> None:
    assert not any("finding" in line for line in summary("R", Tally()))
    counted = tally(("finding", {"severity": "low"}))
    assert "  1 finding of detectors: occasio anomalies --since 7d --run R" in list(summary("R", counted))
