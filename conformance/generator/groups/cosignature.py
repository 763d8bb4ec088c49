"""What witnesses add to a checkpoint, SPEC section 7.4."""

import base64
from collections.abc import Iterator
from typing import Any

from generator import notes
from generator.cases import Case, Group, Json, accepted, refused
from generator.groups.checkpoint import HOME, NOTE, ORIGIN, ROOT, TEXT, VKEY
from generator.keys import ADA, EVE, LOG, WITNESS

TIME = 1679315147
W1, W2 = (WITNESS, "witness.example/w1"), (EVE, "witness.example/w2")
W1_VKEY, W2_VKEY = (notes.vkey(*one, notes.WITNESSES) for one in (W1, W2))
ONCE = NOTE + notes.cosigned_line(TEXT, *W1, TIME)
TWICE = ONCE + notes.cosigned_line(TEXT, *W2, TIME + 1)


def group() -> Group:
    """Returns the group `cosignature`."""
    return Group(name="cosignature", clause="7.4", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields checkpoints that are cosigned as asked for, too seldom, or in vain."""
    yield from honest()
    yield from missing()
    yield from in_vain()


def honest() -> Iterator[Case]:
    """Yields checkpoints with as many cosignatures as are asked for."""
    first, second = [W1[1], TIME], [W2[1], TIME + 1]
    yield good("cosigned", "cosigned by a known witness", ONCE, [first], threshold=1)
    yield good("cosigned-twice", "by two known witnesses", TWICE, [first, second], threshold=2)
    yield good("cosigned-one-of-two", "one of two is enough", ONCE, [first], threshold=1, witnesses=[W1_VKEY, W2_VKEY])
    yield good("cosigned-nobody-asked", "nobody is asked for", NOTE, [])
    yield good("cosigned-unknown", "an unknown witness beside a known one", TWICE, [first], threshold=1)
    unsigned = TEXT + "\n" + notes.cosigned_line(TEXT, *W1, TIME)
    yield good("cosigned-only", "cosigned, and signed by no log", unsigned, [first], verified=[], threshold=1)
    zero = NOTE + notes.cosigned_line(TEXT, *W1, 0)
    yield good("cosigned-time-0", "the first time there is", zero, [[W1[1], 0]], threshold=1)
    late = NOTE + notes.cosigned_line(TEXT, *W1, 2**32)
    yield good("cosigned-time-33-bits", "a time of more than 32 bits", late, [[W1[1], 2**32]], threshold=1)
    last = NOTE + notes.cosigned_line(TEXT, EVE, W2[1], 2**63 - 1)
    why = "the last time there is"
    yield good("cosigned-time-last", why, last, [], threshold=1, witnesses=[W2_VKEY], times=False)
    again = ONCE + notes.cosigned_line(TEXT, *W1, TIME + 9)
    yield good("cosigned-again", "cosigned twice by one witness", again, [first], threshold=1)
    extended = TEXT + "extension\n"
    note = notes.signed(extended, HOME) + notes.cosigned_line(extended, *W1, TIME)
    yield good("cosigned-extension", "an extension line is cosigned, too", note, [first], threshold=1)


def missing() -> Iterator[Case]:
    """Yields checkpoints with fewer cosignatures than are asked for."""
    as_log = NOTE + notes.signature_line(TEXT, *W1)
    other_name = NOTE + notes.cosigned_line(TEXT, WITNESS, "witness.example/other", TIME)
    other_key = NOTE + notes.cosigned_line(TEXT, ADA, W1[1], TIME)
    again = ONCE + notes.cosigned_line(TEXT, *W1, TIME + 9)
    for name, why, note, threshold in (
        ("none", "nobody cosigned", NOTE, 1),
        ("one-of-two", "one cosigned, two are asked for", ONCE, 2),
        ("as-log", "signed by the witness's key as a log signs", as_log, 1),
        ("other-name", "the known key under another name", other_name, 1),
        ("other-key", "another key under the known name", other_key, 1),
        ("one-twice", "one witness does not count twice", again, 2),
    ):
        yield bad(f"cosigned-missing-{name}", why, note, "witness-missing", threshold)


def in_vain() -> Iterator[Case]:
    """Yields checkpoints that a known witness has cosigned in vain."""
    key_id = notes.key_id(W1[1], notes.public_bytes(WITNESS), notes.WITNESSES)
    true = WITNESS.sign(f"cosignature/v1\ntime {TIME}\n{TEXT}".encode())
    stamp = TIME.to_bytes(8)
    other = notes.body(ORIGIN, 43, ROOT)
    for name, why, blob in (
        ("zeros", "a signature of zeros", stamp + bytes(64)),
        ("bit", "a bit of the signature", stamp + bytes([true[0] ^ 1]) + true[1:]),
        ("time", "another time than the signed one", (TIME + 1).to_bytes(8) + true),
        ("time-little-endian", "the time turned round", TIME.to_bytes(8, "little") + true),
        ("no-time", "no time at all", true),
        ("time-only", "no signature", stamp),
        ("too-short", "a byte less", stamp + true[:-1]),
        ("too-long", "a byte more", stamp + true + b"\0"),
        ("as-log", "the note signed as a log signs it", stamp + WITNESS.sign(TEXT.encode())),
        (
            "other-header",
            "another version of the message",
            stamp + WITNESS.sign(f"cosignature/v2\ntime {TIME}\n{TEXT}".encode()),
        ),
        ("no-header", "no line before the time", stamp + WITNESS.sign(f"time {TIME}\n{TEXT}".encode())),
        ("other-size", "cosigned at another size", stamp + WITNESS.sign(message(other, TIME))),
        ("by-another", "another key under a known key's id", stamp + EVE.sign(message(TEXT, TIME))),
        ("time-2-63", "a time of 64 bits", (2**63).to_bytes(8) + WITNESS.sign(message(TEXT, 2**63))),
    ):
        line = f"\u2014 {W1[1]} {base64.b64encode(key_id + blob).decode()}\n"
        yield bad(f"cosigned-in-vain-{name}", why, NOTE + line, "note-signature", 1)
    wrong = f"\u2014 {W1[1]} {base64.b64encode(key_id + stamp + bytes(64)).decode()}\n"
    yield bad("cosigned-in-vain-one-of-two", "a good and a bad one", ONCE + wrong, "note-signature", 1)
    shifted = NOTE + notes.cosigned_line(TEXT, *W1, TIME, signed_time=TIME - 1)
    yield bad("cosigned-in-vain-earlier", "signed for a second before", shifted, "note-signature", 1)


def message(text: str, time: int) -> bytes:
    """Returns what a witness signs."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def good(
    name: str,
    why: str,
    note: str,
    witnessed: list[Any],
    *,
    verified: list[Json] | None = None,
    witnesses: list[str] | None = None,
    times: bool = True,
    **more: Json,
) -> Case:
    """Returns the case of a checkpoint that is accepted."""
    known = witnesses or [W1_VKEY, W2_VKEY][: max(len(witnessed), 1)]
    request = {"note": note.encode().hex(), "vkeys": [VKEY], "witnesses": known, **more}
    answer: dict[str, Json] = {"origin": ORIGIN, "size": 42, "root": ROOT.hex()}
    if times:  # else it is beyond what every reader of JSON has as an integer
        answer["witnessed"] = witnessed
    answer["verified"] = ["home"] if verified is None else verified
    return accepted("checkpoint", "7.4", name, why, request, **answer)


def bad(name: str, why: str, note: str, code: str, threshold: int) -> Case:
    """Returns the case of a checkpoint that is refused."""
    known: list[Json] = [W1_VKEY, W2_VKEY]
    request = {"note": note.encode().hex(), "vkeys": [notes.vkey(LOG, "home")], "witnesses": known}
    return refused("checkpoint", "7.4", name, why, {**request, "threshold": threshold}, code)
