"""One row behind many of its kind, SPEC section 6: whoever reads the thousandth row faster must still read it.

The rows before are a file of their own, `vectors/logs/long.jsonl` or `names.jsonl`; a case has what comes behind.
"""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.canonical import ZEROS, sha256
from generator.cases import Case, Group, Json, accepted, refused
from generator.groups.kinds import SHAPES
from generator.groups.row import ENVELOPE
from generator.rows import OTHER_RUN, RUN, Row, ended, hashed, hashed_bytes, line, log_file, placed, started

FILE = "logs/long.jsonl"
ENVELOPE_WRONG = (
    ("agent", "capital"),
    ("agent", "65-characters"),
    ("agent", "newline-behind"),
    ("event_id", "15-characters"),
    ("protocol", "slash"),
    ("prev_hash", "capitals"),
    ("run_id", "capitals"),
    ("session_id", "empty"),
    ("session_id", "257-characters"),
    ("session_id", "null"),
    ("seq", "text"),
    ("ts", "february-30"),
    ("ts", "february-29-1900"),
    ("ts", "month-13"),
    ("ts", "second-60"),
    ("ts", "hour-24"),
    ("ts", "year-0"),
    ("ts", "small-z"),
    ("ts", "newline-behind"),
)
MEMBER_WRONG: tuple[tuple[str, str, Any], ...] = (
    ("tool_call", "action", "ASK"),
    ("tool_call", "effects", ["read /p", 1]),
    ("tool_call", "input_digest", "AB" * 32),
    ("tool_call", "reason", None),
    ("tool_call", "tool_inputs", []),
    ("tool_result", "size", -1),
    ("tool_result", "is_error", 1),
    ("tool_result", "exit_code", "0"),
    ("tool_result", "result_kind", "block"),
    ("request", "model", 1),
    ("request", "status", True),
    ("finding", "severity", "critical"),
    ("finding", "rows", ["row 1"]),
    ("approval_requested", "expires_at", "2026-02-30T00:00:00.000Z"),
)
KINDS = ("tool_call", "tool_result", "request", "finding", "approval_requested", "limit_exceeded")
ROUNDS = 52
ODD_FILE = "logs/names.jsonl"
ODD = {**SHAPES["limit_exceeded"].sample, "\U0001f600": 1, "\ufb33": 2}
ODD_ROWS = 304


@functools.cache
def before() -> list[Row]:
    """Returns the rows of the file: a run that goes on, among runs that come and go and rows of no run."""
    rows = [started()]
    for number in range(ROUNDS):
        if number % 2:
            run = f"00000000-0000-4000-8000-{number:012}"
            cut = {**SHAPES["recovered"].sample, "zebra": "a"}
            rows += [started(run=run), cut, ended(run=run)]
        rows += [{**SHAPES[kind].sample, "zebra": "a\u00e9"} for kind in KINDS]
    return placed(rows)


@functools.cache
def odd() -> list[Row]:
    """Returns the rows of the other file: one run of rows with odd names."""
    return placed([started(), *[ODD] * ODD_ROWS])


def last_of_run() -> Row:
    """Returns the last row of the run that goes on; it is the last of the file."""
    assert before()[-1]["run_id"] == RUN
    return before()[-1]


def write_prefix(folder: Path) -> None:
    """Writes the files."""
    folder.mkdir(exist_ok=True)
    (folder / "long.jsonl").write_bytes(log_file(before()))
    (folder / "names.jsonl").write_bytes(log_file(odd()))


