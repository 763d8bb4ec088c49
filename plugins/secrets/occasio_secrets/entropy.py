"""Finds what looks made by a generator though no form or name tells: an option, for at times it is no secret.

Of each run of characters of base64 its entropy is taken, and compared with what a run of that length could have at
most.  Digests, ids and encoded files are as random as secrets: hexadecimal counts behind a word for secrets alone,
UUIDs, long runs and whole lines of base64 never.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from math import log2

from occasio_core import Secret
from occasio_secrets.hints import compiled
from occasio_secrets.values import is_generated, is_hex, turns

SHORTEST, LONGEST = 20, 200  # characters
LEAST = 0.83  # of the entropy that is possible: one key of base 62 in a hundred has less
_LEAST_HEX = 0.8
_LEAST_TURNS = 0.37  # of neighbours, as above; names of programs have less, however they are joined
_BEFORE = 48  # characters in which a word may stand

_LINE = 60  # characters: lines of base64, one after the other, are a file
_WRAPPED = re.compile(r"[A-Za-z0-9+/]{60}\s{1,16}\Z")
_GOES_ON = re.compile(r"\s{1,16}[A-Za-z0-9+/]{8,}={0,2}(?!\S)")
_RUN = rb"[A-Za-z0-9+/_-]{20,}={0,2}"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WORD = re.compile(r"key|secret|token|passw|pwd|auth|credential|private|salt|signature", re.IGNORECASE)
# What calls its value a digest, or a piece of a file.
_DIGEST = re.compile(
    r"sha-?\d{1,3}[-:=]?|md5|integrity|checksum|digest|hash|etag|commit|revision|base64,|\bh1:|blob|fingerprint|nonce",
    re.IGNORECASE,
)


class Entropy:
    """Finds runs of 20 to 200 characters that are as random as keys."""

    name = "entropy"

    def scan(self, text: str, /) -> Iterator[Secret]:
        """Yield every run that may be a key."""
        for run in compiled(_RUN).finditer(text.encode("ascii", "replace")):
            start, end = run.span()
            if end - start <= LONGEST and _is_secret(text, start, end):
                yield Secret(label="high-entropy", start=start, end=end)


def _is_secret(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _BEFORE) : start].rpartition("\n")[2]
    if not before.strip() and _is_line_of_file(text, start, end):
        return False
    return not _DIGEST.search(before) and is_random(text[start:end], _WORD.search(before) is not None)


def _is_line_of_file(text: str, start: int, end: int) -> bool:
    is_last = _WRAPPED.search(text, max(0, start - 2 * _LINE), start)
    return bool(is_last or (end - start >= _LINE and _GOES_ON.match(text, end)))


def is_random(value: str, is_named: bool) -> bool:
    """Return whether `value` is as random as a key; hexadecimal must be named as one."""
    bare = value.rstrip("=")
    if is_hex(bare):
        return is_named and len(bare) >= 32 and density(bare, 16) >= _LEAST_HEX
    if not is_generated(bare) or _UUID.fullmatch(bare):
        return False
    three = any(map(str.islower, bare)) and any(map(str.isupper, bare))
    return three and turns(bare) >= _LEAST_TURNS and density(bare, 64) >= LEAST


def density(value: str, alphabet: int) -> float:
    """Return the entropy of `value`, as a part of what as many characters of such an alphabet can have."""
    size = len(value)
    entropy = -sum(count / size * log2(count / size) for count in Counter(value).values())
    return entropy / log2(min(size, alphabet))
