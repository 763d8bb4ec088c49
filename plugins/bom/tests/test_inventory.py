"""What a run had a hand in is counted by what became of its calls; what was refused is counted and not named."""

from __future__ import annotations

from typing import Any

from occasio_bom.inventory import Inventory, Sort, Thing, inventory
from tests.kinds import every_row
from tests.samples import RUN, Log, call, end, request, run_of, sha256, start

OTHER = "0a1b2c3d-0000-4000-8000-000000000000"


def calls(log: Log, call_id: str, *effects: str, action: str = "PASS", **members: Any) -> None:
    fields = {"reason": "ok", "tool_inputs": {}, "tool_name": "shell", **members}
    digest = sha256(b"")
    log.append(
        "tool_call", agent="a", action=action, call_id=call_id, effects=[*effects], input_digest=digest, **fields
    )


def answers(log: Log, call_id: str, **members: Any) -> None:
    digest = sha256(b"")
    log.append("tool_result", agent="a", call_id=call_id, content_digest=digest, result_kind="pass", size=1, **members)


def names(found: Inventory, sort: Sort) -> dict[str, dict[str, int]]:
    return {thing.name: dict(counts) for thing, counts in found.things.items() if thing.sort is sort}


def test_a_file_that_was_read_is_named_and_one_that_was_refused_is_not() -> None:
    found = inventory(run_of(3).rows)
    assert names(found, Sort.FILE) == {"/home/ada/p/0": {"read.used": 1}, "/home/ada/p/2": {"read.used": 1}}
    run = found.runs[RUN]
    assert (run.counts["calls"], run.counts["used"], run.counts["refused"]) == (3, 2, 1)


def test_each_effect_is_a_thing_of_its_sort() -> None:
    log = Log()
    start(log)
    calls(log, "1", "execute git", "read /w/.git", "write /w/a", "delete /w/b", "connect github.com", "read ")
    answers(log, "1")
    found = inventory(log.rows)
    assert names(found, Sort.PROGRAM) == {"git": {"executed.used": 1}}
    assert names(found, Sort.HOST) == {"github.com": {"connected.used": 1}}
    assert names(found, Sort.TOOL) == {"shell": {"called.used": 1}}
    assert names(found, Sort.FILE) == {
        "/w/.git": {"read.used": 1},
        "/w/a": {"written.used": 1},
        "/w/b": {"deleted.used": 1},
    }


def test_a_call_that_failed_or_has_no_outcome_was_attempted() -> None:
    log = Log()
    start(log)
    calls(log, "1", "read /a")
    answers(log, "1", is_error=True)
    calls(log, "2", "read /b")
    found = inventory(log.rows)
    assert names(found, Sort.FILE) == {"/a": {"read.attempted": 1}, "/b": {"read.attempted": 1}}
    assert found.runs[RUN].counts["attempted"] == 2


def test_a_call_that_the_provider_ran_took_effect_whatever_was_decided() -> None:
    log = Log()
    start(log)
    calls(log, "1", "connect example.com", action="BLOCK", reason="provider-ran")
    answers(log, "1")
    assert names(inventory(log.rows), Sort.HOST) == {"example.com": {"connected.used": 1}}


def test_a_call_that_two_doors_saw_is_one() -> None:
    log = Log()
    start(log)
    calls(log, "1", "read /a")
    calls(log, "1", "read /a")
    answers(log, "1")
    answers(log, "1")
    assert names(inventory(log.rows), Sort.FILE) == {"/a": {"read.used": 1}}


def test_calls_of_two_runs_with_one_id_are_two() -> None:
    log = Log()
    start(log)
    start(log, OTHER)
    call(log, 1)
    call(log, 1, run=OTHER)
    found = inventory(log.rows)
    assert [run.counts["used"] for run in found.runs.values()] == [1, 1]
    assert sum(thing.sort is Sort.FILE for thing in found.runs[OTHER].things) == 1


def test_a_model_has_its_tokens_and_a_run_its_cost() -> None:
    log = Log()
    start(log)
    request(log)
    request(log)
    log.rows[-1]["cost_micro_usd"] = 7
    found = inventory(log.rows)
    assert names(found, Sort.MODEL)["claude-opus-4-8"] == {
        "requests": 2,
        "input_tokens": 20,
        "output_tokens": 10,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
    }
    assert (found.runs[RUN].counts["cost_micro_usd"], found.runs[RUN].counts["unpriced_requests"]) == (7, 1)


def test_a_run_says_who_recorded_it_and_under_which_policy() -> None:
    log = Log()
    start(log)
    end(log)
    found = inventory(log.rows)
    assert Thing(Sort.PLUGIN, "paths", "0.1.0") in found.things
    assert Thing(Sort.RUNTIME, "python", "3.11.7") in found.things
    assert [thing.name for thing in found.things if thing.sort is Sort.POLICY] == ["/home/ada/.occasio/policy.yml"]
    assert (found.runs[RUN].started, found.runs[RUN].ended) == (log.rows[0]["ts"], log.rows[-1]["ts"])


def test_rows_of_every_kind_are_read() -> None:
    assert inventory(every_row()).runs
