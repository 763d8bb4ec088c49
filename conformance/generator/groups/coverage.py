"""Which calls of a run have gaps, SPEC section 11.3."""

from collections.abc import Iterator
from typing import Any

from generator.canonical import canonical, sha256
from generator.cases import Case, Group, accepted
from generator.rows import Row, ended, placed, row, started, tool_call, tool_result

HOOK = {"agent": "claude-code", "protocol": "hook"}
OTHER = sha256(b"something else")


def group() -> Group:
    """Returns the group `coverage`."""
    return Group(name="coverage", clause="11.3", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields runs that decide every line of the table, and what looks like a gap and is none."""
    yield shows("none", "decided, confirmed, ended, told", [decided(), seen(), result(), told()])
    yield shows("empty", "a run without calls", [], calls=0)
    yield shows("refused", "a refused call has no outcome", [decided("BLOCK")])
    yield shows("not-gated-seen", "a hook saw it and nobody decided", [seen()], ["not-gated"])
    yield shows("not-gated-told", "its output was told and nobody decided", [told()], ["not-gated"])
    yield shows("not-gated-asked", "a person was asked and nothing followed", [asked()], ["not-gated"])
    yield shows("told-as-error", "what the agent refused itself names no call", [told(is_error=True)], calls=0)
    yield shows("no-decision", "an outcome alone", [result()], ["no-decision"])
    yield shows("no-decision-late", "a decision behind the outcome", [result(), decided(), seen()], ["no-decision"])
    for action in ("PASS", "LOCAL", "TRANSFORM"):
        yield shows(f"no-outcome-{action.lower()}", "let through, and nothing came", [decided(action)], ["no-outcome"])
    elsewhere = {"reason": "provider-ran"}
    yield shows("provider-ran", "the provider carried it out, and keeps what came of it", [decided(by=elsewhere)])
    again = [decided(by=elsewhere), decided()]
    yield shows("provider-ran-before", "the last decision counts, its reason too", again, ["no-outcome"])
    yield shows("last-decision", "the last action counts", [decided(), decided("BLOCK")])
    yield shows("hook-silent", "it ran and the hook said nothing", [decided(), result()], ["hook-silent"])
    yield shows(
        "hook-silent-told", "to tell its output is not to see it", [decided(), result(), told()], ["hook-silent"]
    )
    yield shows("hook-not-set-up", "no hook was set up", [decided(), result()], points=["proxy"])
    yield shows("hook-failed", "a call that failed may have been refused before", [decided(), result(is_error=True)])
    yield shows("hook-local", "a local call asks no hook", [decided("LOCAL"), result()])
    yield shows("hook-transform", "a transformed call may have been local", [decided("TRANSFORM"), result()])
    by_hook = [decided(by=HOOK), result(by=HOOK)]
    yield shows("proxy-silent", "the hook alone decided", by_hook, ["proxy-silent"])
    yield shows("proxy-not-set-up", "no proxy was set up", by_hook, points=["hook"])
    again = [decided(), decided(by=HOOK), result()]
    yield shows("proxy-first", "the first decision was the proxy's", again)
    differs = [decided(), seen(), result(), told(digest=OTHER)]
    yield shows("output-differs", "another output was told", differs, ["output-differs"])
    yield shows("output-one-of-two", "one of two outputs is the one", [*differs, told()])
    yield shows(
        "output-by-hook", "a hook's own result is not compared", [*by_hook, told(digest=OTHER)], points=["hook"]
    )
    several = [decided(), result(), told(digest=OTHER)]
    yield shows("several", "two gaps of one call in the order of the table", several, ["hook-silent", "output-differs"])
    two = [seen("b"), decided(call="a")]
    yield _case(
        "order", "calls in the order in which rows name them", two, 2, [["not-gated", "b"], ["no-outcome", "a"]]
    )


def shows(name: str, why: str, rows: list[Row], gaps: list[str] | None = None, **more: Any) -> Case:
    """Returns the case of a run with one call, `c`."""
    calls, points = more.get("calls", 1), more.get("points", ["proxy", "hook"])
    return _case(name, why, rows, calls, [[gap, "c"] for gap in gaps or []], points)


def _case(
    name: str, why: str, rows: list[Row], calls: int, gaps: list[list[str]], points: tuple[str, ...] = ("proxy", "hook")
) -> Case:
    done = placed([{**started(), "enforcement_points": list(points)}, *rows, ended()])
    request = {"rows": canonical(done).hex()}
    return accepted("coverage", "11.3", f"coverage-{name}", why, request, calls=calls, gaps=gaps)


def decided(action: str = "PASS", *, call: str = "c", by: Row | None = None) -> Row:
    """Returns a decision, by the proxy unless it says otherwise."""
    return {**tool_call(action, "read_file", {"path": "/p"}, call=call), **(by or {})}


def result(*, by: Row | None = None, **more: Any) -> Row:
    """Returns an outcome."""
    return {**tool_result("pass", call="c", **more), **(by or {})}


def seen(call: str = "c") -> Row:
    """Returns what a hook leaves of a call that another door decided."""
    return row("hook_event", {"answer": "none", "event": "PreToolUse", "call_id": call}, by=HOOK)


def told(*, digest: str = sha256(canonical("content of c")), is_error: bool = False) -> Row:
    """Returns what an agent says that the model is about to get."""
    output = {"call_id": "c", "digest": digest, "is_error": is_error}
    return row("hook_event", {"answer": "none", "event": "PostToolBatch", "outputs": [output]}, by=HOOK)


def asked() -> Row:
    """Returns a question to a person."""
    own = {"approval_id": "apr-1", "call_id": "c", "expires_at": "2026-01-01T00:00:00.000Z", "input_digest": OTHER}
    return row("approval_requested", {**own, "tool_name": "read_file"})
