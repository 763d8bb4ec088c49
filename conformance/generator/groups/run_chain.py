"""The rows of one run as a bundle shows them: checks 3 and 4 of SPEC section 11."""

from collections.abc import Iterator

from generator.canonical import ZEROS, canonical, ordered, sha256
from generator.cases import Case, Group, Json, accepted, refused
from generator.groups.log import recovered, woven
from generator.rows import OTHER_RUN, RUN, Row, blocked, ended, hashed, placed, relinked, row, short_run, started

ROWS = placed(short_run(), seq=40, prev_hash=sha256(b"before"))


def group() -> Group:
    """Returns the group `run-chain`."""
    return Group(name="run-chain", clause="11", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields good slices, rows that are wrong in themselves, then what can be done to a run."""
    yield from good_slices()
    yield from rows_of_their_own()
    yield from edits()
    yield from moves()
    yield from runs()


def good_slices() -> Iterator[Case]:
    """Yields slices that are accepted."""
    yield good("run-chain-whole", "a run from start to end", ROWS)
    yield good("run-chain-shortest", "a start and an end", placed([started(), ended()]))
    apart = [one for one in placed(woven()) if one["run_id"] == RUN]
    yield good("run-chain-woven", "a run out of a log with another between its rows", apart)
    novel = [*short_run()[:2], row("novelty", {"any": "thing"}, at=1), *short_run()[2:]]
    yield good("run-chain-unknown-kind", "a row of a kind of a later version", placed(novel))
    text = ordered([dict(reversed(one.items())) for one in ROWS])
    yield accepted(
        "run-chain", "11", "run-chain-other-order", "members in another order", {"rows": text.hex(), "run_id": RUN}
    )


def rows_of_their_own() -> Iterator[Case]:
    """Yields slices with one row that is refused by itself, in the middle."""
    schema = hashed({**ROWS[2], "audit_schema": 3})
    yield refused_row("schema", "a row of a later format", schema, "row-schema")
    yield refused_row(
        "schema-1", "a row of the node profile among others", hashed({**ROWS[2], "audit_schema": 1}), "row-schema"
    )
    missing = hashed({name: value for name, value in ROWS[2].items() if name != "agent"})
    yield refused_row("field", "a member of the envelope is missing", missing, "row-field")
    yield refused_row("own-field", "a decision that is none", hashed({**ROWS[2], "action": "ASK"}), "row-field")
    yield refused_row("hash", "a decision edited", {**ROWS[2], "action": "TRANSFORM"}, "row-hash")
    yield refused_row("log-row", "a row of the log, not of a run", placed([recovered()])[0], "run-id")
    nested: Json = []
    for _ in range(31):
        nested = [nested]
    yield refused_row("levels-33", "a row of 33 levels", hashed({**ROWS[2], "zebra": nested}), "too-deep")
    text = canonical(ROWS).replace(b'"exit_code":0', b'"exit_code":0.5')
    yield refused("run-chain", "3.3", "run-chain-float", "a fraction", {"rows": text.hex(), "run_id": RUN}, "float")
    text = canonical(ROWS).replace(b'"exit_code":0', b'"exit_code":0.0')
    why = "a fraction that is nought"
    yield refused("run-chain", "3.3", "run-chain-float-nought", why, {"rows": text.hex(), "run_id": RUN}, "float")
    filler = 2**20
    long = [*ROWS[:2], hashed({**ROWS[2], "zebra": "z" * filler}), *ROWS[3:]]
    head, tail = canonical(relinked(long, chain=False)).split(b"z" * filler)
    spelled: Json = {"repeat": [[head.hex(), 1], ["7a", filler], [tail.hex(), 1]]}
    why = "a row longer than a line of a log may be"
    yield refused("run-chain", "15", "run-chain-row-too-long", why, {"rows": spelled, "run_id": RUN}, "row-too-long")


def edits() -> Iterator[Case]:
    """Yields one row changed, at the beginning, in the middle and at the end."""
    for name, at in {"first": 0, "middle": 2, "last": 4}.items():
        changed = {**ROWS[at], "ts": "2026-01-02T03:04:59.000Z"}
        rows = [*ROWS[:at], changed, *ROWS[at + 1 :]]
        yield bad(f"run-chain-edited-{name}", f"the {name} row edited", rows, "row-hash")
        if at < 4:
            rows = [*ROWS[:at], hashed(changed), *ROWS[at + 1 :]]
            yield bad(f"run-chain-edited-hashed-{name}", f"the {name} row edited and hashed again", rows, "run-link")


def moves() -> Iterator[Case]:
    """Yields rows dropped, repeated and swapped, as they are and with links mended."""
    for name, at in {"first": 0, "middle": 2}.items():
        rows = [*ROWS[:at], *ROWS[at + 1 :]]
        yield bad(f"run-chain-dropped-{name}", f"the {name} row is missing", rows, "run-seq")
    yield bad("run-chain-dropped-last", "the end of the run is missing", ROWS[:-1], "run-end")
    yield bad("run-chain-cut", "the tail is missing", ROWS[:2], "run-end")
    yield bad("run-chain-dropped-linked", "a row is missing, links mended", relinked([*ROWS[:2], *ROWS[3:]]), "run-seq")
    headless = placed(short_run()[1:])
    yield bad("run-chain-headless", "the first row is missing, everything mended", headless, "run-start")
    for name, at in {"first": 0, "middle": 2, "last": 4}.items():
        rows = [*ROWS[: at + 1], *ROWS[at:]]
        code = "run-end" if name == "last" else "run-seq"
        yield bad(f"run-chain-repeated-{name}", f"the {name} row twice", rows, code)
    for name, at in {"first": 0, "middle": 2, "last": 3}.items():
        rows = [*ROWS[:at], ROWS[at + 1], ROWS[at], *ROWS[at + 2 :]]
        yield bad(f"run-chain-swapped-{name}", f"two rows swapped, {name}", rows, "run-seq")
    swapped = [ROWS[0], ROWS[1], {**ROWS[3], "run_seq": 2}, {**ROWS[2], "run_seq": 3}, ROWS[4]]
    unlinked = [hashed(one) for one in swapped]
    yield bad("run-chain-swapped-counted", "two rows swapped, their numbers too", unlinked, "run-link")


def runs() -> Iterator[Case]:
    """Yields what is wrong with the run as a whole."""
    yield bad("run-chain-other-id", "the rows of another run", placed(short_run(OTHER_RUN)), "run-id")
    yield bad("run-chain-mixed", "two runs at once", placed(woven()), "run-id")
    rows = [*ROWS[:3], hashed({**ROWS[3], "run_id": OTHER_RUN}), ROWS[4]]
    yield bad("run-chain-one-of-another", "a row given to another run", rows, "run-id")
    rows = relinked([{**ROWS[0], "run_seq": 1}, *ROWS[1:]])
    yield bad("run-chain-seq-from-one", "a run counts from 0", rows, "run-seq")
    rows = relinked([*ROWS[:4], {**ROWS[4], "run_seq": 5}])
    yield bad("run-chain-seq-jumps", "a run counts without a gap", rows, "run-seq")
    rows = [hashed({**ROWS[0], "run_prev_hash": ROWS[0]["prev_hash"]}), *ROWS[1:]]
    yield bad("run-chain-first-link", "a run begins with zeros", rows, "run-link")
    rows = [*ROWS[:4], hashed({**ROWS[4], "run_prev_hash": ZEROS})]
    yield bad("run-chain-zeros-inside", "zeros are for the first row only", rows, "run-link")
    rows = [*ROWS[:4], hashed({**ROWS[4], "run_prev_hash": ROWS[2]["hash"]})]
    yield bad("run-chain-link-skips", "a link to the row before the row before", rows, "run-link")
    yield bad("run-chain-after-end", "a row behind the end", placed([*short_run(), blocked(at=10)]), "run-end")
    yield bad("run-chain-ended-twice", "a run ends once", placed([started(), ended(), ended()]), "run-end")
    yield bad("run-chain-end-alone", "an end without a start", placed([ended()]), "run-start")
    yield bad("run-chain-start-alone", "a start without an end", placed([started()]), "run-end")
    yield bad("run-chain-started-twice", "a run starts once", placed([started(), started(at=1), ended()]), "run-start")
    yield bad("run-chain-empty", "no row is no end of a run", [], "run-end")
    again = placed([*short_run(), *short_run()])
    yield bad("run-chain-run-again", "a run id used again after its end", again, "run-end")


def refused_row(name: str, why: str, middle: Row, code: str) -> Case:
    """Returns the case of a slice with one row exchanged."""
    return bad(f"run-chain-row-{name}", why, [*ROWS[:2], middle, *ROWS[3:]], code)


def good(name: str, why: str, rows: list[Row]) -> Case:
    """Returns the case of a slice that is accepted."""
    return accepted("run-chain", "11", name, why, {"rows": canonical(rows).hex(), "run_id": RUN})


def bad(name: str, why: str, rows: list[Row], code: str | list[str]) -> Case:
    """Returns the case of a slice that is refused."""
    return refused("run-chain", "11", name, why, {"rows": canonical(rows).hex(), "run_id": RUN}, code)
