"""Proofs that carry their checkpoint, SPEC sections 7.5 and 7.6."""

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from generator import notes, tree
from generator.cases import Case, Group, Json, accepted, refused
from generator.groups.log import woven
from generator.keys import EVE, LOG, WITNESS
from generator.rows import hashed, line, placed

ROWS = placed(woven())
LINES = [line(row) for row in ROWS]
ORIGIN = notes.origin_of(ROWS)
HOME = (LOG, "home")
WITNESS_KEY = (WITNESS, "witness.example/w1")
TIME = 1767323045
HEADER = "c2sp.org/tlog-proof@v1"


def proofs() -> Group:
    """Returns the group `tlog-proof`."""
    return Group(name="tlog-proof", clause="7.5", cases=[*good_proofs(), *no_proofs(), *bad_proofs()])


def extensions() -> Group:
    """Returns the group `extension`."""
    return Group(name="extension", clause="7.6", cases=[*good_extensions(), *no_extensions(), *bad_extensions()])


def good_proofs() -> Iterator[Case]:
    """Yields rows that are shown to be in the log."""
    for index, size in ((0, 1), (0, 8), (3, 8), (7, 8), (4, 5)):
        yield shown(f"tlog-proof-{index}-of-{size}", f"row {index} of {size}", index, size)
    yield shown("tlog-proof-extra", "something that nobody vouches for", 3, 8, extra=["extra aGVsbG8="])
    yield shown("tlog-proof-extra-empty", "nothing that nobody vouches for", 3, 8, extra=["extra "])
    why = "the log is not known"
    yield shown("tlog-proof-unknown-log", why, 3, 8, verdict="INTACT", kind="hostile", vkeys=[])
    yield shown("tlog-proof-witnessed", "cosigned, as asked for", 3, 8, cosigned=True, **asked())


def no_proofs() -> Iterator[Case]:
    """Yields files that are no proof."""
    good = proof(3, 8)
    head, checkpoint = good.split("\n\n", 1)
    first, index, *hashes = head.split("\n")
    for name, why, file in (
        ("empty", "nothing", ""),
        ("header", "another version", good.replace("@v1", "@v2", 1)),
        ("header-missing", "no first line", good.removeprefix(f"{HEADER}\n")),
        ("index-missing", "no index", joined([first, *hashes], checkpoint)),
        ("index-name", "another name", good.replace("index 3", "place 3")),
        ("index-zero", "a leading zero", good.replace("index 3", "index 03")),
        ("index-minus", "a minus", good.replace("index 3", "index -3")),
        ("index-space", "two spaces", good.replace("index 3", "index  3")),
        ("index-bare", "a number alone", good.replace("index 3", "3")),
        ("index-empty", "no number", good.replace("index 3", "index ")),
        ("index-2-53", "beyond every log", good.replace("index 3", f"index {2**53}")),
        ("extra-twice", "two extras", joined([first, "extra AA==", "extra AA==", index, *hashes], checkpoint)),
        ("extra-late", "extra behind the index", joined([first, index, "extra AA==", *hashes], checkpoint)),
        ("extra-not-base64", "extra that is no base64", joined([first, "extra A", index, *hashes], checkpoint)),
        ("hash-short", "a hash of 31 bytes", joined([first, index, b64(bytes(31))], checkpoint)),
        ("hash-long", "a hash of 33 bytes", joined([first, index, b64(bytes(33))], checkpoint)),
        ("hash-free-bits", "base64 that is not canonical", good.replace(hashes[0], hashes[0][:-2] + "9=")),
        ("hash-hex", "a hash in hex", joined([first, index, bytes(32).hex()], checkpoint)),
        ("hash-not-ascii", "a letter beyond ASCII", joined([first, index, "\u00e9" + hashes[0][1:]], checkpoint)),
        ("hashes-64", "more hashes than any proof has", joined([first, index, *[b64(bytes(32))] * 64], checkpoint)),
        ("no-empty-line", "no empty line", f"{head}\n{checkpoint}"[: len(head) + 40]),
        ("carriage-returns", "lines of another kind", good.replace("\n", "\r\n")),
        ("too-large", "larger than a proof may be", joined([first, f"extra {'A' * 131072}", index], checkpoint)),
    ):
        yield wrong_proof(f"tlog-proof-form-{name}", why, file, 3, "tlog-proof-form")
    yield wrong_proof("tlog-proof-note", "the checkpoint is no note", joined([first, index], "x\n"), 3, "note-form")
    shapeless = notes.signed("occasio.local/x\nsix\n", HOME)
    why = "the note is no checkpoint"
    yield wrong_proof("tlog-proof-checkpoint", why, joined([first, index], shapeless), 3, "checkpoint-form")


