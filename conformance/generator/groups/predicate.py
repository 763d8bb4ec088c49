"""The predicate of good slices, SPEC section 8."""

from collections.abc import Iterator

from generator.canonical import canonical, sha256
from generator.cases import Case, Group, accepted, refused
from generator.predicate import predicate
from generator.rows import (
    RECORDER,
    Row,
    blocked,
    ended,
    git_state,
    placed,
    policy_loaded,
    request,
    row,
    short_run,
    started,
    tool_call,
    tool_result,
    whole_run,
)

HEAD = "1" * 40


def group() -> Group:
    """Returns the group `predicate`."""
    return Group(name="predicate", clause="8", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields slices that decide every line of the table."""
    yield becomes("whole", "every kind of call, git, secrets", whole_run())
    yield becomes("short", "no git, no request", short_run())
    yield becomes("shortest", "a start and an end", [started(), ended()])
    yield from subjects()
    yield from agents()
    yield from times()
    yield from policies()
    yield from summaries()


def subjects() -> Iterator[Case]:
    """Yields what decides `subject`."""
    none = {"is_repo": False, "head": None, "branch": None}
    yield becomes("git-no-head", "no commit where there is no head", around(git_state("run_start", **none)))
    yield becomes("git-start-only", "`run_end` is null", around(git_state("run_start")))
    yield becomes("git-end-only", "`run_start` is null", around(git_state("run_end")))
    later = git_state("run_end", head=HEAD, at=2)
    yield becomes("git-head-moved", "the commit is the last head", around(git_state("run_start", at=1), later))
    lost = git_state("run_end", **none)
    yield becomes("git-head-lost", "the last head that is not null", around(git_state("run_start", at=1), lost))
    starts = [git_state("run_start", head=HEAD), git_state("run_start", branch="other")]
    yield becomes("git-two-starts", "the first of two starts", around(*starts))
    ends = [git_state("run_end", head=HEAD), git_state("run_end", branch="other")]
    yield becomes("git-two-ends", "the last of two ends", around(*ends))
    turned = [git_state("run_end", head=HEAD), git_state("run_start")]
    yield becomes("git-end-before-start", "the order of the phases does not matter", around(*turned))
    names = git_state("run_end", changed_files=["caf\u00e9.md", 'a"b', "tab\t"], dirty=True)
    yield becomes("git-names", "names of files with all kinds of characters", around(names))


def agents() -> Iterator[Case]:
    """Yields what decides `agent`."""
    ours = {**RECORDER, "protocol": "cli"}
    yield becomes("agent-recorder-only", "nobody but the recorder", around(row("novelty", {}, by=ours)))
    codex = row("novelty", {}, by={"agent": "codex", "protocol": "hook"})
    yield becomes("agent-first-of-two", "the first that is not the recorder", around(codex, blocked()))
    other = {**blocked(), "session_id": "another session"}
    yield becomes("agent-session", "the session of the first row of the agent", around(other, blocked(at=6)))
    models = [request(model=None), request(model="first"), request(model="second")]
    yield becomes("agent-model", "the first model that is not null", around(*models))
    yield becomes("agent-model-null", "no request names a model", around(request(model=None)))
    finding = row("novelty", {"model": "not a request"})
    yield becomes("agent-model-elsewhere", "only requests name the model", around(finding))


def times() -> Iterator[Case]:
    """Yields what decides times and offsets."""
    for name, why, first, last in (
        ("rounded-down", "999 ms are no second", "2026-01-02T03:04:05.001Z", "2026-01-02T03:04:07.000Z"),
        ("exact", "a second is a second", "2026-01-02T03:04:05.001Z", "2026-01-02T03:04:06.001Z"),
        ("backwards", "a clock that was set back", "2026-01-02T03:04:05.000Z", "2026-01-02T03:04:04.000Z"),
        (
            "backwards-a-little",
            "less than nothing is not rounded down",
            "2026-01-02T03:04:05.500Z",
            "2026-01-02T03:04:05.000Z",
        ),
        ("leap-day", "over the end of February in a leap year", "2028-02-28T23:59:59.000Z", "2028-03-01T00:00:00.000Z"),
        (
            "common-year",
            "over the end of February in another year",
            "2026-02-28T23:59:59.000Z",
            "2026-03-01T00:00:00.000Z",
        ),
        ("new-year", "over a new year", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z"),
        ("century", "long ago and far ahead", "1969-12-31T23:59:59.000Z", "2101-01-01T00:00:00.000Z"),
    ):
        middle = {**blocked(), "ts": last}
        rows = [{**started(), "ts": first}, policy_loaded(), middle, {**ended(), "ts": last}]
        yield becomes(f"time-{name}", why, rows)


def policies() -> Iterator[Case]:
    """Yields what decides `policy`."""
    yield becomes("policy-none", "no policy was loaded", [started(), blocked(), ended()])
    second = policy_loaded(text="version: 2\n", at=4)
    yield becomes("policy-two", "the first of two", around(second))
    fallback = policy_loaded()
    fallback["policy_source"] = "default"
    fallback["tool_inputs"]["policy_path"] = None
    yield becomes("policy-default", "a policy without a file", [started(), fallback, ended()])
    refused = row("policy_rejected", {"error": "e", "policy_hash": sha256(b"x"), "policy_path": "/p"}, by=RECORDER)
    yield becomes(
        "policy-rejected", "a policy that was refused does not count", [started(), refused, policy_loaded(), ended()]
    )


def summaries() -> Iterator[Case]:
    """Yields what decides `execution_summary`."""
    for name, why, inputs in (
        ("pattern", "the pattern where there is no path", {"pattern": "*.key"}),
        ("path-and-pattern", "the path before the pattern", {"path": "/p", "pattern": "*.key"}),
        ("none", "neither path nor pattern", {"count": 3}),
        ("path-null", "a path that is no string is none", {"path": None, "pattern": "*.key"}),
        ("path-number", "a path that is no string is none", {"path": 7}),
        ("pattern-array", "a pattern that is no string is none", {"pattern": ["*.key"]}),
        ("path-empty", "an empty path is a string", {"path": "", "pattern": "*.key"}),
    ):
        call = tool_call("BLOCK", "read_file", {}, call="c", at=3)
        yield becomes(f"blocked-target-{name}", why, around({**call, "tool_inputs": inputs}))
    bare = tool_call("BLOCK", "shell_bash", {}, call="c", at=3)
    yield becomes("blocked-no-rule", "the reason where there is no rule", around(bare))
    empty = tool_call("BLOCK", "shell_bash", {}, call="c", at=3, rule="")
    yield becomes("blocked-empty-rule", "an empty rule is a rule", around(empty))
    order = [tool_call("BLOCK", f"tool_{number}", {}, call="c", at=number) for number in (5, 3, 4)]
    yield becomes("blocked-order", "in the order of the rows, not of the times", around(*order))
    results = [tool_result("transform", call="c", secrets_redacted=count) for count in (2, 0, 5)]
    absent = tool_result("pass", call="c")
    yield becomes("secrets-sum", "summed, absent is 0", around(*results, absent))
    beyond = [tool_result("transform", call="c", secrets_redacted=count) for count in (2**53 - 1, 1)]
    question = {"rows": canonical(placed(around(*beyond))).hex()}
    why = "a sum that has no canonical form"
    yield refused("predicate", "3.2", "predicate-secrets-beyond", why, question, "integer-range")
    elsewhere = [row("novelty", {"secrets_redacted": 7}), tool_call("PASS", "t", {}, call="c", secrets_redacted=7)]
    yield becomes("secrets-elsewhere", "only results have redactions", around(*elsewhere))
    novel = row("novelty", {"action": "BLOCK", "tool_name": "t", "tool_inputs": {}, "reason": "r"})
    yield becomes("unknown-kind", "a kind of a later version changes only the number of rows", around(novel))


def around(*middle: Row) -> list[Row]:
    """Returns a run with these rows inside."""
    return [started(), policy_loaded(), *middle, ended()]


def becomes(name: str, why: str, rows: list[Row]) -> Case:
    """Returns the case of a slice and its predicate."""
    done = placed(rows)
    request = {"rows": canonical(done).hex()}
    return accepted("predicate", "8", f"predicate-{name}", why, request, predicate=canonical(predicate(done)).hex())
