"""Whole bundles of one who asks for witnesses, SPEC sections 7.4 and 11, check 5."""

from collections.abc import Iterator
from typing import Any

from generator import notes
from generator.bundles import Bundle, completed, signed, unsigned
from generator.cases import BundleCase
from generator.groups.bundle_cases import HOME, failed, verified
from generator.groups.bundle_format import LOGGED
from generator.keys import EVE, WITNESS

TIME = 1767323045
NAME = "witness.example/w1"
ASKED: dict[str, Any] = {
    "vkeys": [HOME],
    "witnesses": [notes.vkey(WITNESS, NAME, notes.WITNESSES), notes.vkey(EVE, "w2", notes.WITNESSES)],
    "threshold": 1,
    "keys": ("ada",),
}


def cases() -> Iterator[BundleCase]:
    """Yields bundles whose checkpoint is cosigned, and such that are not."""
    text = LOGGED["log"]["checkpoint"].partition("\n\u2014")[0]
    line = notes.cosigned_line(text, WITNESS, NAME, TIME)
    witnessed = signed(cosigned(line))
    yield verified("witnessed", "7.4", "cosigned, as asked for", witnessed, **ASKED)
    bundle = signed(LOGGED)
    why = "not cosigned, and a witness is asked for"
    yield failed("witness-missing", "11", why, bundle, "log-position", "witness-missing", **ASKED)
    both = {**ASKED, "threshold": 2}
    why = "cosigned by one, and two are asked for"
    yield failed("witness-one-of-two", "11", why, witnessed, "log-position", "witness-missing", **both)
    why = "no checkpoint at all, and a witness is asked for"
    yield failed("witness-no-log", "11", why, signed(unsigned()), "log-position", "witness-missing", **ASKED)
    shifted = signed(cosigned(notes.cosigned_line(text, WITNESS, NAME, TIME, signed_time=TIME - 1)))
    why = "a known witness's cosignature is wrong"
    yield failed("witness-in-vain", "11", why, shifted, "log-position", "note-signature", **ASKED)
    late = {**bundle, "log": cosigned(line)["log"], "manifest": cosigned(line)["manifest"]}
    why = "cosigned after the bundle was signed: the Statement speaks of another checkpoint"
    yield failed("witness-late", "11", why, late, "statement", "statement-mismatch", **ASKED)


def cosigned(line: str) -> Bundle:
    """Returns a bundle with a line more in its checkpoint."""
    log = LOGGED["log"]
    return completed({**LOGGED, "log": {**log, "checkpoint": log["checkpoint"] + line}})
