"""One row line: form, envelope and hash, SPEC sections 3.3 and 4."""

from collections.abc import Iterator
from typing import Any

from generator.canonical import ZEROS, canonical, sha256
from generator.cases import Case, Group, Json, accepted, refused
from generator.rows import RUN, Row, blocked, hashed, hashed_bytes, line, placed, row

ROW = placed([blocked()], seq=3, prev_hash=sha256(b"before"))[0]
MISSING = object()

ENVELOPE: dict[str, dict[str, Any]] = {
    "agent": {
        "number": 1,
        "empty": "",
        "capital": "Claude",
        "65-characters": "a" * 65,
        "first-point": ".claude",
        "space": "claude code",
        "newline-behind": "claude\n",
        "not-ascii": "clàude",
    },
    "event_id": {
        "15-characters": "a" * 15,
        "65-characters": "a" * 65,
        "underscore": "evt_000000000000003",
        "newline-behind": "evt-000000000000003\n",
        "null": None,
    },
    "hash": {"null": None, "63-digits": "0" * 63, "capitals": "AB" * 32, "newline-behind": "0" * 64 + "\n"},
    "kind": {
        "empty": "",
        "capital": "Tool_call",
        "digit-first": "1kind",
        "hyphen": "tool-call",
        "65-characters": "k" * 65,
        "null": None,
    },
    "prev_hash": {"null": None, "short": "0" * 63, "capitals": "AB" * 32, "number": 0},
    "protocol": {"empty": "", "capital": "HTTP", "slash": "http/1", "null": None},
    "run_id": {
        "capitals": RUN.upper(),
        "no-hyphens": RUN.replace("-", ""),
        "braces": "{" + RUN + "}",
        "newline-behind": RUN + "\n",
        "empty": "",
        "null": None,
    },
    "run_prev_hash": {"null": None, "long": "0" * 65, "capitals": "AB" * 32},
    "run_seq": {"minus-1": -1, "text": "0", "null": None, "boolean": False},
    "seq": {"minus-1": -1, "text": "3", "null": None, "boolean": True},
    "session_id": {"empty": "", "257-characters": "s" * 257, "number": 1, "null": None},
    "ts": {
        "no-milliseconds": "2026-01-02T03:04:10Z",
        "microseconds": "2026-01-02T03:04:10.000000Z",
        "small-z": "2026-01-02T03:04:10.000z",
        "small-t": "2026-01-02t03:04:10.000Z",
        "space": "2026-01-02 03:04:10.000Z",
        "offset": "2026-01-02T03:04:10.000+00:00",
        "no-zone": "2026-01-02T03:04:10.000",
        "comma": "2026-01-02T03:04:10,000Z",
        "february-30": "2026-02-30T03:04:10.000Z",
        "february-29-common-year": "2026-02-29T03:04:10.000Z",
        "february-29-1900": "1900-02-29T03:04:10.000Z",
        "april-31": "2026-04-31T03:04:10.000Z",
        "month-13": "2026-13-02T03:04:10.000Z",
        "month-0": "2026-00-02T03:04:10.000Z",
        "year-0": "0000-01-02T03:04:10.000Z",
        "day-0": "2026-01-00T03:04:10.000Z",
        "day-32": "2026-01-32T03:04:10.000Z",
        "hour-24": "2026-01-02T24:00:00.000Z",
        "hour-25": "2026-01-02T25:04:10.000Z",
        "minute-60": "2026-01-02T03:60:10.000Z",
        "second-60": "2016-12-31T23:59:60.000Z",
        "one-digit": "2026-1-02T03:04:10.000Z",
        "five-digit-year": "12026-01-02T03:04:10.000Z",
        "sign": "+2026-01-02T03:04:10.000Z",
        "fullwidth-digit": "２026-01-02T03:04:10.000Z",
        "newline-behind": "2026-01-02T03:04:10.000Z\n",
        "empty": "",
        "number": 1767323050000,
        "null": None,
    },
}
ALLOWED: dict[str, tuple[str, Any]] = {
    "agent-64-characters": ("agent", "a" * 64),
    "agent-every-character": ("agent", "0az9._-"),
    "event_id-16-characters": ("event_id", "aA0-" * 4),
    "event_id-64-characters": ("event_id", "aA0-" * 16),
    "kind-unknown": ("kind", "x_9"),
    "kind-64-characters": ("kind", "k" * 64),
    "run_id-nil": ("run_id", "00000000-0000-0000-0000-000000000000"),
    "session_id-one-character": ("session_id", "s"),
    "session_id-256-characters": ("session_id", "s" * 256),
    "session_id-256-emoji": ("session_id", "\U0001f600" * 256),
    "seq-largest": ("seq", 2**53 - 1),
    "ts-february-29": ("ts", "2024-02-29T23:59:59.999Z"),
    "ts-february-29-2000": ("ts", "2000-02-29T00:00:00.000Z"),
    "ts-december-31": ("ts", "2026-12-31T00:00:00.000Z"),
    "ts-year-1": ("ts", "0001-01-01T00:00:00.000Z"),
    "ts-year-9999": ("ts", "9999-12-31T23:59:59.999Z"),
    "unknown-member": ("zebra", {"any": ["thing", None, True, -1]}),
    "line-separators-raw": ("zebra", "\u2028\u2029\u0085"),
    "control-escaped": ("zebra", "\x00\x1f\x1c"),
    "integer-largest": ("zebra", 2**53 - 1),
    "integer-smallest": ("zebra", -(2**53 - 1)),
}


