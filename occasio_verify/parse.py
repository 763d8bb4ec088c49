"""Strict JSON from bytes: the one reader of everything that comes from outside.

Accepts what RFC 8259 and I-JSON (RFC 7493) both allow and nothing more, so that no two readers can take one document
for two values.  The scanner of the standard library reads; around it stand the rules that it lacks.  Whatever the
bytes, the only exception is MalformedError, and the work is linear in their number.

Of a document with several faults one is named: size, byte order mark, encoding and depth come first in this order, then
what the scanner meets first, half surrogate pairs last.

Knows no canonical form and no rows: `-0` is read as 0 and 1e-400 as 0.0, as RFC 8785 has them, and a row that spells a
number so is refused for not being canonical.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from itertools import accumulate
from typing import NoReturn

from occasio_verify.canonical import MAX_DEPTH, MAX_SAFE_INTEGER, Json
from occasio_verify.errors import MalformedError

MAX_BYTES = 64 * 2**20
"""The largest document that is read unless the caller says otherwise, in bytes."""

MAX_WIDE_DIGITS = 400
"""The most characters of an integer that is read as `wide_integers`."""

_MAX_INTEGER_LENGTH = len(str(-MAX_SAFE_INTEGER))
_SAFE_RECURSION_LIMIT = 5000  # the scanner recurses on the C stack, which has room for this much

_LONG = 4096  # characters; to count in more takes longer than to walk through what was read

_BRACKET = re.compile(r"[\[\]{}]")
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}

# The digits are looked at although the C scanner has done so, because the Python scanner that some interpreters have in
# its place also reads \u+12f.
_DOUBTFUL_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|(?![0-9a-fA-F]{4}))")
_BROKEN_ESCAPE = re.compile(
    r"\\u(?:(?![0-9a-fA-F]{4})"
    r"|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"  # the high half without the low one behind it
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u)[dD][c-fC-F])"  # the low half without the high one before it
)


def parse_json(
    data: bytes, *, max_bytes: int = MAX_BYTES, integers_only: bool = False, wide_integers: bool = False
) -> Json:
    """The value that `data` spells: objects as dicts in the order of the document, arrays as lists.

    `wide_integers` is for documents of others that are passed on: an integer of up to 400 characters is read as it is,
    although no canonical form and no other reader will have it.

    Raises MalformedError: `too-large`, `bom`, `utf8`, `too-deep`, `duplicate-key`, `number-not-finite` (NaN, Infinity,
    1e400), `integer-range` (an integer beyond ±(2^53-1)), `lone-surrogate`, `not-json`, and with `integers_only` also
    `float` (a number with a fraction or an exponent).
    """
    text = _decoded(data, max_bytes)
    guard_scanner(text)
    try:
        value: Json = _DECODERS[integers_only, wide_integers].decode(text)
    except json.JSONDecodeError as error:
        _check_depth(text)
        what = error.msg.lower().rstrip(": ").removesuffix(" at")
        raise MalformedError("not-json", f"{what}, at character {error.pos}") from None
    except (MalformedError, RecursionError):
        _check_depth(text)
        raise
    if (len(text) > _LONG or text.count("[") + text.count("{") > MAX_DEPTH) and nests_deeper(value, MAX_DEPTH):
        _refuse_depth()
    _check_escapes(text)
    return value


def _decoded(data: bytes, max_bytes: int) -> str:
    if len(data) > max_bytes:
        raise MalformedError("too-large", f"{len(data)} bytes are more than the {max_bytes} allowed here")
    if data.startswith(b"\xef\xbb\xbf"):
        raise MalformedError("bom", "a byte order mark stands before the document")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError("utf8", f"not UTF-8 from byte {error.start} on") from None


def guard_scanner(text: str) -> None:
    """Refuse text that nests too deep, where the interpreter would not stop the scanner before its stack overflows."""
    if sys.getrecursionlimit() > _SAFE_RECURSION_LIMIT:
        _check_depth(text)


def _check_depth(text: str) -> None:
    """For text that the scanner did not read: as far as it is JSON, the brackets found are its own."""
    without_escapes = _without_backslashes(text).replace('\\"', "..")
    outside_strings = "".join(without_escapes.split('"')[::2])
    depths = accumulate(_STEPS[bracket[0]] for bracket in _BRACKET.finditer(outside_strings))
    if any(depth > MAX_DEPTH for depth in depths):
        _refuse_depth()


def _refuse_depth() -> NoReturn:
    raise MalformedError("too-deep", f"arrays and objects lie more than {MAX_DEPTH} deep")


def nests_deeper(value: Json, levels: int) -> bool:
    """Whether more than so many arrays and objects lie within one another in `value`, made of plain dicts and lists."""
    level = [value] if type(value) is dict or type(value) is list else []
    for _ in range(levels):
        level = [
            inner
            for container in level
            for inner in (container.values() if type(container) is dict else container)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def _check_escapes(text: str) -> None:
    if "\\u" in text and _DOUBTFUL_ESCAPE.search(text) and _BROKEN_ESCAPE.search(_without_backslashes(text)):
        raise MalformedError("lone-surrogate", "a string holds half of a surrogate pair")


def _without_backslashes(text: str) -> str:
    """`text` with each escaped backslash blanked out, so that a backslash that is left begins an escape."""
    return text.replace("\\\\", "..")


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("duplicate-key", "an object has a key twice")
    return members


def _integer(digits: str) -> int:
    # the length first: int() is quadratic, and refuses more than 4300 digits with an error of its own
    if len(digits) <= _MAX_INTEGER_LENGTH:
        number = int(_ascii(digits))
        if -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER:
            return number
    raise MalformedError("integer-range", "an integer lies beyond ±(2^53-1)")


def _wide_integer(digits: str) -> int:
    if len(digits) > MAX_WIDE_DIGITS:
        raise MalformedError("integer-range", f"an integer of more than {MAX_WIDE_DIGITS} characters")
    return int(_ascii(digits))


def _float(digits: str) -> float:
    number = float(_ascii(digits))
    if math.isinf(number):
        raise MalformedError("number-not-finite", "a number is larger than any double")
    return number


def _ascii(digits: str) -> str:
    # as above, for the Python scanner: it takes the digits of every script
    if not digits.isascii():
        raise MalformedError("not-json", "a number has a digit other than 0 to 9")
    return digits


def _refuse_float(_digits: str) -> NoReturn:
    raise MalformedError("float", "a number has a fraction or an exponent where only integers may stand")


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedError("number-not-finite", f"`{name}` is not a number of JSON")


def _reader(parse_int: Callable[[str], int], parse_float: Callable[[str], float]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_members, parse_int=parse_int, parse_float=parse_float, parse_constant=_refuse_constant
    )


_DECODERS = {
    (False, False): _reader(_integer, _float),
    (False, True): _reader(_wide_integer, _float),
    (True, False): _reader(_integer, _refuse_float),
    (True, True): _reader(_wide_integer, _refuse_float),
}