def bad_proofs() -> Iterator[Case]:
    """Yields proofs that do not show what they should."""
    good = proof(3, 8)
    lines = good.split("\n")
    swapped = "\n".join([*lines[:2], lines[3], lines[2], *lines[4:]])
    fewer = "\n".join([*lines[:4], *lines[5:]])
    more = "\n".join([*lines[:5], lines[4], *lines[5:]])
    for name, why, file, at, code in (
        ("other-row", "the proof of another row", good, 4, "log-seq"),
        ("hashes-swapped", "two hashes swapped", swapped, 3, "proof-root"),
        ("hash-missing", "a hash is missing", fewer, 3, "proof-length"),
        ("hash-more", "a hash too many", more, 3, "proof-length"),
        ("beyond", "a checkpoint from before the row", proof(3, 8, note=checkpoint_over(3)), 3, "proof-range"),
        ("smaller", "the checkpoint of a smaller log", proof(3, 8, note=checkpoint_over(4)), 3, "proof-length"),
        (
            "other-log",
            "another log's root",
            proof(3, 8, note=checkpoint_over(8, root=tree.root(LINES[:7]))),
            3,
            "proof-root",
        ),
        (
            "damaged",
            "a known log's signature is wrong",
            proof(3, 8, note=damaged(checkpoint_over(8))),
            3,
            "note-signature",
        ),
    ):
        yield wrong_proof(f"tlog-proof-{name}", why, file, at, code)
    largest = good.replace("index 3", f"index {2**53 - 1}")
    yield wrong_proof("tlog-proof-index-largest", "the last row that a log can have", largest, 3, "log-seq")
    many = joined([HEADER, "index 3", *[b64(bytes(32))] * 63], checkpoint_over(8))
    yield wrong_proof("tlog-proof-hashes-63", "as many hashes as a proof may have", many, 3, "proof-length")
    edited = line(hashed({**ROWS[3], "ts": "2026-01-02T03:04:59.000Z"}))
    yield wrong_proof("tlog-proof-row-edited", "a row edited and hashed again", good, 3, "proof-root", row=edited)
    broken = LINES[3].replace(b'"kind"', b'"kinD"', 1)
    yield wrong_proof("tlog-proof-row-broken", "a row that is none", good, 3, "row-field", row=broken)
    yield wrong_proof("tlog-proof-row-torn", "half a row", good, 3, "not-json", row=LINES[3][:-1])
    yield wrong_proof("tlog-proof-witness-missing", "not cosigned", good, 3, "witness-missing", **asked())


def good_extensions() -> Iterator[Case]:
    """Yields logs that are shown to go on."""
    for old, new in ((1, 8), (3, 7), (4, 8), (8, 8), (6, 7)):
        yield goes_on(f"extension-{old}-{new}", f"from {old} to {new} rows", old, new)
    why = "the log is not known"
    yield goes_on("extension-unknown-log", why, 3, 8, verdict="INTACT", kind="hostile", vkeys=[])
    yield goes_on("extension-witnessed", "cosigned, as asked for", 3, 8, cosigned=True, **asked())