def group() -> Group:
    """Returns the group `row`."""
    return Group(name="row", clause="4", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields good rows, the envelope member by member, hashes, spellings, values and sizes."""
    yield good("row-tool-call", "the row of section 1", ROW)
    for name, (member, value) in ALLOWED.items():
        yield good(f"row-{name}", f"`{member}` at the edge of what is allowed", changed(ROW, member, value))
    yield from envelope()
    yield from versions_of_no_type()
    yield from null_rules()
    yield from hashes()
    yield from spellings()
    yield from values()
    yield from sizes()


def envelope() -> Iterator[Case]:
    """Yields every member of the envelope missing, ill-typed or out of its set."""
    for member in ("audit_schema", *ENVELOPE):
        without = changed(ROW, member, MISSING)
        yield bad(f"row-{member}-missing", "4.2", f"`{member}` is missing", without, "row-field")
    for member, wrong in ENVELOPE.items():
        for name, value in wrong.items():
            row = {**ROW, "hash": value} if member == "hash" else changed(ROW, member, value)
            yield bad(f"row-{member}-{name}", "4.2", f"`{member}` is out of its set", row, "row-field")
    for version in (0, 1, 3):
        why = "another version of the row format"
        yield bad(f"row-audit_schema-{version}", "4.2", why, changed(ROW, "audit_schema", version), "row-schema")


def versions_of_no_type() -> Iterator[Case]:
    """Yields an `audit_schema` that is no integer."""
    for name, value in {"text": "2", "boolean": True, "null": None, "array": [2]}.items():
        why = "a version that is no integer"
        yield bad(f"row-audit_schema-{name}", "4.2", why, changed(ROW, "audit_schema", value), "row-field")


def null_rules() -> Iterator[Case]:
    """Yields what must and must not be null in rows that belong to no run."""
    own = {"bytes": 3, "kept_in": None, "reason": "torn-tail", "sha256": sha256(b"abc")}
    recovered = placed([row("recovered", own, run=None, by={"agent": "occasio", "protocol": "internal"})])[0]
    yield good("row-recovered", "a row of the log, not of a run", recovered)
    ours = {"run_id": RUN, "run_prev_hash": ZEROS, "run_seq": 0, "session_id": "s"}
    for member, value in ours.items():
        why = f"`{member}` must be null in a row of the log"
        yield bad(f"row-recovered-{member}", "4.2", why, changed(recovered, member, value), "row-field")
    unknown = hashed({**ROW, "kind": "novelty"} | dict.fromkeys(ours))
    yield bad("row-unknown-kind-without-run", "4.2", "only two kinds belong to no run", unknown, "row-field")


def hashes() -> Iterator[Case]:
    """Yields rows whose `hash` does not fit."""
    for name, member, value in (
        ("action", "action", "PASS"),
        ("ts", "ts", "2026-01-02T03:04:11.000Z"),
        ("prev_hash", "prev_hash", ZEROS),
        ("run_prev_hash", "run_prev_hash", "1" * 64),
        ("rule", "rule", "none"),
        ("unknown-member", "zebra", 1),
    ):
        why = "every member is covered by `hash`"
        yield bad(f"row-hash-edited-{name}", "4.3", why, {**ROW, member: value}, "row-hash")
    cut = {name: value for name, value in ROW.items() if name != "rule"}
    yield bad("row-hash-member-dropped", "4.3", "a member that may be absent is covered too", cut, "row-hash")
    yield bad("row-hash-zeros", "4.3", "zeros are no hash", {**ROW, "hash": ZEROS}, "row-hash")
    last = ROW["hash"]
    flipped = {**ROW, "hash": last[:-1] + ("0" if last[-1] != "0" else "1")}
    yield bad("row-hash-last-digit", "4.3", "the whole hash is compared", flipped, "row-hash")
    for name, inner in (("before", "aaa"), ("behind", "zebra")):
        nested = hashed({**ROW, inner: {"hash": "0" * 64, "x": [{"hash": ROW["hash"]}]}})
        yield good(f"row-hash-nested-{name}", "only the row's own `hash` is left out", nested, clause="4.3")
        without = {name: value for name, value in ROW.items() if name != "hash"} | {inner: {"x": 1}}
        emptied = sha256(canonical(without))
        once = hashed({**ROW, inner: {"hash": "0" * 64, "x": 1}})
        yield good(f"row-hash-nested-{name}-once", "only the row's own `hash` is left out", once, clause="4.3")
        tricked = {**without, inner: {"hash": ZEROS, "x": 1}, "hash": emptied}
        why = "a `hash` inside the row is hashed"
        yield bad(f"row-hash-nested-{name}-left-out", "4.3", why, tricked, "row-hash")
    whole = {**ROW, "hash": sha256(canonical(ROW))}
    yield bad("row-hash-of-whole-row", "4.3", "the row is hashed without `hash`", whole, "row-hash")
    nulled = {**ROW, "hash": sha256(canonical({**ROW, "hash": None}))}
    yield bad("row-hash-of-row-with-null", "4.3", "the row is hashed without `hash`, not with null", nulled, "row-hash")


def spellings() -> Iterator[Case]:
    """Yields lines that say the same as a good row in other bytes, and lines that say two things."""
    text = line(ROW).decode()
    nested = hashed({**ROW, "zebra": {"a": 1, "b": 2}})
    spelled: dict[str, tuple[str, str]] = {
        "space-behind-colon": ("a space", text.replace('"seq":3', '"seq": 3')),
        "space-behind-comma": ("a space", text.replace(',"ts"', ', "ts"')),
        "space-before": ("a space", " " + text),
        "space-behind": ("a space", text + " "),
        "carriage-return": ("a line end of two bytes", text + "\r"),
        "tab-inside": ("a tab", text.replace("{", "{\t", 1)),
        "newline-behind": ("the line end does not belong to the line", text + "\n"),
        "order": (
            "two members swapped",
            text.replace('"seq":3,"session_id":"0f0e6a9c-session"', '"session_id":"0f0e6a9c-session","seq":3'),
        ),
        "order-inner": ("an inner object", line(nested).decode().replace('{"a":1,"b":2}', '{"b":2,"a":1}')),
        "hash-last": ("members in the order of version 1", moved_last(text)),
        "escape-letter": ("an escape where none is needed", text.replace('"BLOCK"', r'"\u0042LOCK"')),
        "escape-name": ("an escape in a name", text.replace('"action"', r'"\u0061ction"')),
        "escape-solidus": ("an escaped solidus", text.replace("/home", r"\/home", 1)),
        "number-minus-zero": ("zero with a sign", spelled_with("-0", 0)),
    }
    for name, (why, other) in spelled.items():
        assert other != text, name
        yield raw(f"row-form-{name}", "4.1", f"{why}: the same row in other bytes", other, "row-form")
    odd = hashed({**ROW, "zebra": "\x1f\n\u00e9\u2028\U0001f600/\x7f"})
    shown = line(odd).decode()
    for name, usual, unusual in (
        ("escape-capitals", r"\u001f", r"\u001F"),
        ("escape-long-newline", r"\n", r"\u000a"),
        ("escape-latin", "\u00e9", r"\u00e9"),
        ("escape-line-separator", "\u2028", r"\u2028"),
        ("escape-pair", "\U0001f600", r"\ud83d\ude00"),
        ("escape-delete", "\x7f", r"\u007f"),
    ):
        why = "another spelling of a character: the same row in other bytes"
        yield raw(f"row-form-{name}", "4.1", why, shown.replace(usual, unusual), "row-form")
    yield from orders()
    yield raw(
        "row-duplicate-decision-first",
        "3.1",
        "the first one would let the call through",
        text.replace("{", '{"action":"PASS",', 1),
        "duplicate-key",
    )
    twice = text.replace('"action":"BLOCK"', '"action":"BLOCK","action":"PASS"')
    yield raw(
        "row-duplicate-decision",
        "3.1",
        "BLOCK, then PASS: a reader that keeps the last lets the call through",
        twice,
        "duplicate-key",
    )
    twice = text.replace('"path":', '"path":"/tmp/x","path":')
    yield raw("row-duplicate-inner", "3.1", "a name twice in an inner object", twice, "duplicate-key")
    for name, other in {
        "null": "null",
        "array": "[]",
        "string": '"row"',
        "number": "1",
        "array-of-row": f"[{text}]",
    }.items():
        yield raw(f"row-form-{name}", "4.1", "anything but an object is no row", other, "row-form")
    for name, other, code in (
        ("empty", "", "not-json"),
        ("cut", text[:-1], "not-json"),
        ("two-rows", text + text, "not-json"),
        ("trailing-nul", text + "\0", "not-json"),
        ("bom", "\ufeff" + text, "bom"),
        ("lone-surrogate", text.replace('"path-denied"', r'"\ud800"'), "lone-surrogate"),
        ("nan", text.replace('"seq":3', '"seq":NaN'), "number-not-finite"),
        ("integer-range", text.replace('"seq":3', '"seq":9007199254740992'), "integer-range"),
    ):
        yield raw(f"row-{name}", "4.1", "a line that is not strict JSON", other, code)
    broken = line(ROW).replace(b"path-denied", b"path-\xffdenied")
    yield refused("row", "4.1", "row-utf8", "a line that is not strict JSON", {"line": broken.hex()}, "utf8")
    yield raw("row-empty-object", "4.2", "an object without members", "{}", "row-field")


def hashed_as_they_stand(text: str) -> Iterator[Case]:
    """Yields the same for whoever hashes the bytes of a line and not the canonical form of what it says."""
    for name, usual, unusual, code in (
        ("space", '"seq":3', '"seq": 3', "row-form"),
        ("order", '"tool_name":"read_file","ts"', '"ts"', "row-form"),
        ("escape-letter", '"BLOCK"', r'"\u0042LOCK"', "row-form"),
        ("escape-solidus", "read /home", r"read \/home", "row-form"),
        ("minus-zero", '"seq":3', '"seq":-0', "row-form"),
        ("fraction", '"seq":3', '"seq":3.0', "float"),
        ("exponent", '"seq":3', '"seq":3e0', "float"),
        ("duplicate", '"action":"BLOCK"', '"action":"BLOCK","action":"PASS"', "duplicate-key"),
        ("surrogate", '"path-denied"', r'"\ud800"', "lone-surrogate"),
    ):
        other = text.replace(usual, unusual)
        if name == "order":
            other = text.replace(usual, unusual)[:-1] + ',"tool_name":"read_file"}'
        assert other != text, name
        why = "the hash is that of these bytes"
        yield refused("row", "4.1", f"row-bytes-{name}", why, {"line": hashed_bytes(other.encode()).hex()}, code)
    for name, broken in (
        ("utf8", text.encode().replace(b"path-denied", b"path-\xffdenied")),
        ("utf8-surrogate", text.encode().replace(b"path-denied", b"path-\xed\xa0\x80")),
    ):
        why = "the hash is that of these bytes"
        yield refused("row", "3.1", f"row-bytes-{name}", why, {"line": hashed_bytes(broken).hex()}, "utf8")


def orders() -> Iterator[Case]:
    """Yields names whose order differs between UTF-16 code units and code points."""
    rest = {name: value for name, value in ROW.items() if name != "hash"}
    tail = {"right": '"\U0001f600":1,"\ufb33":2', "wrong": '"\ufb33":2,"\U0001f600":1'}
    # both names sort behind every name of the envelope, whichever way they are compared
    bodies = {which: canonical(rest).decode()[:-1] + "," + names + "}" for which, names in tail.items()}
    for which, body in bodies.items():
        digest = sha256(body.encode())
        full = canonical({**rest, "hash": digest}).decode()[:-1] + "," + tail[which] + "}"
        if which == "right":
            yield accepted(
                "row",
                "3.2",
                "row-order-utf-16",
                "names sorted by UTF-16 code units",
                {"line": full.encode().hex()},
                hash=digest,
            )
        else:
            yield raw("row-form-order-code-points", "3.2", "names sorted by code points", full, "row-form")


def values() -> Iterator[Case]:
    """Yields numbers that a row must not hold."""
    for name, spelling in {
        "half": "0.5",
        "one-point-zero": "1.0",
        "exponent": "1e2",
        "exponent-capital": "1E2",
        "minus-zero": "-0.0",
        "exponent-zero": "1e0",
        "large": "1e21",
        "small": "1e-7",
    }.items():
        yield raw(f"row-float-{name}", "3.3", f"{spelling} in a row", spelled_with(spelling, 1), "float")
    inner = line(hashed({**ROW, "zebra": {"deep": [7777]}})).decode().replace("7777", "77.5")
    yield raw("row-float-nested", "3.3", "a fraction in an inner value", inner, "float")
    seq = line(ROW).decode().replace('"seq":3', '"seq":3.0')
    yield raw("row-float-seq", "3.3", "a fraction where an integer is due", seq, "float")


def sizes() -> Iterator[Case]:
    """Yields rows at the limits of depth and length."""
    for levels, arrays in ((32, 31), (33, 32)):
        nested: Any = []
        for _ in range(arrays - 1):
            nested = [nested]
        deep = changed(ROW, "zebra", nested)
        why = f"a row of {levels} levels"
        if levels == 32:
            yield good("row-levels-32", why, deep, clause="3.1")
        else:
            yield bad("row-levels-33", "3.1", why, deep, "too-deep")
    bomb: Json = {"repeat": [[b'{"a":'.hex(), 100_000], ["31", 1], ["7d", 100_000]]}
    yield refused(
        "row", "3.1", "row-levels-100000", "a reader that recurses runs out of stack", {"line": bomb}, "too-deep"
    )
    for length in (2**20, 2**20 + 1):
        filler = length - len(line(hashed({**ROW, "zebra": ""})))
        long = line(hashed({**ROW, "zebra": "z" * filler}))
        head, tail = long.split(b"z" * filler)
        spelled: Json = {"line": {"repeat": [[head.hex(), 1], ["7a", filler], [tail.hex(), 1]]}}
        why = f"a line of {length} bytes"
        if length == 2**20:
            digest = hashed({**ROW, "zebra": "z" * filler})["hash"]
            yield accepted("row", "15", "row-length-limit", why, spelled, hash=digest)
        else:
            yield refused("row", "4.1", "row-length-limit-passed", why, spelled, "row-too-long")


def spelled_with(spelling: str, number: int) -> str:
    """Returns the line of a row that holds `number`, written as `spelling`."""
    return line(hashed({**ROW, "zebra": number})).decode().replace(f'"zebra":{number}', f'"zebra":{spelling}')


def moved_last(text: str) -> str:
    """Returns the line with `hash` as the last member."""
    hash_member = f',"hash":"{ROW["hash"]}"'
    return text.replace(hash_member, "")[:-1] + hash_member + "}"


def changed(old: Row, member: str, value: Any) -> Row:
    """Returns the row with a member set, or dropped, and the hash that fits."""
    new = hashed({name: kept for name, kept in old.items() if name != member})
    if member == "hash":
        return {name: kept for name, kept in old.items() if name != "hash"}
    return new if value is MISSING else hashed({**old, member: value})


def good(name: str, why: str, row: Row, clause: str = "4") -> Case:
    """Returns the case of a row that is accepted."""
    return accepted("row", clause, name, why, {"line": line(row).hex()}, hash=row["hash"])


def bad(name: str, clause: str, why: str, row: Row, code: str) -> Case:
    """Returns the case of a row that is refused."""
    return refused("row", clause, name, why, {"line": line(row).hex()}, code)


def raw(name: str, clause: str, why: str, text: str, code: str) -> Case:
    """Returns the case of a line that is refused."""
    return refused("row", clause, name, why, {"line": text.encode().hex()}, code)