def group() -> Group:
    """Returns the group `long-log`."""
    return Group(name="long-log", clause="6", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields what is accepted behind the many, then what is not."""
    yield from honest()
    yield from spellings()
    yield from members()
    yield from links()
    yield from unlike_code_points()


def honest() -> Iterator[Case]:
    """Yields rows that go on."""
    yield good("more", "another row of each kind", [following(kind) for kind in KINDS])
    yield good("recovered", "another row of no run", [cut_row()])
    yield good("ended", "the end of the run", [follow(ended())])
    yield good("other-kind", "a kind that was not there before", [follow(SHAPES["policy_rejected"].sample)])
    yield good("without-optional", "a member fewer than before", [follow(without("tool_call", "rule"))])
    yield good(
        "with-more", "a member more than before", [follow({**SHAPES["tool_call"].sample, "zebra": "a", "zulu": 1})]
    )
    strings = '\u2028\U0001f600\x7f"\\/\x00\x1f\b\t\n\f\r'
    yield good("strings", "every kind of character", [follow({**SHAPES["tool_call"].sample, "zebra": strings})])
    largest = {**SHAPES["request"].sample, "input_tokens": 2**53 - 1, "output_tokens": 0, "zebra": ""}
    yield good("integers", "the largest and the smallest integer", [follow(largest)])
    other = {**SHAPES["request"].sample, "agent": "codex", "model": None, "protocol": "mcp", "zebra": "b"}
    yield good("values", "other values than before", [follow(other)])


def spellings() -> Iterator[Case]:
    """Yields good rows in other bytes, and bytes that are no row."""
    text = line(following("tool_call")).decode()
    odd = {**SHAPES["tool_call"].sample, "zebra": "\x1f\n\u00e9\U0001f600/\x7f"}
    shown = line(follow(odd)).decode()
    for name, usual, unusual, code in (
        ("space", '"zebra":', '"zebra": ', "row-form"),
        ("carriage-return", "}", "}\r", "row-form"),
        ("order", '"tool_name":"read_file","transform":"t"', '"transform":"t","tool_name":"read_file"', "row-form"),
        ("escape-letter", '"BLOCK"', r'"\u0042LOCK"', "row-form"),
        ("escape-name", '"action"', r'"\u0061ction"', "row-form"),
        ("minus-zero", f'"seq":{len(before())}', '"seq":-0', "row-form"),
        ("fraction", f'"seq":{len(before())}', f'"seq":{len(before())}.0', "float"),
        ("exponent", '"audit_schema":2', '"audit_schema":2e0', "float"),
        ("duplicate", '"action":"BLOCK"', '"action":"BLOCK","action":"PASS"', "duplicate-key"),
        ("duplicate-inner", '"path":"/p"', '"path":"/p","path":"/q"', "duplicate-key"),
        ("control", '"path-denied"', '"path\x01denied"', "not-json"),
        ("escape-bad", '"path-denied"', r'"path\xdenied"', "not-json"),
        ("comma", '"zebra":', ',"zebra":', "not-json"),
    ):
        changed = text + unusual[1:] if name == "carriage-return" else text.replace(usual, unusual)
        assert changed != text, name
        why = "the same row in other bytes, or none; the hash is that of these bytes"
        yield bad(f"form-{name}", "4.1", why, hashed_bytes(changed.encode()), code)
    for name, usual, unusual in (
        ("escape-capitals", r"\u001f", r"\u001F"),
        ("escape-newline", r"\n", r"\u000a"),
        ("escape-latin", "\u00e9", r"\u00e9"),
        ("escape-pair", "\U0001f600", r"\ud83d\ude00"),
        ("escape-delete", "\x7f", r"\u007f"),
        ("escape-printable", "a", r"\u0061"),
    ):
        changed = (
            shown.replace(usual, unusual)
            if name != "escape-printable"
            else text.replace('"zebra":"a', r'"zebra":"\u0061')
        )
        why = "another spelling of a character; the hash is that of these bytes"
        yield bad(f"form-{name}", "4.1", why, hashed_bytes(changed.encode()), "row-form")
    for name, code, broken in (
        ("utf8-hashed", "utf8", hashed_bytes(text.encode().replace(b"path-denied", b"path-\xffdenied"))),
        (
            "utf8-surrogate-hashed",
            "utf8",
            hashed_bytes(text.encode().replace(b"path-denied", b"path\xed\xa0\x80denied")),
        ),
        ("utf8", "utf8", text.encode().replace(b"path-denied", b"path-\xffdenied")),
        ("utf8-overlong", "utf8", text.encode().replace(b"path-denied", b"path\xc0\xaddenied")),
        ("utf8-surrogate", "utf8", text.encode().replace(b"path-denied", b"path\xed\xa0\x80denied")),
        ("empty", "not-json", b""),
        ("null", "row-form", b"null"),
        ("cut", "not-json", text.encode()[:-1]),
    ):
        yield bad(f"form-{name}", "4.1", "no row", broken, code)
    filler = 2**20
    for name, more in (("hash-byte-more", 1), ("hash-byte-less", -1)):
        why = "`hash` is that of a byte more or less than the row without it"
        yield bad(f"form-{name}", "4.3", why, misfit(text.encode(), more), "row-hash")
    long = line(follow({**SHAPES["tool_call"].sample, "zebra": "z" * filler}))
    head, tail = long.split(b"z" * filler)
    spelled: Json = {"file": FILE, "then": {"repeat": [[head.hex(), 1], ["7a", filler], [tail.hex() + "0a", 1]]}}
    why = "a row longer than a line may be"
    place = {"line": len(before()) + 1}
    yield refused("log", "15", "long-log-too-long", why, {"file": spelled}, "row-too-long", **place)
    torn = log_file([following("tool_call")])[:-1]
    yield refused_tail("torn", "6.1", "the last line lacks its end", torn, "torn-tail")


def misfit(row_line: bytes, more: int) -> bytes:
    """Returns the line with a `hash` that is of so many bytes more or fewer than it should."""
    head, _, tail = row_line.partition(b'"hash":"')
    cut = len("0" * 64 + '",') + more
    return head + b'"hash":"%s' % sha256(head + tail[cut:]).encode() + tail[64:]


def unlike_code_points() -> Iterator[Case]:
    """Yields the last of many rows with names that code points sort in another way than UTF-16 code units do."""
    last = odd()[-1]
    row = follow(ODD, odd())
    answer: dict[str, Json] = {"rows": len(odd()) + 1, "last_hash": row["hash"], "verdict": "INTACT"}
    why = "names sorted by their code units, as in the many before"
    yield accepted("log", "3.2", "long-log-names", why, given(log_file([row]), ODD_FILE), **answer)
    text = line(row).decode()
    usual, unusual = '"\U0001f600":1,"\ufb33":2', '"\ufb33":2,"\U0001f600":1'
    assert usual in text
    assert last["run_id"] == RUN
    wrong = hashed_bytes(text.replace(usual, unusual).encode())
    why = "names sorted by their code points; the hash is that of these bytes"
    tail = given(wrong + b"\n", ODD_FILE)
    yield refused("log", "3.2", "long-log-names-by-code-point", why, tail, "row-form", line=len(odd()) + 1)


def members() -> Iterator[Case]:
    """Yields every member out of its set behind many rows that had it right."""
    for member, name in ENVELOPE_WRONG:
        row = follow({**SHAPES["tool_call"].sample, "zebra": "a"}, **{member: ENVELOPE[member][name]})
        yield bad(f"{member}-{name}", "4.2", f"`{member}` is out of its set", line(row), "row-field")
    for version in (1, 22):
        row = follow({**SHAPES["tool_call"].sample, "zebra": "a", "audit_schema": version})
        yield bad(f"audit-schema-{version}", "4.2", "another version", line(row), "row-schema")
    for kind, member, value in MEMBER_WRONG:
        row = follow({**SHAPES[kind].sample, "zebra": "a", member: value})
        yield bad(f"{kind}-{member}", "5", f"`{member}` is ill-typed", line(row), "row-field")
    fewer = follow(without("tool_call", "action"))
    yield bad("member-missing", "5", "`action` is missing", line(fewer), "row-field")


def links() -> Iterator[Case]:
    """Yields rows whose hash or links do not fit."""
    good_row = following("tool_call")
    other = sha256(b"other")
    hidden = {**good_row, "tool_inputs": {**good_row["tool_inputs"], "path": "/q"}}
    last = last_of_run()
    over = next(row for row in reversed(before()) if row["kind"] == "run_ended")
    after_end = {"run_id": over["run_id"], "run_prev_hash": over["hash"], "run_seq": over["run_seq"] + 1}
    for name, why, row, code in (
        ("edited", "a decision edited", {**good_row, "action": "PASS"}, "row-hash"),
        ("edited-inside", "a path edited", hidden, "row-hash"),
        ("hash", "another hash", {**good_row, "hash": other}, "row-hash"),
        ("seq-back", "the position of the row before", hashed({**good_row, "seq": last["seq"]}), "log-seq"),
        ("seq-jumps", "a position too far", hashed({**good_row, "seq": last["seq"] + 2}), "log-seq"),
        ("link", "a link to nowhere", hashed({**good_row, "prev_hash": other}), "log-link"),
        (
            "link-skips",
            "a link to the row before the row before",
            hashed({**good_row, "prev_hash": before()[-2]["hash"]}),
            "log-link",
        ),
        (
            "run-seq-back",
            "the run's position of the row before",
            hashed({**good_row, "run_seq": last["run_seq"]}),
            "run-seq",
        ),
        ("run-seq-jumps", "a run's position too far", hashed({**good_row, "run_seq": last["run_seq"] + 2}), "run-seq"),
        ("run-link", "a run's link to nowhere", hashed({**good_row, "run_prev_hash": other}), "run-link"),
        ("run-link-zeros", "zeros inside a run", hashed({**good_row, "run_prev_hash": ZEROS}), "run-link"),
        (
            "headless",
            "a run that does not start",
            hashed({**good_row, "run_id": OTHER_RUN, "run_seq": 0, "run_prev_hash": ZEROS}),
            "run-start",
        ),
        ("started-again", "the run starts again", follow(started()), "run-start"),
        (
            "ended-headless",
            "a run that ends and did not start",
            follow(ended(), run_id=OTHER_RUN, run_seq=0, run_prev_hash=ZEROS),
            "run-start",
        ),
        ("recovered-seq", "a row of no run with a wrong position", cut_row(seq=last["seq"]), "log-seq"),
        ("recovered-link", "a row of no run with a wrong link", cut_row(prev_hash=other), "log-link"),
        ("recovered-in-run", "a row of the log that says it is of a run", cut_row(run_id=RUN), "row-field"),
    ):
        yield bad(name, "6", why, line(row), code)
    row = follow({**SHAPES["tool_call"].sample, "zebra": "a"}, **after_end)
    yield bad(
        "after-other-end", "6.3", "a row of a run that has ended among the many", line(row), ["run-end", "run-seq"]
    )
    row = follow(ended(), **after_end)
    yield bad("ended-again", "6.3", "a run among the many ends again", line(row), ["run-end", "run-seq"])
    end = follow(ended())
    late = placed([SHAPES["tool_call"].sample], seq=end["seq"] + 1, prev_hash=end["hash"])[0]
    late = hashed({**late, "run_seq": end["run_seq"] + 1, "run_prev_hash": end["hash"]})
    tail = log_file([end, late])
    yield refused_tail("after-end", "6.3", "a row of a run that has ended", tail, ["run-end", "run-seq"], offset=2)


def cut_row(**changes: Any) -> Row:
    """Returns a row of no run where the file ends."""
    none = {"run_seq": None, "run_prev_hash": None}
    return follow({**SHAPES["recovered"].sample, "zebra": "a"}, **none, **changes)


def following(kind: str) -> Row:
    """Returns a good row of a kind, of the same shape as those before, where the file ends."""
    return follow({**SHAPES[kind].sample, "zebra": "a"})


def follow(unplaced: Row, rows: list[Row] | None = None, **changes: Any) -> Row:
    """Returns a row placed where the file, or `rows`, end; `changes` are made before it is hashed."""
    last = (rows or before())[-1]
    place = {"seq": last["seq"] + 1, "prev_hash": last["hash"]}
    run = {"run_seq": last["run_seq"] + 1, "run_prev_hash": last["hash"]}
    return hashed({**unplaced, "event_id": f"evt-{place['seq']:015}", **place, **run, **changes})


def without(kind: str, member: str) -> Row:
    """Returns a row of a kind, not placed, that lacks a member."""
    return {name: value for name, value in {**SHAPES[kind].sample, "zebra": "a"}.items() if name != member}


def good(name: str, why: str, rows: list[Row]) -> Case:
    """Returns the case of rows that are accepted behind the file."""
    chained: list[Row] = []
    for number, row in enumerate(rows):
        before_it = chained[-1] if chained else last_of_run()
        place: Row = {"prev_hash": before_it["hash"], "seq": last_of_run()["seq"] + 1 + number}
        if row["run_id"]:
            place |= {"run_prev_hash": before_it["hash"], "run_seq": last_of_run()["run_seq"] + 1 + number}
        chained.append(hashed({**row, **place}))
    answer: dict[str, Json] = {"rows": len(before()) + len(rows), "last_hash": chained[-1]["hash"], "verdict": "INTACT"}
    return accepted("log", "6", f"long-log-{name}", why, given(log_file(chained)), **answer)


def bad(name: str, clause: str, why: str, last: bytes, code: str | list[str]) -> Case:
    """Returns the case of a line that is refused behind the file."""
    return refused_tail(name, clause, why, last + b"\n", code)


def refused_tail(name: str, clause: str, why: str, tail: bytes, code: str | list[str], *, offset: int = 1) -> Case:
    """Returns the case of bytes behind the file that are refused at their line `offset`."""
    line_number = len(before()) + offset
    return refused("log", clause, f"long-log-{name}", why, given(tail), code, line=line_number)


def given(tail: bytes, file: str = FILE) -> dict[str, Json]:
    """Returns the input of the operation `log`."""
    return {"file": {"file": file, "then": tail.hex()}}