def no_extensions() -> Iterator[Case]:
    """Yields files that are no extension."""
    good = extension(3, 8)
    head, checkpoint = good.split("\n\n", 1)
    first, *hashes = head.split("\n")
    for name, why, file in (
        ("empty", "nothing", ""),
        ("old-missing", "no old size", joined(hashes, checkpoint)),
        ("old-name", "another name", good.replace("old 3", "from 3")),
        ("old-zero", "a leading zero", good.replace("old 3", "old 03")),
        ("old-bare", "a number alone", good.replace("old 3", "3")),
        ("old-minus", "a minus", good.replace("old 3", "old -3")),
        ("old-2-53", "beyond every log", good.replace("old 3", f"old {2**53}")),
        ("hash-short", "a hash of 31 bytes", joined([first, b64(bytes(31))], checkpoint)),
        ("hashes-64", "more hashes than any proof has", joined([first, *[b64(bytes(32))] * 64], checkpoint)),
        ("no-empty-line", "no empty line", head),
    ):
        yield wrong_extension(f"extension-form-{name}", why, file, 3, "extension-form")
    yield wrong_extension("extension-note", "the checkpoint is no note", joined([first], "x\n"), 3, "note-form")


def bad_extensions() -> Iterator[Case]:
    """Yields extensions that do not show what they should."""
    good = extension(3, 8)
    lines = good.split("\n")
    forged = [line(row) for row in placed(woven()[::-1])]
    rewritten = joined(["old 3", *map(b64, tree.consistency(3, forged))], checkpoint_over(8, root=tree.root(forged)))
    elsewhere = notes.signed(notes.body("occasio.local/" + "0" * 32, 8, tree.root(LINES)), HOME)
    for name, why, file, old, code in (
        ("other-size", "from another size than the kept one", good, 4, "extension-size"),
        ("hash-missing", "a hash is missing", "\n".join([lines[0], *lines[2:]]), 3, "proof-length"),
        ("hash-more", "a hash too many", "\n".join([lines[0], lines[1], *lines[1:]]), 3, "proof-length"),
        ("swapped", "two hashes swapped", "\n".join([lines[0], lines[2], lines[1], *lines[3:]]), 3, "proof-root"),
        ("rewritten", "the log was rewritten", rewritten, 3, "proof-root"),
        ("shrunk", "the log was cut", joined(["old 8"], checkpoint_over(3)), 8, "proof-range"),
        ("other-log", "another log", joined(lines[: lines.index("")], elsewhere), 3, "checkpoint-origin"),
        (
            "from-nothing",
            "a checkpoint of no rows shows nothing",
            joined(["old 0"], checkpoint_over(8)),
            0,
            "checkpoint-root",
        ),
        (
            "damaged",
            "a known log's signature is wrong",
            joined(lines[: lines.index("")], damaged(checkpoint_over(8))),
            3,
            "note-signature",
        ),
    ):
        yield wrong_extension(f"extension-{name}", why, file, old, code)
    last = good.replace("old 3", f"old {2**53 - 1}")
    yield wrong_extension("extension-old-largest", "the largest size there is", last, 3, "extension-size")
    many = joined(["old 3", *[b64(bytes(32))] * 63], checkpoint_over(8))
    yield wrong_extension("extension-hashes-63", "as many hashes as a proof may have", many, 3, "proof-length")
    why = "the signature on the kept one is wrong"
    yield wrong_extension("extension-old-damaged", why, good, 3, "note-signature", old_note=damaged(checkpoint_over(3)))
    yield wrong_extension("extension-witness-missing", "not cosigned", good, 3, "witness-missing", **asked())


def proof(index: int, size: int, *, note: str | None = None, extra: Sequence[str] = (), cosigned: bool = False) -> str:
    """Returns a `.tlog-proof`."""
    hashes = map(b64, tree.inclusion(index, LINES[:size]))
    return joined([HEADER, *extra, f"index {index}", *hashes], note or checkpoint_over(size, cosigned=cosigned))


