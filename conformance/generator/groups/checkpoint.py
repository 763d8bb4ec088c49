"""Signed notes and checkpoints, SPEC section 7.2."""

import base64
from collections.abc import Iterator

from generator import notes, tree
from generator.cases import Case, Group, Json, accepted, refused
from generator.keys import EVE, LOG, WITNESS

ORIGIN = "occasio.local/0123456789abcdef0123456789abcdef"
ROOT = tree.root([b"leaf"])
TEXT = notes.body(ORIGIN, 42, ROOT)
HOME = (LOG, "home")
NOTE = notes.signed(TEXT, HOME)
VKEY = notes.vkey(*HOME)
DASH = "\u2014"


def group() -> Group:
    """Returns the group `checkpoint`."""
    return Group(name="checkpoint", clause="7.2", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields good checkpoints, then what is no note, no checkpoint, or signed in vain."""
    yield from good_notes()
    yield from not_notes()
    yield from not_signature_lines()
    yield from not_checkpoints()
    yield from signatures()


def good_notes() -> Iterator[Case]:
    """Yields notes that are accepted, and who is found to have signed them."""
    yield good("checkpoint-signed", "signed by a known key", NOTE, ["home"])
    yield good("checkpoint-unknown-key", "signed by nobody who is known", NOTE, [], vkeys=[])
    other = [notes.vkey(EVE, "elsewhere")]
    yield good("checkpoint-other-key", "signed by another key than the known one", NOTE, [], vkeys=other)
    same_name = [notes.vkey(EVE, "home")]
    why = "a known name, but another key: it is not known"
    yield good("checkpoint-same-name", why, NOTE, [], vkeys=same_name)
    both = notes.signed(TEXT, HOME, (WITNESS, "witness.example/w1"))
    names: list[Json] = ["home", "witness.example/w1"]
    yield good(
        "checkpoint-witnessed", "two known keys", both, names, vkeys=[VKEY, notes.vkey(WITNESS, "witness.example/w1")]
    )
    yield good("checkpoint-one-known", "an unknown key beside a known one", both, ["home"])
    extended = TEXT + "extension line\nanother\n"
    yield good("checkpoint-extensions", "lines behind the root", notes.signed(extended, HOME), ["home"])
    zero = notes.body(ORIGIN, 0, tree.root([]))
    yield good("checkpoint-size-0", "of an empty log", notes.signed(zero, HOME), ["home"], size=0, root=tree.root([]))
    large = notes.body(ORIGIN, 2**53 - 1, ROOT)
    yield good("checkpoint-size-largest", "the largest size", notes.signed(large, HOME), ["home"], size=2**53 - 1)
    words = notes.body("log of \u00e9\U0001f600 with spaces", 42, ROOT)
    origin = "log of \u00e9\U0001f600 with spaces"
    yield good("checkpoint-origin-text", "an origin is any text", notes.signed(words, HOME), ["home"], origin=origin)
    yield good("checkpoint-largest", "as many bytes as a note may have", largest_note(65536), ["home"])
    strange = notes.signature_line(TEXT, EVE, "a\u00e9")
    yield good(
        "checkpoint-other-type",
        "a signature of another length by an unknown key",
        NOTE + sig_line("x", bytes(90)),
        ["home"],
    )
    yield good("checkpoint-hundred", "a hundred signatures", NOTE + strange * 99, ["home"])


def not_notes() -> Iterator[Case]:
    """Yields bytes that are no signed note."""
    one = notes.signature_line(TEXT, *HOME)
    for name, why, note in (
        ("empty", "nothing", ""),
        ("no-signature", "no signature line", TEXT + "\n"),
        ("no-blank-line", "no empty line before the signatures", TEXT + one),
        ("text-only", "the text alone", TEXT),
        ("signatures-only", "no text", "\n" + one),
        ("signature-alone", "neither text nor empty line", one),
        ("end-missing", "the last line lacks its end", NOTE[:-1]),
        ("end-other", "something else than a newline ends the last line", NOTE[:-1] + " "),
        ("end-letter", "a letter ends the last line", NOTE[:-1] + "x"),
        ("trailing-line", "a line behind the signatures", NOTE + "x\n"),
        ("trailing-blank", "an empty line behind the signatures", NOTE + "\n"),
        ("crlf", "line ends of two bytes", NOTE.replace("\n", "\r\n")),
        ("tab", "a control character in the text", notes.signed(TEXT + "a\tb\n", HOME)),
        ("nul", "NUL in the text", notes.signed(TEXT + "\0\n", HOME)),
        ("carriage-return", "a carriage return in the text", notes.signed(TEXT + "a\rb\n", HOME)),
        ("signatures-101", "more signatures than a note may have", NOTE + notes.signature_line(TEXT, EVE, "e") * 100),
        ("too-large", "a byte more than a note may have", largest_note(65537)),
    ):
        yield refused("checkpoint", "7.2", f"checkpoint-note-{name}", why, given(note), "note-form")
    broken = NOTE.encode().replace(b"occasio.local", b"occasi\xff.local")
    request: dict[str, Json] = {"note": broken.hex(), "vkeys": [VKEY]}
    yield refused("checkpoint", "7.2", "checkpoint-note-utf8", "a byte that is no UTF-8", request, "note-form")


def not_signature_lines() -> Iterator[Case]:
    """Yields notes whose signature line is none."""
    blob = notes.key_id("home", notes.public_bytes(LOG)) + LOG.sign(TEXT.encode())
    text = base64.b64encode(blob).decode()
    assert text.endswith("=") and not text.endswith("==")
    for name, why, signature in (
        ("hyphen", "a hyphen for the dash", f"- home {text}\n"),
        ("en-dash", "another dash", f"\u2013 home {text}\n"),
        ("no-space", "no space behind the dash", f"{DASH}home {text}\n"),
        ("empty-name", "an empty name", f"{DASH}  home {text}\n"),
        ("no-name", "no name", f"{DASH} {text}\n"),
        ("plus-in-name", "a plus in the name", f"{DASH} ho+me {text}\n"),
        (
            "no-break-space-in-name",
            "U+00A0 in the name",
            f"{DASH} ho\u00a0me {text}\n",
        ),
        ("ideographic-space-in-name", "U+3000 in the name", f"{DASH} ho\u3000me {text}\n"),
        ("next-line-in-name", "U+0085 in the name", f"{DASH} ho\u0085me {text}\n"),
        ("space-in-name", "a space in the name", f"{DASH} ho me {text}\n"),
        ("space-behind", "a space behind the signature", f"{DASH} home {text} \n"),
        ("no-padding", "base64 without padding", f"{DASH} home {text.rstrip('=')}\n"),
        (
            "free-bits",
            "base64 that decodes to the same and is not canonical",
            f"{DASH} home {text[:-2]}{free_bits(text[-2])}=\n",
        ),
        ("url-safe", "the other alphabet of base64", f"{DASH} home {'-_' + text[2:]}\n"),
        ("not-base64", "no base64", f"{DASH} home {'!' + text[1:]}\n"),
        ("key-id-only", "a key id without a signature", f"{DASH} home {base64.b64encode(blob[:4]).decode()}\n"),
        ("too-short", "less than a key id", f"{DASH} home AAAA\n"),
        ("empty", "an empty signature", f"{DASH} home \n"),
    ):
        yield refused("checkpoint", "7.2", f"checkpoint-line-{name}", why, given(TEXT + "\n" + signature), "note-form")


def not_checkpoints() -> Iterator[Case]:
    """Yields good notes whose text is no checkpoint."""
    root = base64.b64encode(ROOT).decode()
    for name, why, text in (
        ("origin-empty", "an empty origin", f"\n42\n{root}\n"),
        ("one-line", "an origin alone", f"{ORIGIN}\n"),
        ("two-lines", "no root", f"{ORIGIN}\n42\n"),
        ("size-leading-zero", "a leading zero", f"{ORIGIN}\n042\n{root}\n"),
        ("size-two-zeros", "zero is one digit", f"{ORIGIN}\n00\n{root}\n"),
        ("size-plus", "a plus", f"{ORIGIN}\n+42\n{root}\n"),
        ("size-minus", "a minus", f"{ORIGIN}\n-42\n{root}\n"),
        ("size-underscore", "an underscore", f"{ORIGIN}\n4_2\n{root}\n"),
        ("size-space", "a space", f"{ORIGIN}\n42 \n{root}\n"),
        ("size-hex", "not decimal", f"{ORIGIN}\n0x2a\n{root}\n"),
        ("size-fraction", "not an integer", f"{ORIGIN}\n42.0\n{root}\n"),
        ("size-arabic", "digits that are not ASCII", f"{ORIGIN}\n\u0664\u0662\n{root}\n"),
        ("size-superscript", "a digit that is not decimal", f"{ORIGIN}\n4\u00b2\n{root}\n"),
        ("size-empty", "no digit", f"{ORIGIN}\n\n{root}\n"),
        ("size-2-53", "one more than the largest size", f"{ORIGIN}\n9007199254740992\n{root}\n"),
        ("size-5000-digits", "quadratic time, or a limit of the language", f"{ORIGIN}\n{'7' * 5000}\n{root}\n"),
        ("root-31-bytes", "a root too short", f"{ORIGIN}\n42\n{base64.b64encode(ROOT[:31]).decode()}\n"),
        ("root-33-bytes", "a root too long", f"{ORIGIN}\n42\n{base64.b64encode(ROOT + b'x').decode()}\n"),
        ("root-hex", "a root in hex", f"{ORIGIN}\n42\n{ROOT.hex()}\n"),
        ("root-no-padding", "base64 without padding", f"{ORIGIN}\n42\n{root.rstrip('=')}\n"),
        ("root-free-bits", "base64 that is not canonical", f"{ORIGIN}\n42\n{root[:-2]}{free_bits(root[-2])}=\n"),
        ("root-space", "a space behind the root", f"{ORIGIN}\n42\n{root} \n"),
        ("extension-empty", "an empty extension line", f"{ORIGIN}\n42\n{root}\n\nmore\n"),
        ("extension-empty-last", "an empty extension line at the end", f"{ORIGIN}\n42\n{root}\n\n"),
        ("root-empty", "no root", f"{ORIGIN}\n42\n\n"),
    ):
        yield refused(
            "checkpoint", "7.2", f"checkpoint-text-{name}", why, given(notes.signed(text, HOME)), "checkpoint-form"
        )


def signatures() -> Iterator[Case]:
    """Yields notes that a known key has signed in vain."""
    edited = {
        "size": notes.body(ORIGIN, 43, ROOT),
        "root": notes.body(ORIGIN, 42, tree.root([b"other"])),
        "origin": notes.body(ORIGIN[:-1] + "0", 42, ROOT),
        "extension": TEXT + "more\n",
    }
    for name, text in edited.items():
        note = text + "\n" + notes.signature_line(TEXT, *HOME)
        yield in_vain(f"checkpoint-edited-{name}", f"the {name} edited after it was signed", note)
    key_id = notes.key_id("home", notes.public_bytes(LOG))
    true = LOG.sign(TEXT.encode())
    for name, why, blob in (
        ("zeros", "a signature of zeros", key_id + bytes(64)),
        ("bit", "a bit of the signature", key_id + bytes([true[0] ^ 1]) + true[1:]),
        ("by-another", "another key's signature under a known key's id", key_id + EVE.sign(TEXT.encode())),
        ("too-short", "a signature of 63 bytes", key_id + true[:63]),
        ("too-long", "a signature of 65 bytes", key_id + true + b"\0"),
        ("with-blank-line", "the empty line was signed, too", key_id + LOG.sign(TEXT.encode() + b"\n")),
    ):
        yield in_vain(f"checkpoint-signature-{name}", why, TEXT + "\n" + sig_line("home", blob))
    wrong = sig_line("home", key_id + bytes(64))
    yield in_vain("checkpoint-signature-one-of-two", "a known key's good and bad signature", NOTE + wrong)
    both = [VKEY, notes.vkey(WITNESS, "w")]
    forged = NOTE + sig_line("w", notes.key_id("w", notes.public_bytes(WITNESS)) + bytes(64))
    why = "one known key's signature is good, another's is not"
    yield in_vain("checkpoint-signature-of-other-known", why, forged, vkeys=both)


def largest_note(size: int) -> str:
    """Returns a signed note of so many bytes."""
    filler = size - len(notes.signed(TEXT + "\n", HOME).encode())
    return notes.signed(TEXT + "x" * filler + "\n", HOME)


def in_vain(name: str, why: str, note: str, vkeys: list[str] | None = None) -> Case:
    """Returns the case of a note that a known key has signed in vain."""
    return refused("checkpoint", "7.2", name, why, given(note, vkeys), "note-signature")


def free_bits(letter: str) -> str:
    """Returns the letter of base64 that differs in a bit which padding leaves free."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return alphabet[alphabet.index(letter) ^ 1]


def sig_line(name: str, blob: bytes) -> str:
    """Returns a signature line with any bytes."""
    return f"{DASH} {name} {base64.b64encode(blob).decode()}\n"


def given(note: str, vkeys: list[str] | None = None) -> dict[str, Json]:
    """Returns the input of the operation `checkpoint`."""
    return {"note": note.encode().hex(), "vkeys": [VKEY] if vkeys is None else vkeys}


def good(
    name: str,
    why: str,
    note: str,
    verified: list[Json],
    *,
    vkeys: list[str] | None = None,
    origin: str = ORIGIN,
    size: int = 42,
    root: bytes = ROOT,
) -> Case:
    """Returns the case of a checkpoint that is accepted."""
    answer: dict[str, Json] = {"origin": origin, "size": size, "root": root.hex(), "verified": verified}
    return accepted("checkpoint", "7.2", name, why, given(note, vkeys), **answer)
