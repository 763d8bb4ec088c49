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
from itertools import accumulate
from typing import NoReturn

from occasio_verify.canonical import MAX_DEPTH, MAX_SAFE_INTEGER, Json
from occasio_verify.errors import MalformedError

MAX_BYTES = 64 * 2**20
"""The largest document that is read unless the caller says otherwise, in bytes."""

_MAX_INTEGER_LENGTH = len(str(-MAX_SAFE_INTEGER))

_ESCAPE = re.compile(r"\\.", re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}

# A \u escape that is whole: no surrogate, or a high and a low one in a row.  The digits are looked at although the C
# scanner has done so, because the Python scanner that some interpreters have in its place also reads \u+12f.
_WHOLE_ESCAPE = re.compile(
    r"\\(?:[^u]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)


def parse_json(data: bytes, *, max_bytes: int = MAX_BYTES, integers_only: bool = False) -> Json:
    """The value that `data` spells: objects as dicts in the order of the document, arrays as lists.

    Raises MalformedError: `too-large`, `bom`, `utf8`, `too-deep`, `duplicate-key`, `number-not-finite` (NaN, Infinity,
    1e400), `integer-range` (an integer beyond ±(2^53-1)), `lone-surrogate`, `not-json`, and with `integers_only` also
    `float` (a number with a fraction or an exponent).
    """
    text = _decoded(data, max_bytes)
    _check_depth(text)
    decoder = _INTEGERS if integers_only else _NUMBERS
    try:
        value: Json = decoder.decode(text)
    except json.JSONDecodeError as error:
        what = error.msg.lower().rstrip(": ").removesuffix(" at")
        raise MalformedError("not-json", f"{what}, at character {error.pos}") from None
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


def _check_depth(text: str) -> None:
    """Looks before the scanner does, which recurses; as far as `text` is JSON, the brackets found are its own."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    without_escapes = _ESCAPE.sub("", text) if "\\" in text else text
    outside_strings = "".join(without_escapes.split('"')[::2])
    depths = accumulate(map(_STEPS.__getitem__, _BRACKET.findall(outside_strings)))
    if any(depth > MAX_DEPTH for depth in depths):
        raise MalformedError("too-deep", f"arrays and objects lie more than {MAX_DEPTH} deep")


def _check_escapes(text: str) -> None:
    if "\\u" in text and "\\" in _WHOLE_ESCAPE.sub("", text):
        raise MalformedError("lone-surrogate", "a string holds half of a surrogate pair")


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


_NUMBERS = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_float, parse_constant=_refuse_constant
)
_INTEGERS = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_refuse_float, parse_constant=_refuse_constant
)