def extension(old: int, new: int, *, cosigned: bool = False) -> str:
    """Returns an extension."""
    hashes = [] if old == new else tree.consistency(old, LINES[:new])
    return joined([f"old {old}", *map(b64, hashes)], checkpoint_over(new, cosigned=cosigned))


def checkpoint_over(size: int, *, root: bytes | None = None, cosigned: bool = False) -> str:
    """Returns a checkpoint over the first rows."""
    text = notes.body(ORIGIN, size, root or tree.root(LINES[:size]))
    return notes.signed(text, HOME) + (notes.cosigned_line(text, *WITNESS_KEY, TIME) if cosigned else "")


def damaged(note: str) -> str:
    """Returns the note with a signature by another key under the known one's id."""
    text, _, _ = note.partition("\n\u2014")
    blob = notes.key_id("home", notes.public_bytes(LOG)) + EVE.sign(text.encode())
    return f"{text}\n\u2014 home {b64(blob)}\n"


def joined(lines: Sequence[str], checkpoint: str) -> str:
    """Returns lines, an empty one, and the checkpoint."""
    return "".join(f"{one}\n" for one in [*lines, ""]) + checkpoint


def asked() -> dict[str, Any]:
    """Returns the inputs of one who asks for a witness."""
    return {"witnesses": [notes.vkey(*WITNESS_KEY, notes.WITNESSES)], "threshold": 1}


def shown(
    name: str,
    why: str,
    index: int,
    size: int,
    *,
    verdict: str = "VERIFIED",
    kind: str = "honest",
    extra: Sequence[str] = (),
    cosigned: bool = False,
    **more: Any,
) -> Case:
    """Returns the case of a row whose proof holds."""
    file = proof(index, size, extra=extra, cosigned=cosigned)
    request = given({"file": file.encode().hex(), "row": LINES[index].hex()}, **more)
    case = accepted("tlog-proof", "7.5", name, why, request, index=index, size=size, **standing(verdict))
    return of_kind(case, kind)


def goes_on(
    name: str,
    why: str,
    old: int,
    new: int,
    *,
    verdict: str = "VERIFIED",
    kind: str = "honest",
    cosigned: bool = False,
    **more: Any,
) -> Case:
    """Returns the case of an extension that holds."""
    file = extension(old, new, cosigned=cosigned)
    request = given({"old": checkpoint_over(old).encode().hex(), "file": file.encode().hex()}, **more)
    return of_kind(accepted("extension", "7.6", name, why, request, old_size=old, size=new, **standing(verdict)), kind)


def standing(verdict: str) -> dict[str, Json]:
    """Returns the verdict, and what it leaves unchecked."""
    return {"verdict": verdict, "not_checked": [] if verdict == "VERIFIED" else [["checkpoint", "log-unknown"]]}


def of_kind(case: Case, kind: str) -> Case:
    """Returns the case as hostile, if it must not pass for more than it is."""
    if kind == "honest":
        return case
    return Case(
        id=case.id, clause=case.clause, kind="hostile", why=case.why, op=case.op, input=case.input, expect=case.expect
    )


def wrong_proof(name: str, why: str, file: str, at: int, code: str, *, row: bytes | None = None, **more: Any) -> Case:
    """Returns the case of a proof that is refused."""
    request = given({"file": file.encode().hex(), "row": (row or LINES[at]).hex()}, **more)
    return refused("tlog-proof", "7.5", name, why, request, code)


def wrong_extension(
    name: str, why: str, file: str, old: int, code: str, *, old_note: str | None = None, **more: Any
) -> Case:
    """Returns the case of an extension that is refused."""
    kept = old_note or checkpoint_over(old)
    request = given({"old": kept.encode().hex(), "file": file.encode().hex()}, **more)
    return refused("extension", "7.6", name, why, request, code)


def given(members: dict[str, Json], **more: Any) -> dict[str, Json]:
    """Returns the input, with the key of the log."""
    return {**members, "vkeys": [notes.vkey(*HOME)], **more}


def b64(data: bytes) -> str:
    """Returns base64."""
    return base64.b64encode(data).decode()
