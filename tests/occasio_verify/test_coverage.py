"""What the rows of a run's doors say of each call, and what they leave out."""

import pytest

from occasio_verify import GapKind, coverage

DIGEST, OTHER = "1" * 64, "2" * 64


def started(*points):
    return {"kind": "run_started", "enforcement_points": list(points)}


def decided(call="c", action="PASS", door="anthropic-http"):
    return {"kind": "tool_call", "call_id": call, "action": action, "tool_name": "shell_bash", "protocol": door}


def ended(call="c", door="anthropic-http", digest=DIGEST, **more):
    return {"kind": "tool_result", "call_id": call, "protocol": door, "content_digest": digest, **more}


def told(call="c", event="PreToolUse", **more):
    return {"kind": "hook_event", "event": event, "call_id": call, "answer": "none", "tool_name": "Bash", **more}


def batch(call="c", digest=DIGEST, is_error=False):
    output = {"call_id": call, "digest": digest, "is_error": is_error}
    return {"kind": "hook_event", "event": "PostToolBatch", "answer": "none", "outputs": [output]}


ASKED = {"kind": "approval_requested", "call_id": "c", "tool_name": "shell_bash"}
BOTH = started("proxy", "hook")
HOOK = started("hook")


@pytest.mark.parametrize(
    ("rows", "gaps"),
    [
        ([BOTH, decided(), told(), ended(), batch()], []),
        ([BOTH, decided(action="BLOCK")], []),
        ([BOTH, decided(action="LOCAL"), ended()], []),
        ([HOOK, decided(door="hook"), ended(door="hook", digest=OTHER), batch()], []),
        ([started("proxy"), decided(), ended()], []),
        ([BOTH, decided(), ended(is_error=True)], []),  # the agent itself may have refused it, before any hook
        ([BOTH, batch(is_error=True)], []),
        ([HOOK, told()], ["not-gated"]),
        ([HOOK, batch()], ["not-gated"]),
        ([HOOK, ASKED], ["not-gated"]),
        ([HOOK, ended(door="hook")], ["no-decision"]),
        ([HOOK, ended(door="hook"), decided(door="hook")], ["no-decision"]),
        ([started("proxy"), decided()], ["no-outcome"]),
        ([started("proxy"), decided(action="LOCAL")], ["no-outcome"]),
        ([started("proxy"), {**decided(), "reason": "provider-ran"}], []),
        ([started("proxy"), {**decided(), "reason": "provider-ran"}, decided()], ["no-outcome"]),
        ([started("proxy"), decided(), decided(action="BLOCK")], []),
        ([BOTH, decided(), ended()], ["hook-silent"]),
        ([BOTH, decided(), ended(), batch()], ["hook-silent"]),
        ([BOTH, decided(door="hook"), ended(door="hook")], ["proxy-silent"]),
        ([BOTH, decided(), told(), ended(digest=OTHER), batch()], ["output-differs"]),
        ([BOTH, decided(), told(), ended(digest=OTHER), ended(), batch()], []),
    ],
)
def test_a_gap_is_what_no_row_says(rows, gaps):
    found = coverage(rows)
    assert [gap.kind.value for gap in found.gaps] == gaps


def test_gaps_name_the_call_and_the_tool_in_the_order_of_the_rows():
    found = coverage([started("proxy"), decided("b"), decided("a"), batch("z")])
    assert [(gap.kind, gap.call_id, gap.tool) for gap in found.gaps] == [
        (GapKind.NO_OUTCOME, "b", "shell_bash"),
        (GapKind.NO_OUTCOME, "a", "shell_bash"),
        (GapKind.NOT_GATED, "z", ""),
    ]
    assert found.calls == 3


def test_rows_of_other_kinds_name_no_calls():
    assert coverage([started("hook"), {"kind": "request"}, {"kind": "hook_event", "event": "Stop"}]).calls == 0
