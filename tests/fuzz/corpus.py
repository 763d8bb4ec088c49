"""The inputs that fuzzing starts from: real ones, and what earlier runs have found; and how they are changed by chance."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

CORPORA = Path(__file__).with_name("corpora")
TOKENS = [
    b"\0", b"\n", b"\r", b"\r\n", b"\n\n", b"\\", b'"', b"'", b"{", b"}", b"[", b"]", b":", b",", b" ", b"\t", b"\xff", b"\xef\xbb\xbf",
    b"\xe2\x80\xa8", b"\\ud800", b"\\u0000", b"1e400", b"-0", b"9007199254740992", b"null", b"true", b'"a":1,', b"data: ", b"event: x\n",
    b"id: 1\n", b": c\n", b"$(", b")", b"`", b"<<E\n", b"\nE\n", b"&&", b"|", b";", b"#", b"$x", b"*", b"~", b"- ", b"  ", b"&a ", b"*a", b"!!str ",
    b'"jsonrpc":"2.0"', b'"id":1', b"\xc3\xa9", b"\xf0\x9f\x98\x80",
]  # fmt: skip


@cache
def corpus(name: str) -> tuple[bytes, ...]:
    """Return the inputs kept for a target, in order."""
    return tuple(path.read_bytes() for path in sorted((CORPORA / name).iterdir()))


def changed(name: str, dice: random.Random) -> bytes:
    """Return one of the inputs kept for a target after a few changes."""
    entries = corpus(name)
    data = bytearray(entries[dice.randrange(len(entries))])
    for _ in range(dice.randrange(6)):
        start = dice.randrange(len(data) + 1)
        end = min(len(data), start + dice.choice([0, 1, 1, 2, 5, 40]))
        match dice.randrange(6):
            case 0:
                data[start:end] = TOKENS[dice.randrange(len(TOKENS))]
            case 1:
                data[start:start] = TOKENS[dice.randrange(len(TOKENS))]
            case 2:
                del data[start:end]
            case 3:
                data[start:start] = data[start:end] * dice.choice([1, 2, 50])
            case 4:
                other = entries[dice.randrange(len(entries))]
                at = dice.randrange(len(other) + 1)
                data[start:end] = other[at : at + dice.choice([4, 40, 400])]
            case _:
                if start < len(data):
                    data[start] = dice.randrange(256)
    return bytes(data)
