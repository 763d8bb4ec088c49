"""Whole logs, SPEC sections 6 and 12."""

from collections.abc import Iterator

from generator import notes, tree
from generator.canonical import ZEROS, sha256
from generator.cases import Case, Group, Json, accepted, refused
from generator.keys import LOG, WITNESS
from generator.rows import (
    OTHER_RUN,
    Row,
    blocked,
    ended,
    hashed,
    line,
    log_file,
    placed,
    relinked,
    row,
    short_run,
    started,
    tool_call,
)

RUN_ROWS = placed(short_run())
THIRD_RUN = "c0ffee00-1111-4222-8333-444455556666"
RECORDER = {"agent": "occasio", "protocol": "internal"}


def group() -> Group:
    """Returns the group `log`."""
    return Group(name="log", clause="6", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields good logs, then what can be done to the file, the chain, the runs; then checkpoints."""
    yield from good_logs()
    yield from files()
    yield from long_lines()
    yield from edits()
    yield from moves()
    yield from links()
    yield from runs()
    yield from checkpoints()


def good_logs() -> Iterator[Case]:
    """Yields logs that are accepted."""
    yield good("log-one-run", "6", "a run from start to end", RUN_ROWS)
    yield good("log-one-row", "6", "the smallest log", RUN_ROWS[:1])
    yield good("log-open-run", "6.3", "a run that has not ended", RUN_ROWS[:3])
    yield good("log-two-runs", "6", "one run after the other", placed([*short_run(), *short_run(OTHER_RUN)]))
    yield good("log-interleaved", "6.3", "two runs at once", placed(woven()))
    cut = placed([*short_run()[:2], recovered(), *short_run()[2:]])
    yield good("log-recovered-inside", "6.4", "a row of the log inside a run", cut)
    yield good("log-recovered-first", "6.4", "a log that begins with a recovery", placed([recovered(), *short_run()]))
    novel = [*short_run()[:2], row("novelty", {"any": "thing"}, at=1), *short_run()[2:]]
    yield good("log-unknown-kind", "16", "a row of a kind of a later version", placed(novel))
    noted = [*short_run(), checkpoint_row()]
    yield good("log-checkpoint-row", "5", "a row that keeps a checkpoint", placed(noted))


def files() -> Iterator[Case]:
    """Yields files that are no logs."""
    whole = log_file(RUN_ROWS)
    lines = whole.splitlines(keepends=True)
    head = b"".join(lines[:2])
    yield bad("log-empty", "6.1", "a file of no bytes is no log that verifies", b"", "log-empty")
    yield bad("log-torn-newline", "6.1", "the last line lacks its end only", whole[:-1], "torn-tail", 5)
    yield bad("log-torn-middle", "6.1", "the last line is cut in the middle", whole[:-200], "torn-tail", 5)
    yield bad("log-torn-first", "6.1", "the only line is cut", whole[:40], "torn-tail", 1)
    yield bad("log-torn-one-byte", "6.1", "one byte of a line", whole + b"{", "torn-tail", 6)
    yield bad("log-trailing-space", "6.1", "a space behind the last line", whole + b" ", "torn-tail", 6)
    yield bad("log-blank-inside", "6.1", "an empty line", head + b"\n" + b"".join(lines[2:]), "not-json", 3)
    yield bad("log-blank-last", "6.1", "an empty line at the end", whole + b"\n", "not-json", 6)
    yield bad("log-blank-only", "6.1", "an empty line is no row", b"\n", "not-json", 1)
    yield bad("log-crlf", "6.1", "line ends of two bytes", whole.replace(b"\n", b"\r\n"), "row-form", 1)
    yield bad("log-cr", "6.1", "carriage returns end no line", whole[:-1].replace(b"\n", b"\r") + b"\n", "not-json", 1)
    yield bad("log-bom", "6.1", "a byte order mark", b"\xef\xbb\xbf" + whole, "bom", 1)
    yield bad("log-nul", "6.1", "NUL bytes where a crash left a hole", whole + b"\0" * 16 + b"\n", "not-json", 6)
    yield bad(
        "log-array",
        "6.1",
        "an array of rows is no log",
        b"[" + b",".join(lines).replace(b"\n", b"") + b"]\n",
        "row-form",
        1,
    )
    yield bad("log-glued", "6.1", "a row glued to a torn one", whole[:-1] + lines[4], "not-json", 5)
    separators = placed([started(), row("novelty", {"text": "a\u2028b\u2029c\u0085d\u000be"}), ended()])
    yield good("log-separators", "6.1", "only 0x0A ends a line", separators)
    spaced = whole.replace(b'"ts":', b'"ts": ', 1)
    yield bad("log-form", "4.1", "a space in the first row", spaced, "row-form", 1)
    raw = b"".join(lines[:3]) + lines[3].replace(b'"action":"BLOCK"', b'"action":"BLOCK","action":"PASS"') + lines[4]
    yield bad("log-duplicate-decision", "3.1", "a decision twice", raw, "duplicate-key", 4)
    latin = b"".join(lines[:4]) + lines[4].replace(b'"exit"', b'"\xe9xit"')
    yield bad("log-utf8-last", "3.1", "a byte that is no UTF-8 in the last row", latin, "utf8", 5)


def long_lines() -> Iterator[Case]:
    """Yields a row as long as it may be, and one longer."""
    for length in (2**20, 2**20 + 1):
        row = hashed({**RUN_ROWS[1], "zebra": "z"})
        filler = length - len(line(row)) + 1
        long = hashed({**RUN_ROWS[1], "zebra": "z" * filler})
        head, tail = line(long).split(b"z" * filler)
        before = log_file(RUN_ROWS[:1]) + head
        spelled: Json = {"repeat": [[before.hex(), 1], ["7a", filler], [tail.hex() + "0a", 1]]}
        why = f"a line of {length} bytes"
        if length == 2**20:
            answer: dict[str, Json] = {"rows": 2, "last_hash": long["hash"], "verdict": "INTACT"}
            yield accepted("log", "15", "log-line-limit", why, {"file": spelled}, **answer)
        else:
            yield refused("log", "15", "log-line-limit-passed", why, {"file": spelled}, "row-too-long", line=2)
            torn: Json = {"repeat": [[before.hex(), 1], ["7a", filler]]}
            either = ["row-too-long", "torn-tail"]
            yield refused("log", "12", "log-line-limit-torn", f"{why} and no end", {"file": torn}, either, line=2)
    before = log_file(RUN_ROWS[:1]) + b'{"zebra":"'
    full: Json = {"repeat": [[before.hex(), 1], ["7a", 2**20 - len(b'{"zebra":"')]]}
    why = "as long as a line may be, and no end"
    yield refused("log", "12", "log-line-full-torn", why, {"file": full}, "torn-tail", line=2)


def edits() -> Iterator[Case]:
    """Yields one row changed, at the beginning, in the middle and at the end, by forgers of growing diligence."""
    for name, at in {"first": 0, "middle": 2, "last": 4}.items():
        changed = {**RUN_ROWS[at], "ts": "2026-01-02T03:04:59.000Z"}
        rows = [*RUN_ROWS[:at], changed, *RUN_ROWS[at + 1 :]]
        yield bad(f"log-edited-{name}", "4.3", f"the {name} row edited", log_file(rows), "row-hash", at + 1)
        rows = [*RUN_ROWS[:at], hashed(changed), *RUN_ROWS[at + 1 :]]
        if at < 4:
            why = f"the {name} row edited and hashed again: the next one does not fit"
            yield bad(f"log-edited-hashed-{name}", "6.2", why, log_file(rows), "log-link", at + 2)
    changed = {**RUN_ROWS[2], "action": "TRANSFORM"}
    rows = relinked([*RUN_ROWS[:2], changed, *RUN_ROWS[3:]], run_chain=False)
    why = "a row edited and the chain of the log mended: the run's own chain does not fit"
    yield bad("log-edited-chain-mended", "6.3", why, log_file(rows), "run-link", 4)


def moves() -> Iterator[Case]:
    """Yields rows dropped, repeated and swapped."""
    for name, at in {"first": 0, "middle": 2}.items():
        rows = [*RUN_ROWS[:at], *RUN_ROWS[at + 1 :]]
        yield bad(f"log-dropped-{name}", "6.2", f"the {name} row is missing", log_file(rows), "log-seq", at + 1)
    for name, at in {"first": 0, "middle": 2, "last": 4}.items():
        rows = [*RUN_ROWS[: at + 1], *RUN_ROWS[at:]]
        yield bad(f"log-repeated-{name}", "6.2", f"the {name} row twice", log_file(rows), "log-seq", at + 2)
    for name, at in {"first": 0, "middle": 2, "last": 3}.items():
        rows = [*RUN_ROWS[:at], RUN_ROWS[at + 1], RUN_ROWS[at], *RUN_ROWS[at + 2 :]]
        yield bad(f"log-swapped-{name}", "6.2", f"two rows swapped, {name}", log_file(rows), "log-seq", at + 1)
    yield bad("log-reversed", "6.2", "the rows backwards", log_file(RUN_ROWS[::-1]), "log-seq", 1)
    dropped = relinked([*RUN_ROWS[:2], *RUN_ROWS[3:]])
    yield bad(
        "log-dropped-relinked", "6.2", "a row is missing, links and hashes mended", log_file(dropped), "log-seq", 3
    )
    two = log_file(RUN_ROWS) + log_file(placed(short_run(OTHER_RUN)))
    yield bad("log-two-logs", "6.2", "two logs in one file", two, "log-seq", 6)
    recounted = [{**one, "seq": number} for number, one in enumerate([*RUN_ROWS[:2], *RUN_ROWS[3:]])]
    rows = relinked(recounted)
    why = "a row is missing, everything mended but the run's own count"
    yield bad("log-dropped-recounted", "6.3", why, log_file(rows), "run-seq", 3)


def links() -> Iterator[Case]:
    """Yields positions and links that do not fit in rows that are whole in themselves."""
    for name, at in {"first": 0, "middle": 2, "last": 4}.items():
        for change, member, value, code in (
            ("seq-jumps", "seq", at + 1, "log-seq"),
            ("prev", "prev_hash", sha256(b"elsewhere"), "log-link"),
        ):
            rows = [*RUN_ROWS[:at], hashed({**RUN_ROWS[at], member: value}), *RUN_ROWS[at + 1 :]]
            yield bad(f"log-{change}-{name}", "6.2", f"`{member}` of the {name} row", log_file(rows), code, at + 1)
    rows = [RUN_ROWS[0], hashed({**RUN_ROWS[1], "prev_hash": ZEROS})]
    yield bad("log-genesis-inside", "6.2", "zeros are for the first row only", log_file(rows), "log-link", 2)
    rows = [*RUN_ROWS[:2], hashed({**RUN_ROWS[2], "prev_hash": RUN_ROWS[0]["hash"]})]
    yield bad("log-link-skips", "6.2", "a link to the row before the row before", log_file(rows), "log-link", 3)
    tail = placed(short_run(), seq=7, prev_hash=sha256(b"before"))
    yield bad("log-cut-at-front", "6.2", "a log whose beginning is missing", log_file(tail), "log-seq", 1)
    rows = [hashed({**one, "seq": one["seq"] + 1}) for one in RUN_ROWS[:1]]
    yield bad("log-seq-from-one", "6.2", "positions count from 0", log_file(rows), "log-seq", 1)


def runs() -> Iterator[Case]:
    """Yields logs whose rows are well linked, and whose runs are not."""
    yield bad("log-run-seq-from-one", "6.3", "a run counts from 0", log_file(with_run_seq(0, 1)), "run-seq", 1)
    yield bad("log-run-seq-jumps", "6.3", "a run counts without a gap", log_file(with_run_seq(2, 3)), "run-seq", 3)
    yield bad("log-run-seq-stands", "6.3", "a position of the run twice", log_file(with_run_seq(2, 1)), "run-seq", 3)
    yield bad(
        "log-run-link-first", "6.3", "a run begins with zeros", log_file(with_run_prev(0, sha256(b"x"))), "run-link", 1
    )
    yield bad(
        "log-run-link-middle", "6.3", "a link to nowhere", log_file(with_run_prev(2, sha256(b"x"))), "run-link", 3
    )
    yield bad(
        "log-run-link-zeros",
        "6.3",
        "zeros are for the run's first row",
        log_file(with_run_prev(2, ZEROS)),
        "run-link",
        3,
    )
    crossed = placed(woven())
    crossed[4] = {**crossed[4], "run_prev_hash": crossed[3]["hash"]}
    why = "a link to the row of another run"
    yield bad("log-run-link-crossed", "6.3", why, log_file(relinked(crossed, run_chain=False)), "run-link", 5)
    exchanged = placed(woven())
    exchanged[4] = {**exchanged[4], "run_id": OTHER_RUN}
    why = "a row given to another run"
    yield bad("log-run-exchanged", "6.3", why, log_file(relinked(exchanged, run_chain=False)), "run-link", 5)
    late = placed([*short_run(), blocked(at=10)])
    forgotten = ["run-end", "run-seq"]
    yield bad("log-run-after-end", "6.3", "a row of a run that has ended", log_file(late), forgotten, 6)
    twice = placed([started(), started(at=1), ended()])
    yield bad("log-run-started-twice", "6.3", "a run starts once", log_file(twice), "run-start", 2)
    twice = placed([started(), ended(), ended()])
    yield bad("log-run-ended-twice", "6.3", "a run ends once", log_file(twice), forgotten, 3)
    headless = placed([*short_run()[1:]])
    yield bad("log-run-headless", "6.3", "a run that does not begin with its start", log_file(headless), "run-start", 1)
    second = placed([*short_run(), *short_run(OTHER_RUN)[1:]])
    yield bad("log-run-headless-second", "6.3", "another run without its start", log_file(second), "run-start", 6)
    three: list[Row] = [started(), started(run=OTHER_RUN), started(run=THIRD_RUN)]
    file = log_file(placed(three))
    why = "one run more than may be open"
    yield refused("log", "6.3", "log-open-runs-passed", why, given(file, open_runs=2), "too-many-open-runs", line=3)
    yield good("log-open-runs-limit", "6.3", "as many open runs as may be", placed(three), open_runs=3)
    closed = placed([started(), ended(), started(run=OTHER_RUN), ended(run=OTHER_RUN), started(run=THIRD_RUN)])
    yield good("log-open-runs-closed", "6.3", "a run that has ended is not open", closed, open_runs=1)


def checkpoints() -> Iterator[Case]:
    """Yields logs beside a checkpoint that somebody kept."""
    rows = placed(woven())
    kept = note(rows, 6)
    yield good("log-checkpoint", "12", "the log extends the checkpoint", rows, verdict="VERIFIED", **known(kept))
    yield good(
        "log-checkpoint-whole",
        "12",
        "the checkpoint is of the whole log",
        rows,
        verdict="VERIFIED",
        **known(note(rows, len(rows))),
    )
    yield good(
        "log-checkpoint-size-1",
        "12",
        "the smallest checkpoint that shows something",
        rows,
        verdict="VERIFIED",
        **known(note(rows, 1)),
    )
    unsigned = {"checkpoint": kept.encode().hex()}
    why = "whoever kept a checkpoint himself needs no signature"
    yield good("log-checkpoint-no-key", "7.2", why, rows, verdict="VERIFIED", **unsigned)
    yield against("log-checkpoint-truncated", "the tail was cut off", rows[:5], kept, "log-truncated")
    yield against(
        "log-checkpoint-one-row-less", "the last row was cut off", rows[:-1], note(rows, len(rows)), "log-truncated"
    )
    forged = relinked([rows[0], {**rows[1], "command": "codex"}, *rows[2:]])
    yield against("log-checkpoint-rewritten", "rewritten from the second row on", forged, kept, "checkpoint-root")
    last = [*rows[:-1], hashed({**rows[-1], "exit_code": 1})]
    yield against("log-checkpoint-last-row", "the last row rewritten", last, note(rows, len(rows)), "checkpoint-root")
    other = placed(short_run(OTHER_RUN) + short_run())
    yield against("log-checkpoint-size-0", "an empty checkpoint shows nothing", rows, note(rows, 0), "checkpoint-root")
    either = ["checkpoint-origin", "checkpoint-root"]
    yield against("log-checkpoint-genesis", "rewritten from the first row on", other, kept, either)
    text = notes.body("occasio.local/" + "0" * 32, 6, tree.root([line(one) for one in rows[:6]]))
    yield against(
        "log-checkpoint-origin",
        "of another log with the same rows",
        rows,
        notes.signed(text, (LOG, "home")),
        "checkpoint-origin",
    )
    asked: dict[str, Json] = {"witnesses": [notes.vkey(WITNESS, "w1", notes.WITNESSES)], "threshold": 1}
    text = kept.partition("\n\u2014")[0]
    cosigned = kept + notes.cosigned_line(text, WITNESS, "w1", 1767323045)
    why = "the log extends a checkpoint that a witness cosigned"
    yield good("log-checkpoint-witnessed", "7.4", why, rows, verdict="VERIFIED", **known(cosigned), **asked)
    why = "no witness cosigned, and one is asked for"
    request = given(log_file(rows), **known(kept), **asked)
    yield refused("log", "12", "log-checkpoint-witness-missing", why, request, "witness-missing")
    broken = kept[:-10] + ("A" if kept[-10] != "A" else "B") + kept[-9:]
    yield against("log-checkpoint-signature", "a known key's signature is wrong", rows, broken, "note-signature")
    yield against("log-checkpoint-no-note", "not a note at all", rows, "checkpoint\n", "note-form")
    shapeless = notes.signed("occasio.local/x\nsix\n", (LOG, "home"))
    yield against("log-checkpoint-no-checkpoint", "a note, but no checkpoint", rows, shapeless, "checkpoint-form")


def against(name: str, why: str, rows: list[Row], kept: str, code: str | list[str]) -> Case:
    """Returns the case of a log that does not fit the checkpoint `kept`."""
    return refused("log", "12", name, why, given(log_file(rows), **known(kept)), code)


def note(rows: list[Row], size: int) -> str:
    """Returns a checkpoint over the first `size` rows, signed by the log's key."""
    root = tree.root([line(one) for one in rows[:size]])
    return notes.signed(notes.body(notes.origin_of(rows), size, root), (LOG, "home"))


def known(kept: str) -> dict[str, Json]:
    """Returns the inputs for a checkpoint and the key of the log."""
    return {"checkpoint": kept.encode().hex(), "vkeys": [notes.vkey(LOG, "home")]}


def woven() -> list[Row]:
    """Returns the rows of two runs, taking turns."""
    ours = short_run()
    theirs = [
        started(run=OTHER_RUN, at=1),
        tool_call("PASS", "todo_read", {}, call="c2", run=OTHER_RUN, at=4),
        ended(run=OTHER_RUN, at=8),
    ]
    return [ours[0], theirs[0], ours[1], theirs[1], ours[2], ours[3], theirs[2], ours[4]]


def recovered() -> Row:
    """Returns a `recovered` row."""
    own = {"bytes": 17, "kept_in": None, "reason": "torn-tail", "sha256": sha256(b"half a line")}
    return row("recovered", own, run=None, by=RECORDER, at=1)


def checkpoint_row() -> Row:
    """Returns a `checkpoint` row over `RUN_ROWS`."""
    root = tree.root([line(one) for one in RUN_ROWS])
    own = {"note": note(RUN_ROWS, 5), "origin": notes.origin_of(RUN_ROWS), "root_hash": root.hex(), "tree_size": 5}
    return row("checkpoint", own, run=None, by=RECORDER, at=10)


def with_run_seq(at: int, value: int) -> list[Row]:
    """Returns the run with one `run_seq` changed, links and hashes mended."""
    return relinked([*RUN_ROWS[:at], {**RUN_ROWS[at], "run_seq": value}, *RUN_ROWS[at + 1 :]])


def with_run_prev(at: int, value: str) -> list[Row]:
    """Returns the run with one `run_prev_hash` changed, the log's links and the hashes mended."""
    return relinked([*RUN_ROWS[:at], {**RUN_ROWS[at], "run_prev_hash": value}, *RUN_ROWS[at + 1 :]], run_chain=False)


def good(name: str, clause: str, why: str, rows: list[Row], *, verdict: str = "INTACT", **more: Json) -> Case:
    """Returns the case of a log that is accepted."""
    answer: dict[str, Json] = {"rows": len(rows), "last_hash": rows[-1]["hash"], "verdict": verdict}
    return accepted("log", clause, name, why, given(log_file(rows), **more), **answer)


def bad(name: str, clause: str, why: str, file: bytes, code: str | list[str], line: int | None = None) -> Case:
    """Returns the case of a file that is refused, at `line`."""
    where = {} if line is None else {"line": line}
    return refused("log", clause, name, why, given(file), code, **where)


def given(file: bytes, **more: Json) -> dict[str, Json]:
    """Returns the input of the operation `log`."""
    return {"file": file.hex(), **more}
